"""A calendar year as twelve months of weeks, Monday first, each day with what the notices say about it."""

import calendar
from dataclasses import dataclass
from datetime import date

from certification.workdays.counting import MAKE_UP, WEEKEND, WORKING, Calendar


@dataclass(frozen=True)
class Day:
    """``kind`` is "work", "weekend", "off" or "make-up"; ``name`` the holiday's, empty on ordinary days."""

    date: date
    kind: str
    name: str


@dataclass(frozen=True)
class Month:
    """Weeks of seven; None stands for days of the neighbouring months. ``working_days`` counts the month's."""

    number: int
    weeks: list[list[Day | None]]
    working_days: int


def months(year: int, counted_by: Calendar) -> list[Month]:
    """The months of ``year`` as ``counted_by`` counts them. Raises workdays.counting.OutOfRange beyond its years."""
    return [_month(year, number, counted_by) for number in range(1, 13)]


def _month(year: int, number: int, counted_by: Calendar) -> Month:
    weeks = [
        [_day(day, counted_by) if day.month == number else None for day in week]
        for week in calendar.Calendar().monthdatescalendar(year, number)
    ]
    working = sum(day is not None and day.kind in ("work", "make-up") for week in weeks for day in week)
    return Month(number, weeks, working)


def _day(day: date, counted_by: Calendar) -> Day:
    reason = counted_by.reason(day)
    if reason == WORKING:
        return Day(day, "work", "")
    if reason == WEEKEND:
        return Day(day, "weekend", "")
    if reason.startswith(MAKE_UP):
        return Day(day, "make-up", "上班")
    return Day(day, "off", reason)
