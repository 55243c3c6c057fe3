"""What a dossier holds, as tables of text: the same for the page, the sealed PDF and the sealed files.

Everything is read for all classes asked for at once; the number of queries does not grow with people or classes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.contenttypes.models import ContentType

from approvals.models import CardRequest, Decision, LicenceApplicant, LicenceApplication, PlatformSending, Review
from approvals.opinions import Item
from approvals.telling import is_told
from certification.clock import SHANGHAI
from certification.deadlines.models import Deadline
from certification.people.models import Person
from certification.portal import timeline
from certification.records.models import StoredFile, TransitionLog
from certification.workdays.wording import plain_day
from exams.models import (
    Candidate,
    ExamApplication,
    ExamPlanItem,
    ExamSession,
    Material,
    Result,
    RoomUse,
    Seat,
    SessionPart,
    StaffAssignment,
)
from exams.states import ResultState
from training.models import PlanReceipt, PlanTeacher, Roster, Trainee, TrainingPlan

Row = list[str]


@dataclass(frozen=True)
class Section:
    """One table. ``plan`` is the class whose part it belongs to, None for the session as a whole."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: list[Row]
    plan: TrainingPlan | None = None


@dataclass(frozen=True)
class Paper:
    """One stored file of a dossier, and what it is."""

    file: StoredFile
    title: str
    folder: str
    plan: TrainingPlan | None = None


@dataclass
class Contents:
    """All sections and papers, the session's first, then class by class."""

    sections: list[Section] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)


def contents(
    session: ExamSession, plans: Sequence[TrainingPlan], *, whole: bool, masked: bool, inside: bool = True
) -> Contents:
    """What the dossier of ``session`` holds about ``plans``; with ``whole`` also what belongs to no class.

    ``masked`` shows identity numbers as lists on screen do; the sealed files carry them whole. Without ``inside``
    it is what an institution is shown of its part: no result before its release, nothing that passes between tiers.
    """
    reader = _Reader(session, list(plans), masked=masked, inside=inside)
    found = Contents()
    if whole:
        for key, title, columns, read in SESSION_TABLES:
            found.sections.append(Section(key, title, columns, read(reader)))
        found.papers += reader.session_papers()
    tables = [(key, title, columns, read(reader)) for key, title, columns, read in CLASS_TABLES]
    papers = reader.class_papers()
    for plan in plans:
        for key, title, columns, rows in tables:
            found.sections.append(Section(key, title, columns, rows.get(plan.pk, []), plan))
        found.papers += papers.get(plan.pk, [])
    return found


class _Reader:
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
            found[plan_of(row)].append([_text(cell) for cell in cells(row)])
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

    def class_papers(self) -> dict[int, list[Paper]]:
        by_id = {plan.pk: plan for plan in self.plans}
        found: dict[int, list[Paper]] = defaultdict(list)
        rosters = Roster.objects.filter(plan__in=self.ids, file__isnull=False).select_related("file")
        for row in rosters.order_by("plan", "version"):
            found[row.plan_id].append(Paper(row.file, f"学员名单第{row.version}版", "rosters", by_id[row.plan_id]))
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
        return found


def _session(reader: _Reader) -> list[Row]:
    session = reader.session
    return _facts(
        ("期次编号", session.number),
        ("操作项目", session.job_type),
        ("考试组织单位", session.organiser),
        ("考试点", session.site),
        ("开考日期", session.starts_on),
        ("计划容量", session.capacity),
        ("状态", session.get_state_display()),
        ("公布时间", session.announced_at),
    )


def _session_parts(reader: _Reader) -> list[Row]:
    rows = SessionPart.objects.filter(session=reader.session).order_by("day", "first_slot")
    return [_row(row.get_part_display(), row.day, f"{row.starts_at}—{row.ends_at}") for row in rows]


def _exam_plan(reader: _Reader) -> list[Row]:
    rows = ExamPlanItem.objects.filter(session=reader.session).select_related("plan").order_by("pk")
    return [
        _row(
            row.plan.number,
            row.plan.title,
            row.expected,
            row.plan.filed_at,
            row.plan.get_state_display(),
            row.plan.answer,
        )
        for row in rows
    ]


def _staff(reader: _Reader) -> list[Row]:
    uses = RoomUse.objects.filter(part__session=reader.session)
    rows = StaffAssignment.objects.filter(use__in=uses).select_related("use__part", "use__room", "person")
    return [
        _row(
            row.use.part.get_part_display(),
            row.use.room.name,
            row.person.name,
            row.get_duty_display(),
            row.assigned_at,
            row.ended_at,
        )
        for row in rows.order_by("use__part__day", "use__room__name", "pk")
    ]


