"""Reads one session and some of its classes, each kind of row once."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.db.models import F

from approvals.dossiers.sections.cells import text
from approvals.dossiers.sections.followed import Kind
from approvals.dossiers.sections.shapes import Paper, Row
from approvals.models import ClockNotice, Decision, PlatformReturn, PlatformSending, ServiceEvent
from certification.imports.models import ImportFile
from certification.imports.states import ImportState
from certification.people.models import Person
from certification.records.models import StoredFile
from exams.models import Candidate, ExamSession, Material
from exams.scores import importing
from training.models import HoursProof, OnlineImport, Roster, SpotAnswer, SpotCheck, TrainingPlan


@dataclass
class Case:
    """One followed case: what it is called, and the classes in whose part it stands (None: the session's)."""

    name: str
    plans: set[int | None] = field(default_factory=set)


class Reader:
    """Reads one session and some of its classes, each kind of row once."""

    def __init__(self, session: ExamSession, plans: list[TrainingPlan], *, masked: bool, inside: bool):
        self.session = session
        self.masked, self.inside = masked, inside
        self.plans = plans
        self._cases: dict[Kind, dict[int, Case]] = {}
        self.ids = [plan.pk for plan in plans]
        self.candidates = list(
            Candidate.objects.filter(session=session, application__plan__in=self.ids)
            .select_related("application__person", "application__batch", "previous__session")
            .order_by("application__number", "pk")
        )
        self.applications = {row.application_id: row.application for row in self.candidates}
        self.materials = self._of_applications(Material.objects.select_related("file"), "application", "submitted_at")
        for paper in self.materials:
            paper.application = self.applications[paper.application_id]
        self.decisions = list(
            Decision.objects.filter(applicant__candidate__in=self.candidates)
            .select_related(
                "applicant__candidate__application__person",
                "certificate__person",
                "decided_by__person",
                "decided_on_behalf_of__person",
                "approved_by__person",
                "approved_on_behalf_of__person",
                "letter",
            )
            .order_by("number", "pk")
        )

    def cases(self, kind: Kind) -> dict[int, Case]:
        """The cases of a kind that belong to what is read, by their key; read once."""
        if kind not in self._cases:
            self._cases[kind] = self._read_cases(kind)
        return self._cases[kind]

    def _read_cases(self, kind: Kind) -> dict[int, Case]:
        wanted = {kind.session: self.session.pk} | ({f"{kind.plan}__in": self.ids} if kind.plan else {})
        rows = kind.model.objects.filter(**wanted).select_related(*kind.related)
        found: dict[int, Case] = {}
        for row in rows.annotate(part_of=F(kind.plan)) if kind.plan else rows:
            case = found.setdefault(row.pk, Case(kind.name(row)))
            case.plans.add(row.part_of if kind.plan else None)
        return found

    def _of_applications(self, queryset, path: str, *order: str) -> list:
        return list(queryset.filter(**{f"{path}__in": list(self.applications)}).order_by(f"{path}_id", *order, "pk"))

    def by_plan(self, rows: Iterable, plan_of: Callable, cells: Callable) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            found[plan_of(row)].append([text(cell) for cell in cells(row)])
        return found

    def by_application(
        self,
        rows: Iterable,
        cells: Callable,
        application_of: Callable[[Any], int] = attrgetter("application_id"),
    ) -> dict[int, list[Row]]:
        """Rows about applications, each led by the application's number and the person's name; ``application_of`` says
        whose a row is."""

        def led(row):
            application = self.applications[application_of(row)]
            return [application.number, application.person.name, *cells(row)]

        return self.by_plan(rows, lambda row: self.applications[application_of(row)].plan_id, led)

    def number_of(self, person: Person) -> str:
        """The person's identity number, whole or masked."""
        return person.masked_number if self.masked else person.document_number

    def session_papers(self) -> list[Paper]:
        rows = PlatformSending.objects.filter(batch__session=self.session).select_related("file", "batch")
        found = [
            Paper(row.file, f"平台报送文件（{row.batch.number}，回执{row.receipt_number}）", "platform")
            for row in rows.order_by("sent_at", "pk")
        ]
        returns = PlatformReturn.objects.filter(batch__session=self.session).select_related("file", "batch")
        found += [Paper(row.file, f"平台返回文件（{row.batch.number}）", "platform") for row in returns.order_by("pk")]
        return [*found, *self._score_files()]

    def _score_files(self) -> list[Paper]:
        """The files from which scores were entered or read a second time, with their corrections."""
        part_of = {part.pk: part.get_part_display() for part in self.session.parts.all()}
        titles = {importing.ENTRY: "成绩文件", importing.READING: "核对成绩文件"}
        files = ImportFile.objects.filter(
            owner_import__purpose__in=titles,
            owner_import__subject_id__in=list(part_of),
            owner_import__state=ImportState.SAVED,
        )
        return [
            Paper(row.file, f"{part_of[row.owner_import.subject_id]}{titles[row.owner_import.purpose]}", "scores")
            for row in files.select_related("file", "owner_import").order_by("owner_import", "number")
        ]

    def _check_files(self) -> list[tuple[StoredFile, int]]:
        """Photographs of spot checks and the evidence of their remedy, each with the class that it is about."""
        found = []
        for model, path in ((SpotCheck, "plan"), (SpotAnswer, "visit__plan")):
            plan_of = dict(model.objects.filter(**{f"{path}__in": self.ids}).values_list("pk", path))
            rows = StoredFile.objects.of(model, plan_of)
            found += [(row, plan_of[row.owner_id]) for row in rows.order_by("owner_id", "pk")]
        return found

    def _letters(self, by_id: dict[int, TrainingPlan]) -> list[Paper]:
        """The letters of the decisions."""
        found = []
        for row in self.decisions:
            if row.letter_id:
                application = row.applicant.candidate.application
                plan = by_id[application.plan_id]
                found.append(Paper(row.letter, f"{row.number} {application.person.name}", "letters", plan))
        return found

    def _receipts(self, by_id: dict[int, TrainingPlan]) -> list[Paper]:
        """Signed receipts of letters that were handed over."""
        decisions = {row.pk: row for row in self.decisions}
        rows = ServiceEvent.objects.filter(decision__in=list(decisions), file__isnull=False).select_related("file")
        found = []
        for row in rows.order_by("pk"):
            application = decisions[row.decision_id].applicant.candidate.application
            title = f"送达回证 {row.receipt_number} {application.person.name}"
            found.append(Paper(row.file, title, "letters", by_id[application.plan_id]))
        return found

    def class_papers(self) -> dict[int, list[Paper]]:
        by_id = {plan.pk: plan for plan in self.plans}
        found: dict[int, list[Paper]] = defaultdict(list)
        rosters = Roster.objects.filter(plan__in=self.ids).select_related("file", "upload")
        for row in rosters.prefetch_related("upload__files__file").order_by("plan", "version"):
            plan = by_id[row.plan_id]
            for place, file in enumerate(row.received()):
                correction = f"（改正{place}）" if place else ""
                found[plan.pk].append(Paper(file, f"学员名单第{row.version}版{correction}", "rosters", plan))
        for row in OnlineImport.objects.filter(plan__in=self.ids).select_related("file").order_by("plan", "pk"):
            found[row.plan_id].append(Paper(row.file, f"线上学时 {row}", "online_hours", by_id[row.plan_id]))
        proofs = HoursProof.objects.current().filter(trainee__plan__in=self.ids, file__isnull=False)
        for row in proofs.select_related("file", "trainee__person").order_by("trainee__plan", "number"):
            plan = by_id[row.trainee.plan_id]
            found[plan.pk].append(Paper(row.file, f"学时证明 {row.number} {row.trainee}", "hours_proofs", plan))
        for row, plan_id in self._check_files():
            title = f"培训检查 {row.name}"
            found[plan_id].append(Paper(row, title, "spot_checks", by_id[plan_id]))
        for row in self.materials:
            application = self.applications[row.application_id]
            replaced = "（已替换）" if row.replaced_at else ""
            title = f"{application.number} {application.person.name} {row.name}{replaced}"
            folder = f"materials/{application.number}"
            found[application.plan_id].append(Paper(row.file, title, folder, by_id[application.plan_id]))
        for paper in [*self._letters(by_id), *self._receipts(by_id)]:
            found[paper.plan.pk].append(paper)
        notices = ClockNotice.objects.filter(applicant__candidate__in=self.candidates, letter__isnull=False)
        for row in notices.select_related("letter", "applicant__candidate").order_by("pk"):
            application = self.applications[row.applicant.candidate.application_id]
            title = f"{row.number} {application.person.name} {row.get_kind_display()}"
            found[application.plan_id].append(Paper(row.letter, title, "letters", by_id[application.plan_id]))
        return found
