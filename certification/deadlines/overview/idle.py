"""Days on which nobody had to act under a deadline, between the day on which it arose and the day on which it was met:
those of pauses (rules 2.4), and those between meeting it once and its coming back to be done again (rules 2.8)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.db.models import Q

from certification import clock
from certification.deadlines import pauses
from certification.deadlines.models import Deadline
from certification.workdays.counting import Calendar, Interval, merged

ONE_DAY = date.resolution
_REOPENED = Q(reopened_at__isnull=False)


def with_idle_days(met) -> list[Deadline]:
    """Of the met deadlines (a queryset) the few that may have such days. Two queries."""
    return list({row.pk: row for found in (pauses.exist(), _REOPENED) for row in met.filter(found)}.values())


def idle_days(rows: Sequence[Deadline], calendar: Calendar) -> dict[int, int]:
    """How many working days each of the met deadlines did not run. One query a kind of case, and one."""
    apart: dict[int, list[Interval]] = defaultdict(list)
    met_on = {row.pk: clock.day_of(row.met_at) for row in rows}
    for pk, found in pauses.of_rows(rows).items():
        apart[pk] += [(pause.starts_on, max(pause.ends_on or met_on[pk], pause.starts_on)) for pause in found]
    for pk, interval in _between_meetings(rows):
        apart[pk].append(interval)
    return {row.pk: _counted(row, apart[row.pk], calendar) for row in rows}


def _counted(row: Deadline, intervals: Iterable[Interval], calendar: Calendar) -> int:
    first, last = clock.day_of(row.opened_at), clock.day_of(row.met_at)
    return sum(calendar.overlap(first, last, one) for one in merged(intervals))


def _between_meetings(rows: Sequence[Deadline]) -> Iterator[tuple[int, Interval]]:
    """The days after each meeting up to the day on which the deadline came back, from the history."""
    reopened = [row.pk for row in rows if row.reopened_at]
    met: dict[int, date] = {}
    lines = Deadline.history.filter(id__in=reopened).order_by("history_date", "history_id")
    for pk, met_at, at in lines.values_list("id", "met_at", "history_date"):
        if met_at is not None:
            met[pk] = clock.day_of(met_at)
        elif pk in met:
            first, back = met.pop(pk) + ONE_DAY, clock.day_of(at)
            if back >= first:
                yield pk, (first, back)
