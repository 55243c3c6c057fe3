"""Reads one session and some of its classes, each kind of row once."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from django.contrib.contenttypes.models import ContentType

from approvals.dossier_sections.cells import text
from approvals.dossier_sections.shapes import Paper, Row
from approvals.models import ClockNotice, Decision, PlatformSending
from certification.people.models import Person
from certification.records.models import StoredFile
from exams.models import Candidate, ExamSession, Material
from training.models import HoursProof, OnlineImport, Roster, SpotAnswer, SpotCheck, TrainingPlan


class Reader:
    """Reads one session and some of its classes, each kind of row once."""

    def __init__(self, session: ExamSession, plans: list[TrainingPlan], *, masked: bool, inside: bool):
        self.session = session
        self.masked, self.inside = masked, inside
        self.plans = plans
        self.ids = [plan.pk for plan in plans]
        self.candidates = list(
            Candidate.objects.filter(session=session, application__plan__in=self.ids)
            .select_related("application__person", "application__batch", "previous__session")
            .order_by("application__number", "pk")
        )
        self.applications = {row.application_id: row.application for row in self.candidates}
        self.materials = self._of_applications(Material.objects.select_related("file"), "application", "submitted_at")
        self.decisions = list(
            Decision.objects.filter(applicant__candidate__in=self.candidates)
            .select_related(
                "applicant__candidate__application__person", "certificate__person", "decided_by__person", "letter"
            )
            .order_by("number", "pk")
        )

    def _of_applications(self, queryset, path: str, *order: str) -> list:
        return list(queryset.filter(**{f"{path}__in": list(self.applications)}).order_by(f"{path}_id", *order, "pk"))

    def by_plan(self, rows: Iterable, plan_of: Callable, cells: Callable) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            found[plan_of(row)].append([text(cell) for cell in cells(row)])
        return found

    def by_application(self, rows: Iterable, cells: Callable, path: str = "application_id") -> dict[int, list[Row]]:
        """Rows about applications, each led by the application's number and the person's name."""

        def led(row):
            application = self.applications[getattr(row, path)]
            return [application.number, application.person.name, *cells(row)]

        return self.by_plan(rows, lambda row: self.applications[getattr(row, path)].plan_id, led)

    def number_of(self, person: Person) -> str:
        """The person's identity number, whole or masked."""
        return person.masked_number if self.masked else person.document_number

    def session_papers(self) -> list[Paper]:
        rows = PlatformSending.objects.filter(batch__session=self.session).select_related("file", "batch")
        return [
            Paper(row.file, f"平台报送文件（{row.batch.number}，回执{row.receipt_number}）", "platform")
            for row in rows.order_by("sent_at", "pk")
        ]

    def _check_files(self) -> list[tuple[StoredFile, int]]:
        """Photographs of spot checks and the evidence of their remedy, each with the class that it is about."""
        found = []
        for model, path in ((SpotCheck, "plan"), (SpotAnswer, "visit__plan")):
            plan_of = dict(model.objects.filter(**{f"{path}__in": self.ids}).values_list("pk", path))
            rows = StoredFile.objects.filter(
                owner_type=ContentType.objects.get_for_model(model), owner_id__in=list(plan_of)
            )
            found += [(row, plan_of[row.owner_id]) for row in rows.order_by("owner_id", "pk")]
        return found

    def class_papers(self) -> dict[int, list[Paper]]:
        by_id = {plan.pk: plan for plan in self.plans}
        found: dict[int, list[Paper]] = defaultdict(list)
        rosters = Roster.objects.filter(plan__in=self.ids, file__isnull=False).select_related("file")
        for row in rosters.order_by("plan", "version"):
            found[row.plan_id].append(Paper(row.file, f"学员名单第{row.version}版", "rosters", by_id[row.plan_id]))
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
            title = f"{application.number} {application.person.name} {row.get_kind_display()}{replaced}"
            folder = f"materials/{application.number}"
            found[application.plan_id].append(Paper(row.file, title, folder, by_id[application.plan_id]))
        for row in self.decisions:
            if row.letter_id:
                application = row.applicant.candidate.application
                title = f"{row.number} {application.person.name}"
                found[application.plan_id].append(Paper(row.letter, title, "letters", by_id[application.plan_id]))
        notices = ClockNotice.objects.filter(applicant__candidate__in=self.candidates, letter__isnull=False)
        for row in notices.select_related("letter", "applicant__candidate").order_by("pk"):
            application = self.applications[row.applicant.candidate.application_id]
            title = f"{row.number} {application.person.name} {row.get_kind_display()}"
            found[application.plan_id].append(Paper(row.letter, title, "letters", by_id[application.plan_id]))
        return found
