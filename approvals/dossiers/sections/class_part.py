"""What belongs to each training class in the session, from its plan to its cards."""

from collections import defaultdict

from approvals.dossiers.sections.cells import facts
from approvals.dossiers.sections.class_life import CLASS_LIFE_TABLES
from approvals.dossiers.sections.clocks import DEADLINE_COLUMNS, deadlines
from approvals.dossiers.sections.followed import CLASS_KINDS
from approvals.dossiers.sections.inboxes import INBOX_COLUMNS, class_inboxes
from approvals.dossiers.sections.reading import Reader
from approvals.dossiers.sections.shapes import Row
from approvals.dossiers.sections.steps import STEP_COLUMNS, kept_steps, told_steps
from approvals.dossiers.sections.telling import (
    ENDING_COLUMNS,
    HANDOVER_COLUMNS,
    NOTICE_COLUMNS,
    REMINDER_COLUMNS,
    endings,
    handovers,
    notices,
    reminders,
)
from approvals.models import CardRequest, Decision, LicenceApplicant, Review, ServiceEvent, Withdrawal
from approvals.reviews.opinions import Item
from approvals.reviews.telling import is_told
from certification.people.models import Bar
from exams.models import Result, ScoreRecheck, Seat
from exams.models.results import SIGNED_BY
from exams.states import ResultState
from training.models import PlanReceipt, PlanTeacher, Roster, Trainee


