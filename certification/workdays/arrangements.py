"""What somebody wrote down as the days of a year, as it was written: before anybody knows whether it can be true."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from certification.workdays.models import CalendarDay

# (date, kind, holiday's name), as editions hold them.
Day = tuple[date, str, str]
Span = tuple[date, date]

_ONE_DAY = timedelta(days=1)


@dataclass
class Arrangement:
    """One holiday as written. ``off`` are its spans (first and last day included), ``makeup`` the days worked for it.

    ``place`` says where it stands (二、春节; 第 3 行). ``said_days`` is the number of days off that the text names,
    ``weekdays`` the weekday (Monday is 0) that it gives to a date, ``no_swap`` that it says 不调休.
    """

    name: str
    place: str
    off: list[Span] = field(default_factory=list)
    makeup: list[date] = field(default_factory=list)
    said_days: int | None = None
    weekdays: list[tuple[date, int]] = field(default_factory=list)
    no_swap: bool = False

    @property
    def days_off(self) -> list[date]:
        """Every day of every span, in the order written, repeated ones included."""
        return [day for span in self.off for day in each_day(span)]


def each_day(span: Span) -> Iterator[date]:
    """The days of a span, first and last included."""
    first, last = span
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))


def days_of(arrangements: Iterable[Arrangement]) -> list[Day]:
    """What the arrangements come to, as the days of an edition in order of date."""
    days = [
        entry
        for one in arrangements
        for entry in (
            *((day, CalendarDay.Kind.OFF.value, one.name) for day in one.days_off),
            *((day, CalendarDay.Kind.MAKEUP.value, one.name) for day in one.makeup),
        )
    ]
    return sorted(days)


def spans(days: Iterable[Day]) -> list[tuple[Span, str, str]]:
    """The days of an edition as (span, kind, name), neighbours of the same kind and name brought together."""
    found: list[tuple[Span, str, str]] = []
    for day, kind, name in sorted(days):
        if found:
            (first, last), *same = found[-1]
            if same == [kind, name] and day == last + _ONE_DAY:
                found[-1] = ((first, day), kind, name)
                continue
        found.append(((day, day), kind, name))
    return found
