"""The exam calendar of a site by room: which session or which maintenance has a room when, with seats given out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count

from certification import clock
from exams.models import ExamRoom, ExamSession, ExamSite, RoomTime, RoomUse, Seat
from exams.models.sessions import slot_time
from exams.rooms.room_times import Span


@dataclass(frozen=True)
class Entry:
    """What takes ``room`` on ``day``: a part of a session with its seats given out, or (``reason``) maintenance."""

    room: ExamRoom
    day: date
    hours: str
    use: RoomUse | None = None
    seats: int = 0
    reason: str = ""

    @property
    def session(self) -> ExamSession | None:
        """Whose exam it is."""
        return self.use.part.session if self.use else None


@dataclass(frozen=True)
class Row:
    """One room with what takes it on each of the days shown."""

    room: ExamRoom
    days: list[tuple[date, list[Entry]]]


def week_of(day: date) -> list[date]:
    """Monday to Sunday of the week of ``day``."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=number) for number in range(7)]


def rows(site: ExamSite, days: list[date]) -> list[Row]:
    """Every room of the site with what takes it on ``days``, which follow one another. Three queries."""
    rooms = list(ExamRoom.objects.filter(site=site).order_by("part", "name", "pk"))
    found: dict[tuple[int, date], list[Entry]] = defaultdict(list)
    for entry in _entries(rooms, days):
        found[entry.room.pk, entry.day].append(entry)
    return [Row(room, [(day, found[room.pk, day]) for day in days]) for room in rooms]


def _entries(rooms: list[ExamRoom], days: list[date]) -> Iterable[Entry]:
    by_id = {room.pk: room for room in rooms}
    whole = Span.of_days(days[0], days[-1])
    times = RoomTime.objects.filter(whole.overlapping, room__in=by_id).order_by("starts_at", "pk")
    times = list(times.select_related("use__part__session__job_type", "maintenance"))
    seats = _seats([row.use_id for row in times if row.use_id])
    for row in times:
        room = by_id[row.room_id]
        if row.use_id:
            part = row.use.part
            hours = f"{slot_time(part.first_slot)}—{slot_time(part.last_slot + 1)}"
            yield Entry(room, part.day, hours, row.use, seats.get(row.use_id, 0))
            continue
        first, last = clock.day_of(row.starts_at), clock.day_of(row.ends_at - timedelta(seconds=1))
        for day in days:
            if first <= day <= last:
                yield Entry(room, day, "全天", reason=row.maintenance.reason)


def _seats(use_ids: list[int]) -> dict[int, int]:
    rows = Seat.objects.filter(use__in=use_ids).order_by().values_list("use").annotate(number=Count("pk"))
    return dict(rows)