def _sendings(reader: _Reader) -> list[Row]:
    rows = PlatformSending.objects.filter(batch__session=reader.session).select_related(
        "batch", "file", "sent_by__person"
    )
    return [
        _row(row.batch.number, row.receipt_number, row.headcount, row.sent_by, row.sent_at, row.file.sha256)
        for row in rows.order_by("sent_at", "pk")
    ]


def _session_log(reader: _Reader) -> list[Row]:
    batches = LicenceApplication.objects.filter(session=reader.session)
    return _log_rows(
        {
            ExamSession: {reader.session.pk: reader.session.number},
            LicenceApplication: dict(batches.values_list("pk", "number")),
        }
    )


def _plan(reader: _Reader) -> dict[int, list[Row]]:
    teachers: dict[int, list[str]] = defaultdict(list)
    for row in PlanTeacher.objects.filter(plan__in=reader.ids).select_related("person").order_by("pk"):
        teachers[row.plan_id].append(row.person.name)
    return {
        plan.pk: _facts(
            ("报备编号", plan.number),
            ("培训机构", plan.institution),
            ("操作项目", plan.job_type),
            ("培训类型", plan.get_kind_display()),
            ("开班日期", plan.class_start),
            ("结班日期", plan.class_end),
            ("班级容量", plan.capacity),
            ("线下学时", plan.onsite_hours),
            ("线上学时", plan.online_hours),
            ("培训地点", plan.venue),
            ("教师", "、".join(teachers[plan.pk])),
            ("首次报备时间", plan.filed_at),
            ("状态", plan.get_state_display()),
        )
        for plan in reader.plans
    }


def _receipts(reader: _Reader) -> dict[int, list[Row]]:
    rows = PlanReceipt.objects.filter(plan__in=reader.ids).select_related("recipient").order_by("plan", "number")
    return reader.by_plan(
        rows,
        lambda row: row.plan_id,
        lambda row: (
            row.number,
            row.recipient,
            row.received_at,
            row.version,
            row.get_state_display(),
            row.answered_at,
            row.reason,
        ),
    )


def _rosters(reader: _Reader) -> dict[int, list[Row]]:
    rows = Roster.objects.filter(plan__in=reader.ids).select_related("file", "submitted_by__person")
    return reader.by_plan(
        rows.order_by("plan", "version"),
        lambda row: row.plan_id,
        lambda row: (
            row.version,
            row.headcount,
            row.submitted_by,
            row.submitted_at,
            row.file.sha256 if row.file else "",
        ),
    )


def _trainees(reader: _Reader) -> dict[int, list[Row]]:
    rows = Trainee.objects.filter(plan__in=reader.ids).select_related("person").order_by("plan", "pk")
    return reader.by_plan(
        rows,
        lambda row: row.plan_id,
        lambda row: (
            row.person.name,
            reader.number_of(row.person),
            row.get_education_display(),
            row.employer,
            row.get_state_display(),
        ),
    )


def _applications(reader: _Reader) -> dict[int, list[Row]]:
    return reader.by_application(
        reader.candidates,
        lambda row: (
            reader.number_of(row.application.person),
            row.application.get_kind_display(),
            row.application.batch.number if row.application.batch else "",
            row.application.first_submitted_at,
            row.application.get_state_display(),
        ),
    )


def _materials(reader: _Reader) -> dict[int, list[Row]]:
    return reader.by_application(
        reader.materials,
        lambda row: (
            row.get_kind_display(),
            row.file.name,
            row.submitted_at,
            row.replaced_at,
            row.file.size,
            row.file.sha256,
        ),
    )


def _reviews(reader: _Reader) -> dict[int, list[Row]]:
    rows = reader._of_applications(
        Review.objects.select_related("organisation", "reviewer__person"), "application", "at"
    )
    if not reader.inside:
        rows = [row for row in rows if is_told(row)]
    return reader.by_application(
        rows,
        lambda row: (
            row.get_stage_display(),
            row.get_outcome_display() + ("（附条件）" if row.conditional else ""),
            "；".join(filter(None, [row.reason, *(_item(item) for item in row.items)])),
            row.organisation,
            row.reviewer,
            row.at,
            row.late,
        ),
    )


