"""The one line under a due date: how it follows from its event, what was not counted, by which clause (rules 2.1)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from certification.deadlines.due import Due, event_label, is_internal_target, signed_days
from certification.deadlines.explaining.explanation import DIRECTIONS
from certification.deadlines.models import Deadline
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from certification.workdays import calendars
from certification.workdays.counting import MAKE_UP, WEEKEND, Calendar, Step
from certification.workdays.wording import weekday

# More make-up days than these are counted instead of named.
_NAMED = 3


@dataclass
class Lines:
    """The lines of one page. ``calendar`` is the one in force, by which nearly all dates were counted; others are
    loaded once each, so that the number of queries does not grow with the rows."""

    today: date
    calendar: Calendar
    _counted_by: dict[str, Calendar] = field(default_factory=dict)

    def of(self, deadline: Deadline) -> str:
        """The line under the due date of ``deadline``."""
        signature = deadline.calendar_signature
        if signature == self.calendar.signature(deadline.anchor_on, deadline.due_on):
            return line_of_deadline(deadline, self.calendar, self.today)
        if signature not in self._counted_by:
            self._counted_by[signature] = calendars.as_counted(signature)
        return line_of_deadline(deadline, self._counted_by[signature], self.today)


def line_of_deadline(deadline: Deadline, calendar: Calendar, today: date) -> str:
    """The line of a stored due date; ``calendar`` is the one that it was counted by. No query.

    Pauses are not read again: their working days are what lies between the date without them and the stored one.
    """
    rule = lookup.by_id(deadline.rule_id)
    days = signed_days(rule) + deadline.extension_days
    paused = 0
    if days > 0 and rule.values["unit"] == "working":
        paused = max(calendar.between(calendar.shift(deadline.anchor_on, days).date, deadline.due_on), 0)
    remarks = [_extension(deadline.extension_days), f"中止计算 {paused} 个工作日" if paused else ""]
    if deadline.paused_on is not None:
        remarks.append(f"自{_day(deadline.paused_on, today)}起中止计算")
    return _line(rule, deadline.anchor_on, deadline.due_on, calendar, days + paused, today, remarks)


def line_of_due(due: Due, calendar: Calendar, today: date, *, category: str = "") -> str:
    """The line of a computed due date that no deadline stores. No query."""
    return _line(due.rule, due.event_on, due.due_on, calendar, signed_days(due.rule), today, [], category)


def _line(
    rule: Rule,
    event_on: date,
    due_on: date,
    calendar: Calendar,
    days: int,
    today: date,
    remarks: Sequence[str],
    category: str = "",
) -> str:
    parts = [_count(rule, event_on, due_on, today)]
    if rule.values["unit"] == "working" and days:
        parts += _not_counted(calendar.steps(event_on, days), today)
    parts += remarks
    parts.append(_unpublished(event_on, due_on, calendar))
    parts.append("内部控制目标" if is_internal_target(rule, category) else "")
    parts.append(f"依据{rule.clause}" if rule.clause else "")
    return "；".join(part for part in parts if part)


def _count(rule: Rule, event_on: date, due_on: date, today: date) -> str:
    event = f"{event_label(rule)} {_day(event_on, today)}"
    if rule.values["days"] == 0:
        return f"{event}当日（含当日）24:00"
    unit = "个工作日 " if rule.values["unit"] == "working" else "日（自然日）"
    days = rule.values["days"]
    return f"{event}{DIRECTIONS[rule.values['direction']]}第 {days} {unit}= {_day(due_on, today)}24:00"


def _not_counted(steps: Sequence[Step], today: date) -> list[str]:
    """What lay between and did not count, weekends first, and the make-up days that did."""
    skipped = Counter(step.reason for step in steps if not step.counted and not step.reason.startswith("中止计算"))
    weekends = skipped.pop(WEEKEND, 0)
    names = ([f"{WEEKEND} {weekends} 天"] if weekends else []) + [f"{name} {days} 天" for name, days in skipped.items()]
    made_up = sorted(step.date for step in steps if step.counted and step.reason.startswith(MAKE_UP))
    found = [f"其间不计：{'、'.join(names)}"] if names else []
    if len(made_up) > _NAMED:
        found.append(f"{MAKE_UP} {len(made_up)} 天")
    elif made_up:
        found.append(f"{MAKE_UP} {'、'.join(_plain(day, today) for day in made_up)}")
    return found


def _extension(days: int) -> str:
    return f"含延长 {days} 个工作日" if days else ""


def _unpublished(event_on: date, due_on: date, calendar: Calendar) -> str:
    first, last = sorted((event_on.year, due_on.year))
    years = "、".join(f"{year}年" for year in range(first, last + 1) if not calendar.is_published(year))
    return f"暂定：{years}尚无放假通知" if years else ""


def _day(day: date, today: date) -> str:
    return f"{_plain(day, today)}（{weekday(day)}）"


def _plain(day: date, today: date) -> str:
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"
