"""The deadlines of everything that a dossier is about: who had to do what by when, and what held the clock."""

from collections import defaultdict
from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType

from approvals.dossiers.sections.cells import cells, text
from approvals.dossiers.sections.followed import Kind
from approvals.dossiers.sections.reading import Reader
from approvals.dossiers.sections.shapes import Row
from certification.deadlines import pauses
from certification.deadlines.models import Deadline, Pause

DEADLINE_COLUMNS = (
    *("事项", "规则", "条款", "责任单位", "起算日", "截止日"),
    *("延长（工作日）", "中止计算", "办结时间", "逾期", "终止原因"),
)


def deadlines(reader: Reader, kinds: Iterable[Kind]) -> dict[int | None, list[Row]]:
    """The deadlines by class (None: the session's own), those of one case together."""
    found: dict[int | None, list[Row]] = defaultdict(list)
    for kind in kinds:
        if kind.inside and not reader.inside:
            continue
        held = reader.cases(kind)
        rows = list(
            Deadline.objects.filter(
                subject_type=ContentType.objects.get_for_model(kind.model), subject_id__in=list(held)
            )
            .select_related("rule", "responsible", "late_admission")
            .order_by("subject_id", "due_on", "pk")
        )
        stood = pauses.of_rows(rows)
        for row in rows:
            case = held[row.subject_id]
            shown = _cells(case.name, row, stood[row.pk])
            for plan in case.plans:
                found[plan].append(shown)
    return found


def _cells(name: str, row: Deadline, stood: list[Pause]) -> Row:
    return cells(
        name,
        row.rule.title,
        row.rule.clause,
        row.responsible,
        row.anchor_on,
        row.due_on,
        row.extension_days or "",
        "；".join(_interval(pause) for pause in stood),
        row.met_at,
        _late(row),
        row.closed_reason,
    )


def _interval(pause: Pause) -> str:
    until = text(pause.ends_on) if pause.ends_on else "未恢复"
    return f"{pause.get_kind_display()}，{text(pause.starts_on)}至{until}：{pause.reason}"


def _late(row: Deadline) -> str:
    """Since when it is late, whether it was done late, and by which admission."""
    said = [f"{text(row.breached_at)}记为逾期" if row.breached_at else "", "逾期办结" if row.met_late else ""]
    if row.late_admission:
        said.append(f"逾期特批：{row.late_admission.decision_reason}")
    return "；".join(filter(None, said))