def _admission(reader: _Reader) -> dict[int, list[Row]]:
    seats: dict[int, list[str]] = defaultdict(list)
    rows = Seat.objects.filter(candidate__in=reader.candidates).select_related("part", "use__room")
    for row in rows.order_by("part__day", "part__first_slot", "pk"):
        seats[row.candidate_id].append(f"{row.part.get_part_display()}：{row.use.room.name} {row.number}号")
    return reader.by_application(
        reader.candidates,
        lambda row: (
            row.ticket_number,
            "；".join(seats[row.pk]),
            row.listed_at,
            row.previous.session.number if row.previous else "",
            row.retake,
            row.get_state_display(),
        ),
    )


def _results(reader: _Reader) -> dict[int, list[Row]]:
    by_candidate = {row.pk: row.application_id for row in reader.candidates}
    rows = list(
        Result.objects.filter(candidate__in=reader.candidates)
        .select_related("entered_by__person", "checked_by__person", "carried_from__candidate__session")
        .order_by("candidate", "-part")
    )
    if not reader.inside:
        rows = [row for row in rows if row.state == ResultState.RELEASED]
    for row in rows:
        row.application_id = by_candidate[row.candidate_id]
    return reader.by_application(
        rows,
        lambda row: (
            row.get_part_display(),
            "缺考" if row.absent else row.score,
            "；".join(f"{name} {points}" for name, points in sorted(row.subscores.items())),
            row.passed,
            f"结转自{row.carried_from.candidate.session.number}" if row.carried_from else "",
            row.entered_by,
            row.checked_by,
            row.released_at,
        ),
    )


def _licences(reader: _Reader) -> dict[int, list[Row]]:
    rows = LicenceApplicant.objects.filter(candidate__in=reader.candidates).select_related("batch", "candidate")
    rows = list(rows.order_by("candidate", "pk"))
    for row in rows:
        row.application_id = row.candidate.application_id
    return reader.by_application(
        rows,
        lambda row: (
            row.batch.number,
            row.batch.platform_receipt,
            row.received_at,
            row.accepted_at,
            row.reconciled_at,
            "；".join(f"{one['field']}：报送“{one['sent']}”，记录“{one['held']}”" for one in row.differences),
            row.get_state_display(),
        ),
    )


def _decisions(reader: _Reader) -> dict[int, list[Row]]:
    for row in reader.decisions:
        row.application_id = row.applicant.candidate.application_id
    return reader.by_application(
        reader.decisions,
        lambda row: (
            row.number,
            row.get_outcome_display(),
            "；".join(filter(None, [row.facts, row.basis, row.reasons])),
            row.decided_by,
            row.decided_at,
            f"T{reader.number_of(row.certificate.person)}" if row.certificate else "",
            row.certificate.valid_until if row.certificate else "",
            row.get_service_method_display(),
            row.service_evidence,
            row.served_at,
        ),
    )


def _cards(reader: _Reader) -> dict[int, list[Row]]:
    rows = CardRequest.objects.filter(applicant__candidate__in=reader.candidates).select_related(
        "window", "applicant__candidate", "handed_over_by__person"
    )
    rows = list(rows.order_by("applicant", "pk"))
    for row in rows:
        row.application_id = row.applicant.candidate.application_id
    return reader.by_application(
        rows,
        lambda row: (
            row.window,
            row.card_number,
            row.get_state_display(),
            row.printed_at,
            row.handed_over_by,
            row.handed_over_at,
        ),
    )


def _deadlines(reader: _Reader) -> dict[int, list[Row]]:
    rows = Deadline.objects.filter(
        subject_type=ContentType.objects.get_for_model(ExamApplication), subject_id__in=list(reader.applications)
    ).select_related("rule", "responsible")
    return reader.by_application(
        rows.order_by("subject_id", "due_on", "pk"),
        lambda row: (
            row.rule.title,
            row.rule.clause,
            row.responsible,
            row.anchor_on,
            row.due_on,
            row.met_at,
            row.breached_at,
            row.closed_reason,
        ),
        path="subject_id",
    )


def _log(reader: _Reader) -> dict[int, list[Row]]:
    names = {row.application_id: f"{row.application.number} {row.application.person.name}" for row in reader.candidates}
    plan_of = {pk: application.plan_id for pk, application in reader.applications.items()}
    found: dict[int, list[Row]] = defaultdict(list)
    hidden = frozenset() if reader.inside else timeline.kept_inside(ExamApplication._meta.label)
    for pk, row in _log_lines({ExamApplication: names}, hidden):
        found[plan_of[pk]].append(row)
    return found


def _log_rows(subjects: dict[type, dict[int, str]]) -> list[Row]:
    return [row for _pk, row in _log_lines(subjects)]


