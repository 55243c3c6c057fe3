"""A year's calendar against an independent source: the package chinese_calendar, where it covers the year."""

from dataclasses import dataclass
from datetime import date

import chinese_calendar

from certification.workdays.arrangements import each_day
from certification.workdays.counting import Calendar

SOURCE = "chinese_calendar"


@dataclass(frozen=True)
class Difference:
    """A day that is worked by one and off by the other, and what each calls it."""

    date: date
    works: bool
    ours: str
    theirs: str


def covers(year: int) -> bool:
    """Whether the independent source knows the whole of ``year``."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
        chinese_calendar.is_workday(date(year, 12, 31))
    except NotImplementedError:
        return False
    return True


def differences(year: int, calendar: Calendar) -> list[Difference]:
    """Every day of ``year`` on which the two disagree. Raises NotImplementedError where the source does not cover
    the year, and OutOfRange."""
    return [
        Difference(day, calendar.is_working(day), calendar.reason(day), _theirs(day))
        for day in each_day((date(year, 1, 1), date(year, 12, 31)))
        if calendar.is_working(day) != chinese_calendar.is_workday(day)
    ]


def _theirs(day: date) -> str:
    off, name = chinese_calendar.get_holiday_detail(day)
    said = "放假" if off else "上班"
    return f"{said}（{chinese_calendar.Holiday(name).chinese}）" if name else said