def _plan(reader: Reader) -> dict[int, list[Row]]:
    teachers: dict[int, list[str]] = defaultdict(list)
    for row in PlanTeacher.objects.filter(plan__in=reader.ids).select_related("person").order_by("pk"):
        teachers[row.plan_id].append(row.person.name)
    return {
        plan.pk: facts(
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


def _receipts(reader: Reader) -> dict[int, list[Row]]:
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


def _rosters(reader: Reader) -> dict[int, list[Row]]:
    rows = Roster.objects.filter(plan__in=reader.ids).select_related("file", "upload", "submitted_by__person")
    rows = rows.prefetch_related("upload__files__file")
    return reader.by_plan(
        rows.order_by("plan", "version"),
        lambda row: row.plan_id,
        lambda row: (
            row.version,
            row.headcount,
            row.submitted_by,
            row.submitted_at,
            " ".join(file.sha256 for file in row.received()),
        ),
    )


def _trainees(reader: Reader) -> dict[int, list[Row]]:
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


def _applications(reader: Reader) -> dict[int, list[Row]]:
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


def _materials(reader: Reader) -> dict[int, list[Row]]:
    return reader.by_application(
        reader.materials,
        lambda row: (
            row.name,
            row.file.name,
            row.submitted_at,
            row.replaced_at,
            row.file.size,
            row.file.sha256,
        ),
    )


def _reviews(reader: Reader) -> dict[int, list[Row]]:
    rows = reader._of_applications(
        Review.objects.select_related("organisation", "reviewer__person", "on_behalf_of__person"), "application", "at"
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
            row.reviewer_name,
            row.at,
            row.late,
        ),
    )


def _admission(reader: Reader) -> dict[int, list[Row]]:
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


def _rechecks(reader: Reader) -> dict[int, list[Row]]:
    by_candidate = {row.pk: row.application_id for row in reader.candidates}
    rows = ScoreRecheck.objects.filter(result__candidate__in=reader.candidates).select_related("result").order_by("pk")
    return reader.by_application(
        rows,
        lambda row: (
            row.number,
            row.result.get_part_display(),
            row.requested_at,
            row.reason,
            row.get_state_display(),
            row.answer,
            row.answered_at,
        ),
        lambda row: by_candidate[row.result.candidate_id],
    )


def _results(reader: Reader) -> dict[int, list[Row]]:
    by_candidate = {row.pk: row.application_id for row in reader.candidates}
    rows = list(
        Result.objects.filter(candidate__in=reader.candidates)
        .select_related(*SIGNED_BY, "carried_from__candidate__session")
        .order_by("candidate", "-part")
    )
    if not reader.inside:
        rows = [row for row in rows if row.state == ResultState.RELEASED]
    return reader.by_application(
        rows,
        lambda row: (
            row.get_part_display(),
            "缺考" if row.absent else "成绩取消" if row.cancelled else row.score,
            "；".join(f"{name} {points}" for name, points in sorted(row.subscores.items())),
            row.passed,
            f"结转自{row.carried_from.candidate.session.number}" if row.carried_from else "",
            row.entered_by_name,
            row.checked_by_name,
            row.released_at,
        ),
        lambda row: by_candidate[row.candidate_id],
    )


def _licences(reader: Reader) -> dict[int, list[Row]]:
    rows = LicenceApplicant.objects.filter(candidate__in=reader.candidates).select_related(
        "batch",
        "candidate",
        "acceptance",
        "accepted_by__person",
        "accepted_on_behalf_of__person",
        "reconciled_by__person",
        "reconciled_on_behalf_of__person",
    )
    return reader.by_application(
        rows.order_by("candidate", "pk"),
        lambda row: (
            row.batch.number,
            row.batch.platform_receipt,
            row.received_at,
            row.accepted_by_name,
            row.accepted_at,
            row.acceptance,
            row.reconciled_by_name,
            row.reconciled_at,
            "；".join(f"{one['field']}：报送“{one['sent']}”，记录“{one['held']}”" for one in row.differences),
            row.get_state_display(),
        ),
        lambda row: row.candidate.application_id,
    )


def _decisions(reader: Reader) -> dict[int, list[Row]]:
    return reader.by_application(
        reader.decisions,
        lambda row: (
            row.number,
            row.get_outcome_display(),
            "；".join(filter(None, [row.facts, row.basis, row.reasons, row.apply_to and f"应当向{row.apply_to}申请"])),
            f"{row.decided_by_name}拟办，{row.approved_by_name}批准" if row.approved_by else row.decided_by_name,
            row.decided_at,
            f"T{reader.number_of(row.certificate.person)}" if row.certificate else "",
            row.certificate.valid_until if row.certificate else "",
            row.get_service_method_display(),
            row.service_evidence,
            row.served_at,
        ),
        _of_decision,
    )


def _withdrawals(reader: Reader) -> dict[int, list[Row]]:
    """Applications that ended without a decision: withdrawn, or corrections that were not answered."""
    rows = Withdrawal.objects.filter(applicant__candidate__in=reader.candidates).select_related(
        "applicant__batch",
        "applicant__candidate",
        "correction",
        "notice",
        "file",
        "recorded_by__person",
        "recorded_on_behalf_of__person",
    )
    return reader.by_application(
        rows.order_by("applicant", "pk"),
        lambda row: (
            row.applicant.batch.number,
            row.get_kind_display(),
            row.asked_on,
            row.correction,
            row.due_on,
            row.reason,
            row.recorded_by_name,
            row.recorded_at,
            row.notice,
            row.file.sha256 if row.file else "",
        ),
        lambda row: row.applicant.candidate.application_id,
    )


def _service(reader: Reader) -> dict[int, list[Row]]:
    """What proves service: letters made, seen, opened, signed for."""
    found = {row.pk: _of_decision(row) for row in reader.decisions}
    rows = ServiceEvent.objects.filter(decision__in=list(found)).select_related("decision", "by__person")
    return reader.by_application(
        rows.order_by("decision__number", "at", "pk"),
        lambda row: (
            row.decision.number,
            str(row),
            row.at,
            row.by or "本人",
            row.detail,
            row.receipt_number,
        ),
        lambda row: found[row.decision_id],
    )


def _cards(reader: Reader) -> dict[int, list[Row]]:
    rows = CardRequest.objects.filter(applicant__candidate__in=reader.candidates).select_related(
        "window", "applicant__candidate", "handed_over_by__person"
    )
    return reader.by_application(
        rows.order_by("applicant", "pk"),
        lambda row: (
            row.window,
            row.get_reason_display(),
            row.card_number,
            row.get_state_display(),
            row.printed_at,
            row.handed_over_by,
            row.handed_over_at,
        ),
        lambda row: row.applicant.candidate.application_id,
    )


def _certificates(reader: Reader) -> dict[int, list[Row]]:
    """What the decisions led to, as it stands now: revoked, cancelled or renewed since."""
    return reader.by_application(
        [row for row in reader.decisions if row.certificate],
        lambda row: (
            f"T{reader.number_of(row.certificate.person)}",
            row.certificate.get_state_display(),
            row.certificate.valid_from,
            row.certificate.valid_until,
            row.certificate.review_due_on,
        ),
        _of_decision,
    )


def _of_decision(row: Decision) -> int:
    return row.applicant.candidate.application_id


def _bars(reader: Reader) -> dict[int, list[Row]]:
    """Bars of the people, lifted ones too; they are between the authorities."""
    people: dict[int, list[int]] = defaultdict(list)
    if reader.inside:
        for row in reader.candidates:
            people[row.application.person_id].append(row.application_id)
    bars = Bar.objects.filter(person__in=list(people)).select_related(
        "imposed_by__person",
        *(f"case__{act}_{who}__person" for act in ("proposed", "decided") for who in ("by", "on_behalf_of")),
    )
    bars = bars.order_by("person", "pk")
    lines = [(application_id, bar) for bar in bars for application_id in people[bar.person_id]]

    def cells(line: tuple[int, Bar]) -> tuple:
        _application_id, bar = line
        case = getattr(bar, "case", None)
        return (
            case.number if case else "",
            bar.get_ground_display(),
            bar.reason,
            bar.barred_from,
            bar.barred_until,
            case.proposed_by_name if case else "",
            case.decided_by_name if case else bar.imposed_by,
            bar.imposed_at,
            bar.lifted_at,
            bar.lifted_reason,
        )

    return reader.by_application(lines, cells, lambda line: line[0])


def _deadlines(reader: Reader) -> dict[int, list[Row]]:
    return deadlines(reader, CLASS_KINDS)


def _reminders(reader: Reader) -> dict[int, list[Row]]:
    return reminders(reader, CLASS_KINDS)


def _log(reader: Reader) -> dict[int, list[Row]]:
    return told_steps(reader, CLASS_KINDS)


def _inside_log(reader: Reader) -> dict[int, list[Row]]:
    return kept_steps(reader, CLASS_KINDS)


def _item(item: dict) -> str:
    return f"{Item(item.get('material', ''), item['text']).label}：{item['text']}"


_PERSON = ("申报编号", "姓名")

CLASS_TABLES = (
    ("plan", "培训计划", ("项目", "内容"), _plan),
    ("receipts", "报备回执", ("回执编号", "接收单位", "首次收到时间", "版本", "状态", "处理时间", "意见"), _receipts),
    ("rosters", "学员名单版本", ("版本", "人数", "提交人", "提交时间", "文件校验值"), _rosters),
    ("trainees", "学员", ("姓名", "证件号码", "文化程度", "工作单位", "状态"), _trainees),
    *CLASS_LIFE_TABLES,
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
    ("rechecks", "成绩复核申请", (*_PERSON, "编号", "科目", "申请时间", "理由", "结果", "答复", "答复时间"), _rechecks),
    (
        "licences",
        "发证许可申请",
        (
            *(*_PERSON, "申请编号", "平台回执号", "收到时间", "受理人", "受理时间", "受理通知书"),
            *("核对人", "核对时间", "差异", "状态"),
        ),
        _licences,
    ),
    (
        "withdrawals",
        "撤回发证许可申请",
        (
            *(*_PERSON, "申请编号", "事由", "申请撤回日期", "补正通知书", "补正截止日期", "理由"),
            *("登记人", "登记时间", "告知书", "文件校验值"),
        ),
        _withdrawals,
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
    ("service", "送达证据", (*_PERSON, "文号", "事项", "时间", "经办", "说明", "送达回执"), _service),
    ("certificates", "操作证现状", (*_PERSON, "证号", "状态", "有效期从", "有效期至", "应复审日期"), _certificates),
    (
        "bars",
        "禁考记录",
        (
            *(*_PERSON, "文号", "事由", "事实和理由", "起始日期", "截止日期", "提请人", "作出人", "作出时间"),
            *("解除时间", "解除理由"),
        ),
        _bars,
    ),
    (
        "cards",
        "实体证书",
        (*_PERSON, "窗口", "申领事由", "卡片流水号", "状态", "制证时间", "发放人", "领取时间"),
        _cards,
    ),
    ("handovers", "移交单", HANDOVER_COLUMNS, handovers),
    ("notices", "书面通知", NOTICE_COLUMNS, notices),
    ("endings", "操作证撤销和注销", ENDING_COLUMNS, endings),
    ("deadlines", "时限", DEADLINE_COLUMNS, _deadlines),
    ("reminders", "时限提醒", REMINDER_COLUMNS, _reminders),
    ("inbox", "站内通知", INBOX_COLUMNS, class_inboxes),
    ("log", "办理记录", STEP_COLUMNS, _log),
    ("inside_log", "审核部门内部办理记录", STEP_COLUMNS, _inside_log),
)
