"""On which days somebody is reminded of a deadline (rules 2.6). Pure: derived from the rule and the due day."""

from dataclasses import dataclass
from datetime import date, timedelta

from certification.rulebook.models import Rule
from certification.workdays.counting import Calendar

DUE = "DUE"
BREACH = "BREACH"


@dataclass(frozen=True)
class Stage:
    """One reminder: ``code`` is BEFORE_<n> (n working days ahead of the due day), DUE (on it) or BREACH (the day
    after it); ``day`` is when it falls due (Asia/Shanghai)."""

    code: str
    day: date


def stages(rule: Rule, due_on: date, calendar: Calendar, *, provisional: bool = False) -> list[Stage]:
    """Every stage of a deadline of ``rule`` that ends on ``due_on``, in order of their days.

    The days ahead are the rule's own ``reminders`` in working days. A provisional date is never breached
    (rules 2.2), so it has no BREACH.
    """
    ahead = sorted(set(rule.values.get("reminders", [])), reverse=True)
    found = [Stage(before(days), calendar.shift(due_on, -days).date) for days in ahead if days > 0]
    found.append(Stage(DUE, due_on))
    if not provisional:
        found.append(Stage(BREACH, due_on + timedelta(days=1)))
    return found


def before(days: int) -> str:
    """The code of the stage ``days`` working days ahead of the due day."""
    return f"BEFORE_{days}"


def next_day(
    rule: Rule, due_on: date, calendar: Calendar, *, provisional: bool = False, after: date | None = None
) -> date | None:
    """The day of the first stage later than ``after`` (of the first of all without it); None after the last."""
    days = (stage.day for stage in stages(rule, due_on, calendar, provisional=provisional))
    return next((day for day in days if after is None or day > after), None)
