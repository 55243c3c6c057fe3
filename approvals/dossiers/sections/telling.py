"""Who was told what: hand-overs between the tiers, notices in writing, reminders of days, certificates ended."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType

from approvals.dossiers.sections.cells import cells, text
from approvals.dossiers.sections.followed import CORRECTIONS, ENDINGS, Kind
from approvals.dossiers.sections.reading import Reader
from approvals.dossiers.sections.shapes import Row
from approvals.models import ClockNotice, CorrectionNotice, EndingCase, PreparedOpinion, ServiceEvent
from certification.deadlines.models import Reminder
from certification.deadlines.reminding.stages import stage_label

NOTICE_COLUMNS = ("事项", "文书", "文号", "送达对象", "发出人", "发出时间", "查收", "下载", "答复", "状态")
REMINDER_COLUMNS = ("规则", "时点", "截止日", "收件人", "单位", "事项数", "发出时间", "打开时间")
HANDOVER_COLUMNS = ("移交单号", "环节", "移交单位", "接收单位", "本班人数", "移交人", "移交时间", "接收回执号")
ENDING_COLUMNS = (
    *("姓名", "种类和事由", "依据", "事实和理由", "提请", "告知", "陈述申辩和听证", "决定", "文号", "决定意见"),
    *("送达", "状态"),
)

_Rows = dict[int | None, list[Row]]


def handovers(reader: Reader) -> _Rows:
    """The hand-overs (移交单) with people of the class in them; an institution is shown those that it received."""
    rows = PreparedOpinion.objects.filter(application__in=list(reader.applications), handover__isnull=False)
    if not reader.inside:
        rows = rows.filter(handover__receiver__in=[plan.institution_id for plan in reader.plans])
    people: Counter = Counter()
    held = {}
    rows = rows.select_related("handover__sender", "handover__receiver", "handover__handed_by__person")
    for row in rows.order_by("handover__at", "handover", "pk"):
        held[row.handover_id] = row.handover
        people[row.handover_id, reader.applications[row.application_id].plan_id] += 1
    found: _Rows = defaultdict(list)
    for (pk, plan), count in people.items():
        one = held[pk]
        found[plan].append(
            cells(
                one.number,
                one.get_stage_display(),
                one.sender,
                one.receiver,
                count,
                one.handed_by,
                one.at,
                one.receipt_number,
            )
        )
    return found


def notices(reader: Reader) -> _Rows:
    """What institutions and applicants were told in writing, and when it was received."""
    found: _Rows = defaultdict(list)
    for kind in CORRECTIONS:
        held = reader.cases(kind)
        rows = CorrectionNotice.objects.filter(pk__in=held).with_case()
        for row in rows.select_related("seen_by__person", "fetched_by__person", "answered_by__person").order_by("pk"):
            for plan in held[row.pk].plans:
                found[plan].append(_correction(row))
    clocks = ClockNotice.objects.filter(applicant__candidate__in=reader.candidates).select_related(
        "applicant__candidate", "told_by__person"
    )
    for row in clocks.order_by("pk"):
        application = reader.applications[row.applicant.candidate.application_id]
        case = f"{application.number} {application.person.name}"
        told = (row.get_kind_display(), row.number, application.person.name, row.told_by, row.told_at)
        found[application.plan_id].append(cells(case, *told, "", "", "", ""))
    return found


def _correction(row: CorrectionNotice) -> Row:
    return cells(
        f"{row.application.number if row.application else row.applicant.batch.number} {row.person.name}",
        "补正通知书",
        row.number,
        row.addressee,
        row.made_by,
        row.made_at,
        _signed(row.seen_at, row.seen_by),
        _signed(row.fetched_at, row.fetched_by),
        _signed(row.answered_at, row.answered_by),
        row.get_state_display(),
    )


def _signed(at, by) -> str:
    return " ".join(cells(at, by)) if at else ""


def reminders(reader: Reader, kinds: Iterable[Kind]) -> _Rows:
    """Reminders of the deadlines that somebody got, one row for each notice and how many cases of the class it was
    about; an institution is shown what its own people got."""
    found: _Rows = defaultdict(list)
    for kind in kinds:
        if not kind.inside:
            for plan, rows in _reminders_of(reader, kind).items():
                found[plan] += rows
    return found


def _reminders_of(reader: Reader, kind: Kind) -> _Rows:
    held = reader.cases(kind)
    rows = Reminder.objects.filter(
        deadline__subject_type=ContentType.objects.get_for_model(kind.model),
        deadline__subject_id__in=list(held),
        notice__isnull=False,
    )
    if not reader.inside:
        rows = rows.filter(notice__recipient__organisation__in=[plan.institution_id for plan in reader.plans])
    about: Counter = Counter()
    lines = rows.values_list(
        *("created_at", "notice", "deadline__rule__title", "stage", "due_on", "notice__recipient__person__name"),
        *("notice__recipient__organisation__name", "notice__created_at", "notice__read_at", "deadline__subject_id"),
    )
    for _at, *line, subject in lines.order_by("created_at", "pk").iterator():
        about.update((plan, tuple(line)) for plan in held[subject].plans)
    found: _Rows = defaultdict(list)
    for (plan, line), cases in about.items():
        _notice, rule, stage, due_on, name, organisation, sent_at, read_at = line
        found[plan].append(cells(rule, stage_label(stage), due_on, name, organisation, cases, sent_at, read_at))
    return found


def endings(reader: Reader) -> _Rows:
    """Certificates of these decisions that were to be revoked or cancelled; between authorities."""
    found: _Rows = defaultdict(list)
    if not reader.inside:
        return found
    held = reader.cases(ENDINGS)
    served: dict[int, list[str]] = defaultdict(list)
    for event in ServiceEvent.objects.filter(ending__in=held).select_related("by__person").order_by("at", "pk"):
        served[event.ending_id].append(" ".join(cells(event.at, event, event.by or "本人", event.detail)).strip())
    rows = EndingCase.objects.filter(pk__in=held).select_related(
        "certificate__person",
        *(f"{act}_{who}__person" for act in ("proposed", "decided") for who in ("by", "on_behalf_of")),
    )
    for row in rows.order_by("pk"):
        for plan in held[row.pk].plans:
            found[plan].append(_ending(row, "；".join(served[row.pk])))
    return found


def _ending(row: EndingCase, served: str) -> Row:
    until = f"可以要求听证至{text(row.hearing_until)}" if row.hearing_until else ""
    held = f"听证日期{text(row.hearing_held_on)}" if row.hearing_held_on else ""
    return cells(
        row.certificate.person.name,
        f"{row.get_kind_display()}：{row.ground_title}",
        row.clause,
        row.facts,
        _signed(row.proposed_at, row.proposed_by_name),
        "；".join(filter(None, [row.notice_number, text(row.told_at), until])),
        "；".join(filter(None, [row.statement, "要求听证" if row.hearing_asked else "", held])),
        _signed(row.decided_at, row.decided_by_name),
        row.number,
        row.opinion,
        served or row.served_at,
        row.get_state_display(),
    )