def _log_lines(subjects: dict[type, dict[int, str]], hidden: frozenset[str] = frozenset()) -> list[tuple[int, Row]]:
    """Steps of the named subjects, without those ``hidden``, in the order in which they happened: (subject id, row)."""
    found = []
    for model, names in subjects.items():
        rows = TransitionLog.objects.filter(
            subject_type=ContentType.objects.get_for_model(model), subject_id__in=list(names)
        ).select_related("actor__person")
        for row in rows.exclude(name__in=hidden).order_by("at", "pk"):
            found.append(
                (
                    row.at,
                    row.pk,
                    row.subject_id,
                    _row(
                        names[row.subject_id],
                        timeline.label(model._meta.label, row.name, row.detail),
                        row.actor,
                        row.at,
                        row.reason,
                    ),
                )
            )
    return [(pk, row) for _at, _id, pk, row in sorted(found, key=lambda one: one[:2])]


def _facts(*pairs: tuple[str, object]) -> list[Row]:
    return [[label, _text(value)] for label, value in pairs]


def _row(*cells) -> Row:
    return [_text(cell) for cell in cells]


def _text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else ""
    if isinstance(value, datetime):
        local = value.astimezone(SHANGHAI)
        return f"{plain_day(local)} {local:%H:%M}"
    if isinstance(value, date):
        return plain_day(value)
    return str(value)


def _item(item: dict) -> str:
    return f"{Item(item.get('material', ''), item['text']).label}：{item['text']}"


_PERSON = ("申报编号", "姓名")

SESSION_TABLES = (
    ("session", "场次", ("项目", "内容"), _session),
    ("parts", "考试科目与时间", ("科目", "日期", "时间"), _session_parts),
    ("exam_plan", "考试计划", ("编号", "名称", "预计人数", "报送时间", "状态", "省厅考试中心意见"), _exam_plan),
    ("staff", "考务人员", ("科目", "考场", "姓名", "职责", "安排时间", "解除时间"), _staff),
    ("platform", "平台报送", ("申请编号", "平台回执号", "人数", "报送人", "报送时间", "文件校验值"), _sendings),
    ("session_log", "场次办理记录", ("事项", "环节", "办理人", "时间", "说明"), _session_log),
)
CLASS_TABLES = (
    ("plan", "培训计划", ("项目", "内容"), _plan),
    ("receipts", "报备回执", ("回执编号", "接收单位", "首次收到时间", "版本", "状态", "处理时间", "意见"), _receipts),
    ("rosters", "学员名单版本", ("版本", "人数", "提交人", "提交时间", "文件校验值"), _rosters),
    ("trainees", "学员", ("姓名", "证件号码", "文化程度", "工作单位", "状态"), _trainees),
    (
        "applications",
        "考试申报",
        (*_PERSON, "证件号码", "申请类型", "申报批次", "首次收到时间", "状态"),
        _applications,
    ),
    ("materials", "申报材料目录", (*_PERSON, "材料", "文件名", "上传时间", "替换时间", "字节", "校验值"), _materials),
    ("reviews", "审核意见", (*_PERSON, "环节", "意见", "理由和补正事项", "单位", "审核人", "时间", "逾期"), _reviews),
    ("admission", "准考名单", (*_PERSON, "准考证号", "座位", "安排时间", "上一场次", "补考", "状态"), _admission),
    ("results", "成绩", (*_PERSON, "科目", "成绩", "分项", "合格", "结转", "录入人", "复核人", "公布时间"), _results),
    (
        "licences",
        "发证许可申请",
        (*_PERSON, "申请编号", "平台回执号", "收到时间", "受理时间", "核对时间", "差异", "状态"),
        _licences,
    ),
    (
        "decisions",
        "许可决定与送达",
        (
            *_PERSON,
            "文号",
            "决定",
            "事实、依据和理由",
            "决定人",
            "决定时间",
            "证号",
            "有效期至",
            "送达方式",
            "送达凭证",
            "送达时间",
        ),
        _decisions,
    ),
    ("cards", "实体证书", (*_PERSON, "窗口", "卡片流水号", "状态", "制证时间", "发放人", "领取时间"), _cards),
    (
        "deadlines",
        "时限",
        (*_PERSON, "规则", "条款", "责任单位", "起算日", "截止日", "办结时间", "逾期时间", "终止原因"),
        _deadlines,
    ),
    ("log", "办理记录", ("事项", "环节", "办理人", "时间", "说明"), _log),
)
