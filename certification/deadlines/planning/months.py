"""The month view of a plan: weeks of days, days off and make-up days marked, every due date in its day."""

import calendar as weeks_of_month
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from certification.deadlines.planning.planner import Feasibility, Planned, event_days
from certification.workdays.counting import MAKE_UP, WEEKEND, WORKING, Calendar

# Empty months in between are left out; more than these are not shown at all.
MOST = 14


@dataclass(frozen=True)
class Mark:
    """Something on a day: ``manner`` is "event", "today", "due", "target", "warning", "late" or "conflict"."""

    label: str
    manner: str
    who: str = ""


@dataclass(frozen=True)
class PlannedDay:
    """``kind`` is "work", "weekend", "off" or "make-up"; ``name`` the holiday's."""

    day: date
    kind: str
    name: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class PlannedMonth:
    """Weeks of seven, Monday first; None stands for days of the neighbouring months. ``marked`` are the days that
    carry something, for narrow screens."""

    first: date
    weeks: list[list[PlannedDay | None]]
    marked: list[PlannedDay]
    published: bool


def months(planned: Planned, calendar: Calendar) -> list[PlannedMonth]:
    """The months in which something of ``planned`` happens, in order."""
    marks = _marks(planned)
    numbers = sorted({(day.year, day.month) for day in marks})
    return [_month(year, month, marks, calendar) for year, month in numbers[:MOST]]


def _marks(planned: Planned) -> dict[date, list[Mark]]:
    marks: dict[date, list[Mark]] = defaultdict(list)
    for day, name in event_days(planned.wish):
        marks[day].append(Mark(name, "event"))
    if planned.announcement:
        manner = "warning" if planned.announcement.passed else "target"
        marks[planned.announcement.last_on].append(Mark("公布场次", manner, "考试组织单位"))
    for line in planned.lines:
        marks[line.due_on].append(Mark(line.title, _manner(line), line.who))
    if marks:
        marks[planned.today].insert(0, Mark("今天", "today"))
    return marks


def _manner(line) -> str:
    if line.standing != Feasibility.LAWFUL:
        return line.standing.value
    return "target" if line.internal_target or line.assumed else "due"


def _month(year: int, month: int, marks: dict[date, list[Mark]], calendar: Calendar) -> PlannedMonth:
    weeks = [
        [_day(day, marks, calendar) if day.month == month else None for day in week]
        for week in weeks_of_month.Calendar().monthdatescalendar(year, month)
    ]
    marked = [day for week in weeks for day in week if day and day.marks]
    return PlannedMonth(date(year, month, 1), weeks, marked, calendar.is_published(year))


def _day(day: date, marks: dict[date, list[Mark]], calendar: Calendar) -> PlannedDay:
    kind, name = _kind(calendar.reason(day))
    return PlannedDay(day, kind, name, tuple(marks.get(day, ())))


def _kind(reason: str) -> tuple[str, str]:
    if reason in (WORKING, WEEKEND):
        return ("work" if reason == WORKING else "weekend"), ""
    return ("make-up", "上班") if reason.startswith(MAKE_UP) else ("off", reason)
