"""Why a deadline falls on its day: rule, clause, event, direction, every day counted or skipped (rules 2.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from certification.deadlines import pauses
from certification.deadlines.due import due_by, event_label, is_internal_target, signed_days
from certification.deadlines.models import Deadline, Pause
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from certification.workdays import calendars
from certification.workdays.counting import MAKE_UP, Calendar, Interval, Notice, Step

DIRECTIONS = {"before": "前", "after": "后"}
UNITS = {"working": "工作日", "calendar": "日（自然日）"}


@dataclass(frozen=True)
class Explanation:
    """Everything that a person needs to count again by hand.

    ``steps`` runs from the event to the due day and is empty where no working days are counted. ``notices`` are
    the State Council notices counted by, ``unpublished`` the years without one. ``extension_days`` were granted on
    top of the rule's own. ``pauses`` are the rows behind the days that a pause took out, running ones included.
    ``outdated``: another calendar has been published since the date was computed.
    """

    rule: Rule
    event_label: str
    event_on: date
    due_on: date
    provisional: bool
    steps: list[Step]
    notices: list[Notice]
    unpublished: list[int]
    extension_days: int = 0
    pauses: list[Pause] = field(default_factory=list)
    outdated: bool = False

    @property
    def clause(self) -> str:
        return self.rule.clause

    @property
    def days(self) -> int:
        return self.rule.values["days"]

    @property
    def direction(self) -> str:
        return DIRECTIONS[self.rule.values["direction"]]

    @property
    def unit(self) -> str:
        return UNITS[self.rule.values["unit"]]

    @property
    def internal_target(self) -> bool:
        return is_internal_target(self.rule)

    @property
    def sentence(self) -> str:
        return rule_sentence(self.rule)

    @property
    def counted(self) -> int:
        return sum(step.counted for step in self.steps)

    @property
    def skipped(self) -> int:
        return len(self.steps) - self.counted

    @property
    def made_up(self) -> list[Step]:
        """The make-up working days among those counted."""
        return [step for step in self.steps if step.counted and step.reason.startswith(MAKE_UP)]


def rule_sentence(rule: Rule) -> str:
    """The rule in words: 开班日期前第 7 个工作日 24:00 前; 开班日期当日（含）24:00 前."""
    event = event_label(rule)
    if rule.values["days"] == 0:
        return f"{event}当日（含当日）24:00 前"
    direction, unit = DIRECTIONS[rule.values["direction"]], UNITS[rule.values["unit"]]
    return f"{event}{direction}第 {rule.values['days']} 个{unit} 24:00 前"


def explain(
    rule: Rule,
    event_on: date,
    calendar: Calendar,
    *,
    paused: Mapping[Interval, str] | None = None,
    extension_days: int = 0,
) -> Explanation:
    """How ``rule`` comes to its due day for an event on ``event_on`` by ``calendar``; ``paused`` holds the reason of
    each interval that does not count."""
    paused = paused or {}
    found = due_by(rule, event_on, calendar, pauses=list(paused), extension_days=extension_days)
    counts = rule.values["unit"] == "working" and rule.values["days"] > 0
    first, last = sorted((event_on.year, found.due_on.year))
    return Explanation(
        rule=rule,
        event_label=event_label(rule),
        event_on=event_on,
        due_on=found.due_on,
        provisional=found.provisional,
        steps=calendar.steps(event_on, signed_days(rule) + extension_days, paused) if counts else [],
        notices=calendar.notices_between(event_on, found.due_on),
        unpublished=[year for year in range(first, last + 1) if not calendar.is_published(year)],
        extension_days=extension_days,
    )


def explain_deadline(deadline: Deadline) -> Explanation:
    """How the stored due day was counted, by the calendar editions that it was counted by."""
    rule = lookup.by_id(deadline.rule_id)
    (stopped,) = pauses.of_rows([deadline]).values()
    explained = explain(
        rule,
        deadline.anchor_on,
        calendars.as_counted(deadline.calendar_signature),
        paused=pauses.intervals(stopped),
        extension_days=deadline.extension_days,
    )
    now_signature = calendars.current().signature(deadline.anchor_on, deadline.due_on)
    return replace(explained, pauses=stopped, outdated=now_signature != deadline.calendar_signature)
