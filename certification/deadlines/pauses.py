"""Clocks that stand still, and the one extension of the law (rules 2.4; 行政许可法 art. 42, 45).

A pause is a row with a first and a last day, both included; the days in it do not count for the rules that name its
kind under ``pauses``. Nothing is ever counted down: the due date is derived from the rows again. Everything here
runs inside the transaction of the activity that calls.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from simple_history.utils import bulk_create_with_history

from certification import clock
from certification.deadlines import stored
from certification.deadlines.due import Due, due_by
from certification.deadlines.models import Deadline, Pause
from certification.organisations.models import User
from certification.records import bulk
from certification.refusals import Refusal, TooLate, WrongState
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from certification.workdays import calendars
from certification.workdays.counting import Interval
from certification.workdays.wording import full_day


def kinds_of(rule: Rule) -> list[str]:
    """For which kinds of pause the clock of ``rule`` stands still."""
    return rule.values.get("pauses", [])


def of(rule: Rule, subjects: Sequence[models.Model]) -> dict[int, list[Pause]]:
    """The pauses, ended or running, that count for ``rule``, by case id; no query where the rule knows none."""
    found: dict[int, list[Pause]] = defaultdict(list)
    if kinds_of(rule):
        for pause in Pause.objects.about(list(subjects)).filter(kind__in=kinds_of(rule)):
            found[pause.subject_id].append(pause)
    return found


def of_rows(rows: Sequence[Deadline]) -> dict[int, list[Pause]]:
    """``of`` for stored deadlines of any rules and cases: the pauses by deadline id, in one query a kind of case."""
    by_case: dict[tuple[int, int], list[Pause]] = defaultdict(list)
    for kind in {row.subject_type_id for row in rows}:
        ids = {row.subject_id for row in rows if row.subject_type_id == kind}
        for pause in Pause.objects.filter(subject_type=kind, subject_id__in=ids).order_by("starts_on", "pk"):
            by_case[kind, pause.subject_id].append(pause)
    return {
        row.pk: [
            pause
            for pause in by_case[row.subject_type_id, row.subject_id]
            if pause.kind in kinds_of(lookup.by_id(row.rule_id))
        ]
        for row in rows
    }


def exist() -> Exists:
    """The condition that the case of a deadline has a pause, ended or running."""
    return Exists(Pause.objects.filter(subject_type=OuterRef("subject_type"), subject_id=OuterRef("subject_id")))


def intervals(pauses: Iterable[Pause]) -> dict[Interval, str]:
    """The days that do not count and why: those of the ended pauses."""
    return {
        (pause.starts_on, pause.ends_on): f"中止计算（{pause.get_kind_display()}）" for pause in pauses if pause.ends_on
    }


def standing_since(pauses: Iterable[Pause]) -> date | None:
    """Since when the clock stands still; None where it runs."""
    return next((pause.starts_on for pause in pauses if pause.ends_on is None), None)


def running(subjects: Iterable[models.Model]) -> dict[int, Pause]:
    """The pause that lasts, by case id, for those of ``subjects`` whose clocks stand still. One query."""
    found = Pause.objects.about(list(subjects)).running().select_related("started_by__person")
    return {pause.subject_id: pause for pause in found}


@transaction.atomic
def pause(
    subjects: Iterable[models.Model],
    *,
    kind: str,
    reason: str,
    now: datetime,
    actor: User,
    expected_on: date | None = None,
) -> list[Pause]:
    """Let the clocks of the cases stand still from today on; today does not count any more.

    What is overdue already stays overdue. Raises WrongState where a case is paused already.
    """
    subjects = list(subjects)
    rows = stored.locked(Deadline.objects.unmet().of(None, subjects))
    if Pause.objects.about(subjects).running().exists():
        raise WrongState("该事项已在中止计算期间。", advice="请先结束现有的中止。")
    today = clock.day_of(now)
    started = [
        Pause(
            subject=one,
            kind=kind,
            reason=reason,
            starts_on=today,
            expected_on=expected_on,
            started_by=actor,
            started_at=now,
        )
        for one in subjects
    ]
    bulk_create_with_history(started, Pause, default_user=actor, default_date=now)
    stopped = [row for row in rows if kind in kinds_of(lookup.by_id(row.rule_id)) and not row.is_late_at(now)]
    for row in stopped:
        row.paused_on = today
    stored.write(stopped, ["paused_on"], f"中止计算：{reason}", now=now, actor=actor)
    return started


@transaction.atomic
def resume(subjects: Iterable[models.Model], *, last_day: date, now: datetime, actor: User) -> list[Deadline]:
    """End the running pause of the cases with ``last_day`` (the last that does not count) and count their stopped
    deadlines again; returns these.

    Raises WrongState where a case is not paused, Refusal where ``last_day`` lies before the first or after today.
    """
    subjects = list(subjects)
    rows = stored.locked(Deadline.objects.unmet().filter(paused_on__isnull=False).of(None, subjects))
    pauses = list(Pause.objects.about(subjects).running().select_for_update(of=("self",)))
    if len(pauses) != len(subjects):
        raise WrongState("该事项不在中止计算期间。", advice="请刷新后查看。")
    first = max(one.starts_on for one in pauses)
    if not first <= last_day <= clock.day_of(now):
        raise Refusal(f"中止的最后一日应在{full_day(first)}至今日之间。")
    for one in pauses:
        one.ends_on, one.ended_by, one.ended_at = last_day, actor, now
    bulk.change(pauses, ["ends_on", "ended_by", "ended_at"], actor=actor, at=now)
    for row in rows:
        row.paused_on = None
    _count_again(rows, "恢复计算", now=now, actor=actor)
    return rows


def after_resume(subjects: Iterable[models.Model], last_day: date) -> list[tuple[Deadline, Due]]:
    """What ``resume`` with ``last_day`` makes of the stopped deadlines: each with the day that it will fall due."""
    rows = list(Deadline.objects.unmet().for_display().filter(paused_on__isnull=False).of(None, list(subjects)))
    calendar, found = calendars.current(), of_rows(rows)
    for stopped in found.values():
        for one in stopped:
            one.ends_on = one.ends_on or last_day
    return [(row, stored.due_of(row, calendar, intervals(found[row.pk]))) for row in _in_order(rows)]


def after_extension(rule_code: str, subjects: Iterable[models.Model]) -> list[tuple[Deadline, Due]]:
    """What ``extend`` makes of the open deadlines of ``rule_code``: each with the day that it will fall due."""
    rows = list(Deadline.objects.unmet().for_display().of(rule_code, list(subjects)))
    calendar, found = calendars.current(), of_rows(rows)
    moved = []
    for row in _in_order(rows):
        rule = lookup.by_id(row.rule_id)
        days, stopped = rule.values.get("extension_days", 0), list(intervals(found[row.pk]))
        moved.append((row, due_by(rule, row.anchor_on, calendar, pauses=stopped, extension_days=days)))
    return moved


def extension_obstacles(rule_code: str, subjects: Iterable[models.Model], now: datetime) -> dict[int, Refusal]:
    """Why ``extend`` would refuse, by case id, for those of ``subjects`` that cannot be extended at ``now``."""
    subjects = list(subjects)
    rows = {row.subject_id: row for row in Deadline.objects.unmet().of(rule_code, subjects)}
    found = {}
    for subject in subjects:
        try:
            _require_extendable(rows.get(subject.pk), now)
        except Refusal as refusal:
            found[subject.pk] = refusal
    return found


@transaction.atomic
def extend(
    rule_code: str, subjects: Iterable[models.Model], *, reason: str, now: datetime, actor: User
) -> list[Deadline]:
    """Add the rule's ``extension_days`` to the open deadline of every case, once; returns them.

    Raises WrongState where one was extended before or the rule knows no extension, TooLate where its last day is
    over.
    """
    subjects = list(subjects)
    rows = stored.locked(Deadline.objects.unmet().of(rule_code, subjects))
    if len(rows) != len(subjects):
        _require_extendable(None, now)
    for row in rows:
        _require_extendable(row, now)
        row.extension_days = lookup.by_id(row.rule_id).values["extension_days"]
    _count_again(rows, f"延长期限：{reason}", now=now, actor=actor)
    return rows


def _require_extendable(row: Deadline | None, now: datetime) -> None:
    if row is None:
        raise WrongState("该时限尚未起算、已办结或者已终止，不能延长。")
    rule = lookup.by_id(row.rule_id)
    if not rule.values.get("extension_days"):
        raise WrongState(f"“{rule.title}”不得延长。", clause=rule.clause)
    if row.extension_days:
        raise WrongState(f"“{rule.title}”已经延长过一次，不得再次延长。", clause=rule.clause)
    if row.is_late_at(now):
        raise TooLate(
            f"“{rule.title}”已于{full_day(row.due_on)}届满，不得延长。", due_on=row.due_on, clause=rule.clause
        )


def _in_order(rows: list[Deadline]) -> list[Deadline]:
    return sorted(rows, key=lambda row: (row.subject_id, row.due_on, row.pk))


def _count_again(rows: list[Deadline], reason: str, *, now: datetime, actor: User) -> None:
    calendar = calendars.current()
    found = of_rows(rows)
    for row in rows:
        stored.count(row, calendar, intervals(found[row.pk]), now=now)
    stored.write(rows, [*stored.COUNTED, "paused_on", "extension_days"], reason, now=now, actor=actor)
