"""Rooms, staff and seats when the parts of a session get other times: what stays is booked anew, what cannot stay is
given back and named (rules 8: no candidate twice at the same time, nobody silently unseated)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from certification.records import bulk
from certification.refusals import WrongState
from exams.day_states import StaffState
from exams.models import Candidate, ExamSession, PersonSlot, RoomTime, RoomUse, Seat, SessionPart, StaffAssignment
from exams.rooms import fitness
from exams.rooms.room_times import Span, take
from exams.sessions.announcing import Time
from exams.sessions.listing import take_off_admission

MOVED = "考试时间变更"
CANCELLED = "场次取消"


@dataclass
class Rebooking:
    """What becomes of the bookings of the parts that move, each loss with its reason in words."""

    parts: list[SessionPart] = field(default_factory=list)
    rooms: list[RoomUse] = field(default_factory=list)
    staff: list[StaffAssignment] = field(default_factory=list)
    seats: list[Seat] = field(default_factory=list)
    lost_rooms: list[tuple[RoomUse, str]] = field(default_factory=list)
    lost_staff: list[tuple[StaffAssignment, str]] = field(default_factory=list)
    unseated: list[tuple[Candidate, str]] = field(default_factory=list)

    @property
    def facts(self) -> list[tuple]:
        """What a confirmation is for."""
        kept = [[row.pk for row in rows] for rows in (self.rooms, self.staff, self.seats)]
        lost = [[(row.pk, why) for row, why in rows] for rows in (self.lost_rooms, self.lost_staff, self.unseated)]
        return [*map(tuple, kept), *map(tuple, lost)]


def foresee(session: ExamSession, times: Mapping[str, Time], leaving: Iterable[int] = ()) -> Rebooking:
    """What giving the parts of ``session`` these ``times`` does to their bookings; ``leaving`` names the candidates
    who leave the session by it. Reads only."""
    found = Rebooking(parts=moving_parts(session, times))
    part_of = {part.pk: part for part in found.parts}
    uses = RoomUse.objects.in_force().filter(part__in=part_of).select_related("room")
    uses = list(uses.order_by("pk"))
    lost = _lost_rooms(session, uses, part_of, times)
    for use in uses:
        if why := lost.get(use.pk):
            found.lost_rooms.append((use, why))
        else:
            found.rooms.append(use)
    _foresee_staff(session, found, part_of, times)
    _foresee_seats(session, found, part_of, times, set(leaving))
    return found


def rebook(session: ExamSession, times: Mapping[str, Time], found: Rebooking, *, actor, now: datetime) -> None:
    """Do what ``foresee`` found, on the locked session. Raises WrongState where a room or a person was taken
    meanwhile."""
    parts = [part.pk for part in found.parts]
    PersonSlot.objects.filter(seat__part__in=parts).delete()
    PersonSlot.objects.filter(assignment__use__part__in=parts).delete()
    RoomTime.objects.filter(use__part__in=parts).delete()
    end_uses([use for use, _why in found.lost_rooms], MOVED, actor=actor, now=now)
    end_duties([row for row, _why in found.lost_staff], MOVED, actor=actor, now=now)
    take_off_admission([row for row, _why in found.unseated], actor=actor, now=now, reason=MOVED)
    for part in found.parts:
        time = times[part.part]
        part.day, part.first_slot, part.last_slot = time.day, time.first_slot, time.last_slot
    if found.parts:
        fields = ["day", "first_slot", "last_slot"]
        bulk.change(found.parts, fields, actor=actor, at=now, reason=MOVED)
    _book(found, times)


def end_uses(uses: list[RoomUse], reason: str, *, actor, now: datetime) -> None:
    """The rooms are free for others; that they were given stays on record."""
    RoomTime.objects.filter(use__in=[use.pk for use in uses]).delete()
    for use in uses:
        use.ended_at = now
    if uses:
        bulk.change(uses, ["ended_at"], actor=actor, at=now, reason=reason)


def end_duties(assignments: list[StaffAssignment], reason: str, *, actor, now: datetime) -> None:
    """The persons are free for others; that they were on duty stays on record."""
    PersonSlot.objects.filter(assignment__in=[row.pk for row in assignments]).delete()
    for row in assignments:
        row.ended_at, row.state, row.reason = now, StaffState.ENDED, reason[:200]
    if assignments:
        bulk.change(assignments, ["ended_at", "state", "reason"], actor=actor, at=now, reason=reason)


def moving_parts(session: ExamSession, times: Mapping[str, Time]) -> list[SessionPart]:
    """The parts of ``session`` whose time becomes another."""
    parts = SessionPart.objects.filter(session=session).order_by("pk")
    return [part for part in parts if Time(part.day, part.first_slot, part.last_slot) != times[part.part]]


def serving(parts: Iterable[int]):
    """Who is on duty in the parts now."""
    rows = StaffAssignment.objects.filter(use__part__in=list(parts), ended_at__isnull=True)
    return rows.select_related("person", "use__room", "use__part").order_by("pk")


def _lost_rooms(session, uses: list[RoomUse], part_of, times: Mapping[str, Time]) -> dict[int, str]:
    """Which rooms cannot be used at the new time, and why: use id → in words. Two queries for each part."""
    lost = {}
    for part in part_of.values():
        own = [use for use in uses if use.part_id == part.pk]
        why = fitness.unfit([use.room for use in own], session, part.part, times[part.part])
        lost |= {use.pk: why[use.room_id].message.removesuffix("。") for use in own if use.room_id in why}
    return lost


def _foresee_staff(session, found: Rebooking, part_of, times: Mapping[str, Time]) -> None:
    lost = {use.pk for use, _why in found.lost_rooms}
    rows = list(serving(part_of))
    busy = _busy(session, {row.person_id for row in rows}, times)
    for row in rows:
        if row.use_id in lost:
            found.lost_staff.append((row, f"{row.use.room.name}不能再用"))
        elif part_of[row.use.part_id].part in busy[row.person_id]:
            found.lost_staff.append((row, "在新的时间已有其他安排"))
        else:
            found.staff.append(row)


def _foresee_seats(session, found: Rebooking, part_of, times: Mapping[str, Time], leaving: set[int]) -> None:
    """A candidate who loses the seat of one part loses all, and with them the admission, until seated again."""
    lost = {use.pk: why for use, why in found.lost_rooms}
    seats = Seat.objects.filter(part__session=session).exclude(candidate__in=leaving)
    seats = list(seats.select_related("candidate__application__person", "candidate__application__institution"))
    busy = _busy(session, {seat.candidate.application.person_id for seat in seats}, times)
    unseated: dict[int, tuple[Candidate, str]] = {}
    for seat in sorted(seats, key=lambda row: row.pk):
        if seat.part_id not in part_of:
            continue
        if seat.use_id in lost:
            unseated.setdefault(seat.candidate_id, (seat.candidate, lost[seat.use_id]))
        elif part_of[seat.part_id].part in busy[seat.candidate.application.person_id]:
            unseated.setdefault(seat.candidate_id, (seat.candidate, "在新的时间已有其他考试安排"))
    found.unseated = list(unseated.values())
    found.seats = [seat for seat in seats if seat.part_id in part_of and seat.candidate_id not in unseated]


def _busy(session: ExamSession, persons: set[int], times: Mapping[str, Time]) -> dict[int, set[str]]:
    """In which parts' new time each person is booked outside this session: person id → parts. One query."""
    rows = PersonSlot.objects.filter(person__in=persons, day__in={time.day for time in times.values()})
    rows = rows.exclude(seat__part__session=session).exclude(assignment__use__part__session=session)
    busy: dict[int, set[str]] = defaultdict(set)
    for person, day, slot in rows.values_list("person_id", "day", "slot"):
        busy[person] |= {part for part, time in times.items() if time.day == day and slot in _slots(time)}
    return busy


def _book(found: Rebooking, times: Mapping[str, Time]) -> None:
    time_of = {part.pk: times[part.part] for part in found.parts}
    spans = [(use, Span.of(time_of[use.part_id])) for use in found.rooms]
    rooms = [
        RoomTime(use=use, room_id=use.room_id, starts_at=span.starts_at, ends_at=span.ends_at) for use, span in spans
    ]
    staff = [
        PersonSlot(person_id=row.person_id, day=time_of[row.use.part_id].day, slot=slot, assignment=row)
        for row in found.staff
        for slot in _slots(time_of[row.use.part_id])
    ]
    seats = [
        PersonSlot(person_id=seat.candidate.application.person_id, day=time_of[seat.part_id].day, slot=slot, seat=seat)
        for seat in found.seats
        for slot in _slots(time_of[seat.part_id])
    ]
    try:
        with transaction.atomic():
            take(rooms)
            PersonSlot.objects.bulk_create([*staff, *seats])
    except IntegrityError as error:
        raise WrongState(
            "有考场或人员刚刚被安排到同一时间的其他场次，尚未变更。", code="taken", advice="请重新预览。"
        ) from error


def _slots(time: Time) -> range:
    return range(time.first_slot, time.last_slot + 1)
