"""From an event's day to the last day in time, and back: by rule, never by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import models

from certification import clock
from certification.deadlines.models.admissions import Known, LateAdmission
from certification.refusals import TooLate
from certification.rulebook import lookup
from certification.rulebook.models import Rule, RuleEdition
from certification.workdays import calendars
from certification.workdays.counting import Calendar, Interval
from certification.workdays.wording import full_day

AREA = "deadline"


@dataclass(frozen=True)
class Due:
    """The last day in time (until 24:00 Asia/Shanghai) of what ``rule`` asks for around ``event_on``.

    ``provisional``: a year without a published notice is involved; such a date never refuses (rules 2.2).
    ``signature`` names the calendar editions that were counted by. ``admitted``: the day has passed, and this late
    admission lets the case pass; whoever acts by it calls ``admissions.use``.
    """

    rule: Rule
    event_on: date
    due_on: date
    provisional: bool
    signature: str = ""
    admitted: LateAdmission | None = None

    @property
    def ends_at(self) -> datetime:
        """The first moment that is too late."""
        return clock.end_of(self.due_on)


def deadline_rule(rule_code: str, edition: RuleEdition | None = None) -> Rule:
    """The deadline rule in ``edition``, by default in the one in force today; raises rulebook's UnknownRule."""
    return lookup.rule(AREA, rule_code, edition or lookup.edition_on(clock.today()))


def due(rule_code: str, event_on: date, *, edition: RuleEdition | None = None, calendar: Calendar | None = None) -> Due:
    """When the obligation is due that ``rule_code`` ties to an event on ``event_on``.

    The event day is day 0 and not counted; a rule of 0 days ends on the event day itself, working day or not
    (含当日). Working or calendar days as the rule says.
    """
    return due_by(deadline_rule(rule_code, edition), event_on, calendar or calendars.current())


def due_by(
    rule: Rule, event_on: date, calendar: Calendar, *, pauses: Sequence[Interval] = (), extension_days: int = 0
) -> Due:
    """``due`` for a rule and calendar at hand: no query.

    ``pauses`` (first and last day included) do not count, ``extension_days`` come on top of the rule's own, in the
    rule's unit; both exist only for rules that count forward.
    """
    days = signed_days(rule) + extension_days
    if rule.values["unit"] == "calendar":
        due_on = event_on + timedelta(days=days)
    else:
        due_on = calendar.shift_around(event_on, days, pauses).date
    return Due(rule, event_on, due_on, calendar.is_provisional(event_on, due_on), calendar.signature(event_on, due_on))


def require_in_time(
    rule_code: str,
    event_on: date,
    *,
    now: datetime,
    edition: RuleEdition | None = None,
    category: str = "",
    subject: models.Model | None = None,
    known: Known | None = None,
    acting_at: datetime | None = None,
    calendar: Calendar | None = None,
) -> Due:
    """The due date, if ``now`` is still in time for it; otherwise raises TooLate with the last day that was in
    time and the earliest event day that is lawful now.

    Provisional dates never refuse, nor do a rule's internal targets (``category`` tells which applies). A late
    admission of ``subject`` for this event day lets it pass: the answer names it. ``known`` holds the admissions of
    many cases, read at once. ``acting_at`` is the real moment where ``now`` is an earlier one that the case may
    keep (rules 2.8). ``calendar`` spares asking for it case by case.
    """
    calendar = calendar or calendars.current()
    found = due(rule_code, event_on, edition=edition, calendar=calendar)
    if now < found.ends_at or found.provisional or is_internal_target(found.rule, category):
        return found
    admission = _admission(rule_code, event_on, subject, known)
    if admission and admission.admits_at(acting_at or now):
        return replace(found, admitted=admission)
    today = clock.day_of(now)
    before = signed_days(found.rule) <= 0
    earliest = earliest_event(rule_code, today, edition=edition, calendar=calendar) if before else None
    raise _too_late(found, earliest, subject, admission)


def _admission(
    rule_code: str, event_on: date, subject: models.Model | None, known: Known | None
) -> LateAdmission | None:
    if subject is None or subject.pk is None:
        return None
    if known is None:
        known = LateAdmission.objects.known(rule_code, [subject])
    return known.get((subject.pk, event_on))


def is_internal_target(rule: Rule, category: str = "") -> bool:
    """Whether the rule only warns: a target that the office set itself, for all or for one category."""
    return bool(rule.values.get("internal_target")) or category in rule.values.get("internal_target_categories", [])


def earliest_event(
    rule_code: str, today: date, *, edition: RuleEdition | None = None, calendar: Calendar | None = None
) -> date:
    """The earliest event day for which what ``rule_code`` asks before the event would still be in time on
    ``today``. Raises ValueError for a rule that counts forward from its event."""
    rule = deadline_rule(rule_code, edition)
    if rule.values["direction"] != "before":
        raise ValueError(f"rule {rule_code} counts forward: every event day is lawful")
    days = rule.values["days"]
    if rule.values["unit"] == "calendar":
        return today + timedelta(days=days)
    if days == 0:
        return today
    calendar = calendar or calendars.current()
    # The n-th working day from today, today included, must still lie before the event.
    return calendar.shift(today - timedelta(days=1), days).date + timedelta(days=1)


def signed_days(rule: Rule) -> int:
    """The rule's number of days, negative where it counts back from its event."""
    days = rule.values["days"]
    return -days if rule.values["direction"] == "before" else days


def _too_late(found: Due, earliest: date | None, subject: models.Model | None, admission) -> TooLate:
    event = event_label(found.rule)
    return TooLate(
        f"“{found.rule.title}”应当在{full_day(found.due_on)} 24:00 前办理"
        f"（{event}：{full_day(found.event_on)}），现已逾期。",
        due_on=found.due_on,
        earliest=earliest,
        clause=found.rule.clause,
        # A class that has begun does not begin again for its roster.
        advice=f"现在办理的，{event}最早为{full_day(earliest)}。" if earliest and signed_days(found.rule) else "",
        rule_code=found.rule.code,
        subject=subject if subject is not None and subject.pk else None,
        event_on=found.event_on,
        admission=admission,
    )


EVENTS = {
    "class_start": "开班日期",
    "exam_start": "开考日期",
    "exam_end": "考试结束日期",
    "application": "申请日期",
    "receipt": "收到许可申请日期",
    "acceptance": "受理日期",
    "grant": "准予决定日期",
    "release": "成绩公布日期",
    "recheck_request": "申请复核成绩日期",
    "inspection": "检查（退回整改）日期",
}


def event_label(rule: Rule) -> str:
    """What the day is called from which the rule counts."""
    return EVENTS[rule.values["event"]]
