"""Counting working days: pure functions over dense arrays, whose cost does not depend on how many are counted.

Working days are Monday to Friday unless a notice makes the day off; Saturday or Sunday only where a notice
makes it a make-up day (rules 2). Years without a published notice are counted by weekends and statutory days,
and whatever touches one is provisional (rules 2.2). Counting in either direction, the event day is day 0 and
not counted; the n-th working day from it is the last day in time.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from certification.workdays import statutory

FIRST_YEAR = 1970
LAST_YEAR = 2130
_FIRST = date(FIRST_YEAR, 1, 1)
_FIRST_ORDINAL = _FIRST.toordinal()
_LENGTH = (date(LAST_YEAR, 12, 31) - _FIRST).days + 1
_ONE_DAY = timedelta(days=1)
_NO_NOTICE = "-"

# First and last day, both included.
Interval = tuple[date, date]

WEEKEND = "周末"
WORKING = "工作日"
MAKE_UP = "调休上班"


class OutOfRange(ValueError):
    """The day asked for lies outside the years that can be counted (1970 to 2130)."""

    def __init__(self):
        super().__init__(f"日期超出可计算范围（{FIRST_YEAR}年至{LAST_YEAR}年）。")


@dataclass(frozen=True)
class Notice:
    """What one published notice says: days off and make-up working days by date, with the holiday's name.

    ``key`` names the edition in signatures; ``invented`` marks the demonstration's.
    """

    year: int
    key: str
    title: str
    off: Mapping[date, str]
    makeup: Mapping[date, str]
    invented: bool = False


class Count(NamedTuple):
    """The result of a count. ``provisional``: a year without a published notice is involved."""

    date: date
    provisional: bool


@dataclass(frozen=True)
class Step:
    """One day of a count: ``number`` is its place (1 is nearest to the event), None where it was skipped."""

    date: date
    number: int | None
    reason: str
    provisional: bool = False

    @property
    def counted(self) -> bool:
        return self.number is not None


@dataclass(frozen=True)
class Calendar:
    """All that the loaded notices say. Immutable: a changed calendar is another object."""

    notices: Mapping[int, Notice] = field(default_factory=dict)

    @classmethod
    def of(cls, notices: Iterable[Notice]) -> "Calendar":
        return cls({notice.year: notice for notice in notices})

    def __post_init__(self):
        off, makeup = self._special_days()
        working = _weekdays()
        _set(working, off, 0)
        _set(working, makeup, 1)
        object.__setattr__(self, "_off", off)
        object.__setattr__(self, "_makeup", makeup)
        object.__setattr__(self, "_working", working)
        # How many working days lie before each day, and the working days themselves, in order.
        object.__setattr__(self, "_before", array("I", accumulate(working, initial=0)))
        object.__setattr__(
            self, "_days", [_FIRST + timedelta(days=place) for place, works in enumerate(working) if works]
        )
        # How many years without a notice lie before each year.
        years = range(FIRST_YEAR, LAST_YEAR + 1)
        gaps = array("I", accumulate((year not in self.notices for year in years), initial=0))
        object.__setattr__(self, "_gaps", gaps)

    def is_working(self, day: date) -> bool:
        """Whether ``day`` is a working day; in a year without a notice, as far as can be foreseen."""
        return bool(self._working[_ordinal(day)])

    def is_published(self, year: int) -> bool:
        """Whether the notice for ``year`` is loaded."""
        return year in self.notices

    def shift(self, day: date, n: int) -> Count:
        """The ``n``-th working day after ``day`` (before it where ``n`` is negative); ``day`` itself is not
        counted. ``n`` = 0 gives ``day``, working day or not. Raises OutOfRange beyond 1970 to 2130."""
        if n == 0:
            _ordinal(day)
            return Count(day, self.is_provisional(day, day))
        place = self._before[_ordinal(day) + 1] + n - 1 if n > 0 else self._before[_ordinal(day)] + n
        if not 0 <= place < len(self._days):
            raise OutOfRange
        result = self._days[place]
        return Count(result, self.is_provisional(day, result))

    def shift_around(self, day: date, n: int, pauses: Iterable[Interval]) -> Count:
        """``shift`` forward where the days inside ``pauses`` do not count either. Raises ValueError for a count
        back, and OutOfRange."""
        pauses = merged(pauses)
        if pauses and n <= 0:
            raise ValueError("only counts forward can be paused")
        found = self.shift(day, n)
        for first, last in pauses:
            first = max(first, day + _ONE_DAY)
            if first > found.date:
                break
            if last >= first:
                found = self.shift(found.date, self.between(first - _ONE_DAY, last))
        return Count(found.date, self.is_provisional(day, found.date))

    def between(self, first: date, last: date) -> int:
        """Working days after ``first`` up to and including ``last``. Where ``last`` is earlier: minus the working
        days from ``last`` (included) up to ``first`` (not included). So ``shift(a, between(a, b))`` is ``b``
        for every working day ``b``."""
        if last >= first:
            return self._before[_ordinal(last) + 1] - self._before[_ordinal(first) + 1]
        return self._before[_ordinal(last)] - self._before[_ordinal(first)]

    def overlap(self, first: date, last: date, interval: Interval) -> int:
        """The working days of ``interval`` (both of its days included) after ``first`` up to ``last``."""
        start, end = max(first, interval[0] - timedelta(days=1)), min(last, interval[1])
        return self.between(start, end) if end > start else 0

    def steps(self, day: date, n: int, pauses: Mapping[Interval, str] | None = None) -> list[Step]:
        """Every day from ``day`` (not included) to ``shift_around(day, n, pauses)``, counted or skipped, and why;
        ``pauses`` holds the reason of each."""
        direction = _ONE_DAY if n > 0 else -_ONE_DAY
        end = self.shift_around(day, n, pauses or ()).date
        return list(self._walk(day, end, direction, pauses or {}))

    def is_provisional(self, one: date, other: date) -> bool:
        """Whether a year from that of ``one`` to that of ``other`` has no published notice."""
        first, last = (one.year, other.year) if one <= other else (other.year, one.year)
        if first < FIRST_YEAR or last > LAST_YEAR:
            return True
        return self._gaps[last + 1 - FIRST_YEAR] != self._gaps[first - FIRST_YEAR]

    def notices_between(self, one: date, other: date) -> list[Notice]:
        """The published notices of the years from that of ``one`` to that of ``other``."""
        first, last = sorted((one.year, other.year))
        return [self.notices[year] for year in range(first, last + 1) if year in self.notices]

    def signature(self, one: date, other: date) -> str:
        """By which editions a count from ``one`` to ``other`` was made, e.g. "2026:4 2027:-" (- is no notice)."""
        first, last = sorted((one.year, other.year))
        return " ".join(f"{year}:{self._key(year)}" for year in range(first, last + 1))

    @property
    def identity(self) -> str:
        """The editions that the whole calendar is made of, as ``signature`` writes them."""
        return " ".join(f"{year}:{self._key(year)}" for year in sorted(self.notices))

    def reason(self, day: date) -> str:
        """Why ``day`` counts or not: 工作日, 周末, a holiday's name, 调休上班 with the holiday that it makes up for."""
        if day in self._makeup:
            return f"{MAKE_UP}（{self._makeup[day]}）"
        if day in self._off:
            return self._off[day]
        return WORKING if self.is_working(day) else WEEKEND

    def _walk(self, day: date, end: date, direction: timedelta, pauses: Mapping[Interval, str]) -> Iterator[Step]:
        number = 0
        while day != end:
            day += direction
            paused = _reason_of_pause(day, pauses) if self.is_working(day) else ""
            counts = self.is_working(day) and not paused
            number += counts
            reason = paused or self.reason(day)
            yield Step(day, number if counts else None, reason, not self.is_published(day.year))

    def _key(self, year: int) -> str:
        return self.notices[year].key if year in self.notices else _NO_NOTICE

    def _special_days(self) -> tuple[dict[date, str], dict[date, str]]:
        """Days off and make-up days: statutory ones where no notice speaks, then notices, the later year last,
        because a notice may change the last days of the year before its own."""
        off: dict[date, str] = {}
        makeup: dict[date, str] = {}
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            if year not in self.notices:
                off.update(statutory.days_off(year))
        for year in sorted(self.notices):
            notice = self.notices[year]
            off.update(notice.off)
            makeup.update(notice.makeup)
            for day in notice.off:
                makeup.pop(day, None)
            for day in notice.makeup:
                off.pop(day, None)
        return off, makeup


def merged(pauses: Iterable[Interval]) -> list[Interval]:
    """Intervals (first and last day included) in order, with overlapping and adjoining ones made one."""
    found: list[Interval] = []
    for first, last in sorted(pauses):
        if found and first <= found[-1][1] + _ONE_DAY:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _reason_of_pause(day: date, pauses: Mapping[Interval, str]) -> str:
    return next((reason for (first, last), reason in pauses.items() if first <= day <= last), "")


def _ordinal(day: date) -> int:
    """``day`` as a place in the arrays; raises OutOfRange outside them."""
    ordinal = day.toordinal() - _FIRST_ORDINAL
    if not 0 <= ordinal < _LENGTH:
        raise OutOfRange
    return ordinal


def _weekdays() -> bytearray:
    """One byte per day, 1 from Monday to Friday."""
    week = bytes(1 if (_FIRST.weekday() + offset) % 7 < 5 else 0 for offset in range(7))
    return bytearray((week * (_LENGTH // 7 + 1))[:_LENGTH])


def _set(working: bytearray, days: Iterable[date], value: int) -> None:
    for day in days:
        ordinal = (day - _FIRST).days
        if 0 <= ordinal < _LENGTH:
            working[ordinal] = value
