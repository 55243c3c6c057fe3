"""What belongs to the session as a whole."""

from django.db.models import Count

from approvals.dossiers.sections.cells import cells, facts
from approvals.dossiers.sections.clocks import DEADLINE_COLUMNS, deadlines
from approvals.dossiers.sections.followed import SESSION_KINDS
from approvals.dossiers.sections.inboxes import INBOX_COLUMNS, session_inboxes
from approvals.dossiers.sections.reading import Reader
from approvals.dossiers.sections.shapes import Row
from approvals.dossiers.sections.steps import STEP_COLUMNS, all_steps
from approvals.dossiers.sections.telling import REMINDER_COLUMNS, reminders
from approvals.models import AcceptanceNotice, PlatformReturn, PlatformSending
from exams.models import ExamPlanItem, RoomUse, SessionPart, StaffAssignment


def _session(reader: Reader) -> list[Row]:
    session = reader.session
    return facts(
        ("期次编号", session.number),
        ("操作项目", session.job_type),
        ("考试组织单位", session.organiser),
        ("考试点", session.site),
        ("考试点所在区域", session.site.place),
        ("开考日期", session.starts_on),
        ("计划容量", session.capacity),
        ("状态", session.get_state_display()),
        ("公布时间", session.announced_at),
    )


def _session_parts(reader: Reader) -> list[Row]:
    rows = SessionPart.objects.filter(session=reader.session).order_by("day", "first_slot")
    return [cells(row.get_part_display(), row.day, f"{row.starts_at}—{row.ends_at}") for row in rows]


def _exam_plan(reader: Reader) -> list[Row]:
    rows = ExamPlanItem.objects.filter(session=reader.session).select_related("plan").order_by("pk")
    return [
        cells(
            row.plan.number,
            row.plan.title,
            row.expected,
            row.final,
            row.plan.filed_at,
            row.plan.get_state_display(),
            row.plan.answer,
        )
        for row in rows
    ]


def _staff(reader: Reader) -> list[Row]:
    uses = RoomUse.objects.filter(part__session=reader.session)
    rows = StaffAssignment.objects.filter(use__in=uses).select_related(
        "use__part", "use__room", "person", "replaces__person"
    )
    return [
        cells(
            row.use.part.get_part_display(),
            row.use.room.name,
            row.person.name,
            row.get_duty_display(),
            row.assigned_at,
            row.get_state_display(),
            row.answered_at,
            row.ended_at,
            row.reason,
            row.replaces.person.name if row.replaces else "",
        )
        for row in rows.order_by("use__part__day", "use__room__name", "pk")
    ]


def _sendings(reader: Reader) -> list[Row]:
    rows = PlatformSending.objects.filter(batch__session=reader.session).select_related(
        "batch", "file", "sent_by__person"
    )
    return [
        cells(row.batch.number, row.receipt_number, row.headcount, row.sent_by, row.sent_at, row.file.sha256)
        for row in rows.order_by("sent_at", "pk")
    ]


def _returns(reader: Reader) -> list[Row]:
    rows = PlatformReturn.objects.filter(batch__session=reader.session).select_related("batch", "file", "uploaded_by")
    return [
        cells(
            row.batch.number, row.headcount, "、".join(row.unknown), row.uploaded_by, row.uploaded_at, row.file.sha256
        )
        for row in rows.order_by("pk")
    ]


def _acceptances(reader: Reader) -> list[Row]:
    """Notices of acceptance; the papers name people of several institutions."""
    rows = AcceptanceNotice.objects.filter(batch__session=reader.session).select_related(
        "batch", "letter", "made_by__person"
    )
    return [
        cells(
            row.number,
            row.batch.number,
            row.headcount,
            row.made_by,
            row.made_at,
            row.letter.sha256 if row.letter else "",
        )
        for row in rows.annotate(headcount=Count("applicants")).order_by("pk")
    ]


def _session_deadlines(reader: Reader) -> list[Row]:
    return deadlines(reader, SESSION_KINDS)[None]


def _session_reminders(reader: Reader) -> list[Row]:
    return reminders(reader, SESSION_KINDS)[None]


def _session_log(reader: Reader) -> list[Row]:
    """All steps: the session's part is for those who work on it."""
    return all_steps(reader, SESSION_KINDS)[None]


SESSION_TABLES = (
    ("session", "场次", ("项目", "内容"), _session),
    ("parts", "考试科目与时间", ("科目", "日期", "时间"), _session_parts),
    (
        "exam_plan",
        "考试计划",
        ("编号", "名称", "预计人数", "审核后核定人数", "报送时间", "状态", "省厅考试中心意见"),
        _exam_plan,
    ),
    (
        "staff",
        "考务人员",
        ("科目", "考场", "姓名", "职责", "安排时间", "答复", "答复时间", "解除时间", "原因", "接替"),
        _staff,
    ),
    ("platform", "平台报送", ("申请编号", "平台回执号", "人数", "报送人", "报送时间", "文件校验值"), _sendings),
    (
        "platform_returns",
        "平台返回文件核对",
        ("申请编号", "行数", "申请中没有的人员", "上传人", "上传时间", "文件校验值"),
        _returns,
    ),
    (
        "acceptances",
        "受理通知书",
        ("文号", "申请编号", "人数", "受理人", "受理时间", "文件校验值"),
        _acceptances,
    ),
    ("session_deadlines", "场次时限", DEADLINE_COLUMNS, _session_deadlines),
    ("session_reminders", "场次时限提醒", REMINDER_COLUMNS, _session_reminders),
    ("session_inbox", "站内通知", INBOX_COLUMNS, session_inboxes),
    ("session_log", "场次办理记录", STEP_COLUMNS, _session_log),
)
