"""The load of a city's sites (rules 8): how many people its rooms can examine each day of a month, against how many
places of announced sessions and how many seats fall on it. Rule values: ``examination.site_upkeep``.

What can be examined is the seats of the rooms that are in use, less those in maintenance on the day, times the rounds
that a room can be filled a day.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Sum

from certification import clock
from certification.organisations.models import Territory
from certification.rulebook import lookup
from certification.workdays import calendars
from exams import standards
from exams.models import ExamRoom, ExamSite, Part, RoomTime, Seat, SessionPart
from exams.rooms.room_times import Span
from exams.states import SessionState


@dataclass
class PartLoad:
    """How many can be examined, for how many places were announced, how many have a seat: of one part."""

    possible: int = 0
    announced: int = 0
    seated: int = 0

    @property
    def percent(self) -> int | None:
        """The announced places as a share of what is possible; None where nothing is."""
        return round(100 * self.announced / self.possible) if self.possible else None

    @property
    def share(self) -> float:
        """The same as a fraction, 1 where places were announced and nothing is possible."""
        return self.announced / self.possible if self.possible else float(self.announced > 0)

    @property
    def over(self) -> bool:
        """Whether more was announced than is possible."""
        return self.announced > self.possible


@dataclass
class DayLoad:
    """One day of a city; exams may fall on days off too, which do not count as possible in a month."""

    day: date
    working: bool = True
    theory: PartLoad = field(default_factory=PartLoad)
    practical: PartLoad = field(default_factory=PartLoad)

    @property
    def parts(self) -> tuple[PartLoad, PartLoad]:
        """Theory and practical."""
        return self.theory, self.practical

    @property
    def over(self) -> bool:
        """Whether more was announced than is possible, of either part."""
        return any(part.over for part in self.parts)

    @property
    def busy(self) -> bool:
        """Whether any exam falls on the day."""
        return any(part.announced or part.seated for part in self.parts)

    @property
    def share(self) -> float:
        """How full the fuller of the parts is: what makes a day the busiest."""
        return max(part.share for part in self.parts)


@dataclass
class CityLoad:
    """A city's sites and rooms in use, and its days of the month; ``bound`` of the sites are those of counties under
    provincial rule and functional zones, which count with their city [四(三)]."""

    territory: Territory
    days: list[DayLoad]
    sites: int = 0
    bound: int = 0
    rooms: int = 0

    @property
    def parts(self) -> tuple[PartLoad, PartLoad]:
        """Theory and practical of the whole month: what is possible on its working days."""
        return tuple(
            PartLoad(
                sum(day.parts[place].possible for day in self.days if day.working),
                sum(day.parts[place].announced for day in self.days),
                sum(day.parts[place].seated for day in self.days),
            )
            for place in (0, 1)
        )

    @property
    def a_day(self) -> tuple[int, int]:
        """How many theory and practical can be examined on a day without maintenance."""
        return tuple(max(day.parts[place].possible for day in self.days) for place in (0, 1))

    @property
    def busiest(self) -> DayLoad | None:
        """The day with the greatest share of its places announced; None in a month without exams."""
        return max((day for day in self.days if day.busy), key=lambda day: day.share, default=None)

    @property
    def busy_days(self) -> list[DayLoad]:
        """The days on which exams fall."""
        return [day for day in self.days if day.busy]


def of_month(user, first: date) -> list[CityLoad]:
    """The load of the cities whose sites ``user`` may see, in the month that begins on ``first``. Five queries."""
    days = [first + timedelta(days=number) for number in range(monthrange(first.year, first.month)[1])]
    calendar = calendars.current()
    sites = list(ExamSite.objects.visible_to(user).filter(active=True).select_related("territory"))
    city_of = {site.pk: site.territory_id for site in sites}
    rooms = list(ExamRoom.objects.filter(site__in=city_of, active=True))
    loads = {
        territory.pk: CityLoad(territory, [DayLoad(day, calendar.is_working(day)) for day in days])
        for territory in sorted({site.territory for site in sites}, key=lambda one: one.code)
    }
    for site in sites:
        loads[site.territory_id].sites += 1
        loads[site.territory_id].bound += site.area in standards.BOUND_AREAS
    _count_rooms(loads, rooms, city_of, days)
    for territory_id, day, part, places in _announced(city_of, days):
        _part(loads[territory_id], day, part).announced += places
    for territory_id, day, part, seats in _seated(city_of, days):
        _part(loads[territory_id], day, part).seated += seats
    return list(loads.values())


def _count_rooms(loads: dict[int, CityLoad], rooms: list[ExamRoom], city_of: dict[int, int], days: list[date]) -> None:
    edition = lookup.edition_on(clock.today())
    rounds = {part: standards.rounds_per_day(part, edition) for part in Part}
    out = _out_of_use(rooms, days)
    for room in rooms:
        load = loads[city_of[room.site_id]]
        load.rooms += 1
        for day in days:
            if day not in out[room.pk]:
                _part(load, day, room.part).possible += room.capacity * rounds[Part(room.part)]


def _out_of_use(rooms: list[ExamRoom], days: list[date]) -> dict[int, set[date]]:
    """The days on which rooms are in maintenance, if only in part: room id → days."""
    whole = Span.of_days(days[0], days[-1])
    times = RoomTime.objects.filter(whole.overlapping, room__in=rooms, maintenance__isnull=False)
    out: dict[int, set[date]] = defaultdict(set)
    for room_id, starts_at, ends_at in times.values_list("room", "starts_at", "ends_at"):
        first, last = clock.day_of(starts_at), clock.day_of(ends_at - timedelta(seconds=1))
        out[room_id] |= {day for day in days if first <= day <= last}
    return out


def _announced(city_of, days: list[date]) -> Iterator[tuple]:
    rows = SessionPart.objects.filter(session__site__in=city_of, day__range=(days[0], days[-1]))
    rows = rows.exclude(session__state=SessionState.CANCELLED).order_by()
    return rows.values_list("session__site__territory", "day", "part").annotate(places=Sum("session__capacity"))


def _seated(city_of, days: list[date]) -> Iterator[tuple]:
    rows = Seat.objects.filter(part__session__site__in=city_of, part__day__range=(days[0], days[-1])).order_by()
    return rows.values_list("part__session__site__territory", "part__day", "part__part").annotate(seats=Count("pk"))


def _part(load: CityLoad, day: date, part: str) -> PartLoad:
    of_day = load.days[day.day - 1]
    return of_day.theory if part == Part.THEORY else of_day.practical
