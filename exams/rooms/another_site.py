"""Which rooms of another site take in whoever has a place in a session, at the same times (rules 8): everybody keeps
the order, and where the rooms are large enough the number of the seat."""

import copy
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from certification.workflow import lock
from exams.models import ExamRoom, ExamSession, ExamSite, Part, RoomUse, Seat, SessionPart, StaffAssignment
from exams.rooms import staffing
from exams.rooms.fitness import unfit
from exams.rooms.relocating import Transfer, seats_of, staff_of

NO_ROOM = "新考试点没有可用的考场"
NOT_QUALIFIED = "在考试当日不具备资格，或者不属于考试组织单位、新考试点"


@dataclass
class Fitting:
    """What becomes of the rooms of a session at another site: ``transfers`` are carried over, ``ended`` are rooms that
    were given and are given back, ``released`` the staff who cannot serve there, each with the reason. ``short`` says
    of each part how many have no seat there: then nothing can be done."""

    transfers: list[Transfer] = field(default_factory=list)
    ended: list[RoomUse] = field(default_factory=list)
    released: list[tuple[StaffAssignment, str]] = field(default_factory=list)
    short: dict[Part, int] = field(default_factory=dict)

    @property
    def facts(self) -> list[tuple]:
        """What a confirmation is for."""
        carried = [
            (
                *(one.use.pk, one.room.pk),
                [(seat.pk, number) for seat, number in one.seats],
                [row.pk for row in one.staff],
            )
            for one in self.transfers
        ]
        return [tuple(carried), tuple(use.pk for use in self.ended), tuple((r.pk, why) for r, why in self.released)]


@dataclass(frozen=True)
class _Held:
    """A room that was given, with who sits and serves there."""

    use: RoomUse
    seats: list[Seat]
    staff: list[StaffAssignment]

    @property
    def size(self) -> int:
        """How many seats the room instead of it needs for everybody to keep the number."""
        return self.seats[-1].number if self.seats else 0


def at_site(session: ExamSession, site: ExamSite) -> ExamSession:
    """The session as if it were at ``site``; never saved."""
    elsewhere = copy.copy(session)
    elsewhere.site = site
    return elsewhere


def fitting(session: ExamSession, site: ExamSite, *, locked: bool) -> Fitting:
    """What moving ``session`` to ``site`` does to its rooms, seats and staff; reads only. ``locked``: with all rooms of
    the site and the rows that it names locked, the rooms first and in the order in which everybody locks them."""
    if locked:
        lock(ExamRoom.objects.filter(site=site))
    elsewhere = at_site(session, site)
    uses = RoomUse.objects.in_force().filter(part__session=session).select_related("room__site", "part")
    uses = list(uses.order_by("part__day", "part__first_slot", "room__name", "pk"))
    seats, staff = _by_use(seats_of(uses, locked=locked)), _by_use(staff_of(uses, locked=locked))
    found = Fitting()
    unable = _unable(elsewhere, uses, staff)
    found.released += [(row, unable[row.pk]) for use in uses for row in staff[use.pk] if row.pk in unable]
    for place in SessionPart.objects.filter(session=session):
        held = [
            _Held(use, seats[use.pk], [row for row in staff[use.pk] if row.pk not in unable])
            for use in uses
            if use.part_id == place.pk
        ]
        _fit_part(found, elsewhere, place, held)
    return found


def _by_use(rows: Iterable) -> dict[int, list]:
    found = defaultdict(list)
    for row in rows:
        found[row.use_id].append(row)
    return found


def _unable(elsewhere: ExamSession, uses: list[RoomUse], staff: dict[int, list[StaffAssignment]]) -> dict[int, str]:
    """Who of the staff cannot serve at the other site, and why: assignment id → in words (rules 4, 8)."""
    breaches = staffing.in_breach(elsewhere)
    able: dict[tuple[str, int], set[int]] = {}
    found = {}
    for use in uses:
        for row in staff[use.pk]:
            key = row.duty, use.part_id
            if key not in able:
                qualified = staffing.qualified(elsewhere, row.duty, on=use.part.day)
                able[key] = set(qualified.values_list("pk", flat=True))
            if row.person_id in breaches:
                found[row.pk] = breaches[row.person_id].message.removesuffix("。")
            elif row.person_id not in able[key]:
                found[row.pk] = NOT_QUALIFIED
    return found


def _fit_part(found: Fitting, elsewhere: ExamSession, place: SessionPart, held: list[_Held]) -> None:
    """Whoever sits comes first, the fullest room first; a room in which nobody sits takes what is left."""
    free = _free_rooms(elsewhere, place)
    for one in sorted(held, key=lambda one: (-one.size, one.use.room.name)):
        if one.seats:
            left = _seat(found, one, free)
            if left:
                found.short[Part(place.part)] = found.short.get(Part(place.part), 0) + left
        elif room := _take(free, one.use.room.capacity):
            found.transfers.append(Transfer(one.use, room, (), tuple(one.staff)))
        else:
            found.ended.append(one.use)
            found.released += [(row, NO_ROOM) for row in one.staff]


def _seat(found: Fitting, one: _Held, free: list[ExamRoom]) -> int:
    """A room as large as theirs, or one in which all keep their numbers; where there is none they are seated in order
    in as many as it takes, the staff in the first. Returns how many have no seat."""
    if room := _take(free, one.use.room.capacity) or _take(free, one.size):
        kept = tuple((seat, seat.number) for seat in one.seats)
        found.transfers.append(Transfer(one.use, room, kept, tuple(one.staff)))
        return 0
    left, staff = list(one.seats), tuple(one.staff)
    while left and free:
        room = _take(free, len(left)) or free.pop()
        numbered = tuple((seat, number) for number, seat in enumerate(left[: room.capacity], start=1))
        found.transfers.append(Transfer(one.use, room, numbered, staff))
        left, staff = left[room.capacity :], ()
    return len(left)


def _take(free: list[ExamRoom], seats: int) -> ExamRoom | None:
    """The smallest of the rooms with as many seats, taken out of them; they stand in the order of their size."""
    room = next((room for room in free if room.capacity >= seats), None)
    if room:
        free.remove(room)
    return room


def _free_rooms(elsewhere: ExamSession, place: SessionPart) -> list[ExamRoom]:
    """The rooms of the site that can be given to the part at its time, the smallest first."""
    rooms = ExamRoom.objects.filter(site=elsewhere.site_id, part=place.part, active=True)
    rooms = list(rooms.select_related("site").order_by("capacity", "name", "pk"))
    kept_out = unfit(rooms, elsewhere, place.part, place)
    return [room for room in rooms if room.pk not in kept_out]
