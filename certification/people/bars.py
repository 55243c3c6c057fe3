"""Bars: who is barred on a day, and imposing one."""

from collections.abc import Iterable
from datetime import date

from certification.people.eligibility import add_months
from certification.people.models import Bar, Person
from certification.records import bulk
from certification.refusals import Incomplete, Problem, Refusal
from certification.workdays.wording import plain_day
from certification.workflow import log

# Law (facts 7): years after false material and after fraud; exam fraud by provincial practice.
CLAUSES = {
    Bar.Ground.FALSE_MATERIAL: "行政许可法第七十八条",
    Bar.Ground.FRAUD: "行政许可法第七十九条",
    Bar.Ground.EXAM_FRAUD: "方案四（二）",
}


def in_force(person_ids: Iterable[int], *days: date) -> dict[int, Bar]:
    """The bars that hold on one of ``days`` (first and last day included): person id → the bar that ends last.
    One query."""
    held = bulk.among(Bar.objects.in_force(*days), "person", list(set(person_ids)))
    bars = held.order_by("barred_until", "pk")
    return {bar.person_id: bar for bar in bars}


def refusal(bar: Bar, who: Person, what: str, advice: str = "") -> Refusal:
    """What somebody is told who would take a barred person on; ``what`` is not done, as the end of a sentence."""
    until = f"{bar.get_ground_display()}，至{plain_day(bar.barred_until)}"
    return Refusal(
        f"“{who}”在禁考期内（{until}），{what}。", code="barred", clause=CLAUSES[Bar.Ground(bar.ground)], advice=advice
    )


def kept_from_exam(person_ids: Iterable[int], starts_on: date) -> set[int]:
    """Who of them may not sit an examination that starts on that day: barred then, by a decision of an earlier day. One
    of the same day finds the exam begun (开考), which is left to the licence. One query."""
    held = Bar.objects.in_force(starts_on).filter(person_id__in=set(person_ids), barred_from__lt=starts_on)
    return set(held.values_list("person_id", flat=True))


def impose(
    *,
    actor,
    now,
    person: Person,
    ground: str,
    reason: str,
    evidence: str = "",
    months: int,
    barred_from: date | None = None,
) -> Bar:
    """Bar ``person`` for ``months`` (rule ``bar_periods``) from ``barred_from`` (today) on.

    The last day is the day before the months are over. Not an activity: called inside the activity that found the
    fact and checked the right. Raises Incomplete where facts and reasons are missing. A second bar stands beside
    the first; neither shortens the other.
    """
    if not reason.strip():
        raise Incomplete([Problem("请写明禁考的事实和理由。", code="required", field="reason")])
    start = barred_from or now.date()
    bar = Bar(
        person=person,
        ground=ground,
        reason=reason.strip(),
        evidence=evidence.strip(),
        barred_from=start,
        barred_until=add_months(start, months) - date.resolution,
        imposed_by=actor,
        imposed_at=now,
    )
    bar._history_user = actor
    bar._history_date = now
    bar.save(force_insert=True)
    log([bar], "impose_bar", actor=actor, now=now, reason=bar.reason, detail={"clause": CLAUSES[Bar.Ground(ground)]})
    return bar


def lift(*, actor, now, bar: Bar, reason: str) -> Bar:
    """End ``bar`` now, for a stated reason (appeal upheld); it stays on the record. Called inside an activity."""
    if not reason.strip():
        raise Incomplete([Problem("请写明解除禁考的理由。", code="required", field="lifted_reason")])
    bar = Bar.objects.select_for_update(of=("self",)).get(pk=bar.pk)
    if bar.lifted_at is None:
        bar.lifted_at, bar.lifted_reason = now, reason.strip()
        bar._history_user = actor
        bar._history_date = now
        bar.save(update_fields=["lifted_at", "lifted_reason"])
        log([bar], "lift_bar", actor=actor, now=now, reason=bar.lifted_reason)
    return bar
