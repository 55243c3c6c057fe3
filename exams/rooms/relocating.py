"""Candidates and staff of rooms carried into other rooms at the same time (换考场、变更考试点): the time stays, and
with it every booking of the persons."""

from collections.abc import Iterable
from dataclasses import dataclass

from certification.organisations import separation
from certification.organisations.separation import Capacity
from certification.records import bulk
from certification.refusals import raise_if
from certification.workflow import lock
from exams.models import ExamRoom, RoomUse, Seat, StaffAssignment
from exams.rooms.overriding import Reseated, log_moves
from exams.rooms.seating import take_rooms


@dataclass(frozen=True)
class Transfer:
    """What goes from a room that was given into another one: each seat with its number there, who is on duty."""

    use: RoomUse
    room: ExamRoom
    seats: tuple[tuple[Seat, int], ...]
    staff: tuple[StaffAssignment, ...]

    def place_words(self, seat: Seat, number: int) -> tuple[str, str]:
        """The seat before and after, as tickets name them; with the sites where these differ."""
        before, after = f"{self.use.room.name}{seat.number}号", f"{self.room.name}{number}号"
        if self.use.room.site_id == self.room.site_id:
            return before, after
        return f"{self.use.room.site} {before}", f"{self.room.site} {after}"


@dataclass(frozen=True)
class Carried:
    """What came of it: the rooms given now, whose seat moved, who of the staff came along."""

    uses: list[RoomUse]
    moves: list[Reseated]
    staff: list[StaffAssignment]


def seats_of(uses: Iterable[RoomUse], *, locked: bool) -> list[Seat]:
    """Who sits in the rooms, by number. One query."""
    case = ("candidate__application__person", "candidate__application__institution")
    rows = Seat.objects.filter(use__in=list(uses)).select_related(*case)
    return sorted(lock(rows) if locked else rows, key=lambda seat: (seat.use_id, seat.number))


def staff_of(uses: Iterable[RoomUse], *, locked: bool) -> list[StaffAssignment]:
    """Who serves in the rooms, or was asked to. One query."""
    rows = StaffAssignment.objects.filter(use__in=list(uses), ended_at__isnull=True).select_related("person")
    return list(lock(rows) if locked else rows.order_by("pk"))


def carry(transfers: Iterable[Transfer], what: str, reason: str, *, actor, now) -> Carried:
    """Do it with the locked rows, ``what`` it is called and why kept in history; the rooms that were given before are
    the caller's to end. Raises SeparationBreach where the actor has to stay away from a candidate (rules 4), WrongState
    where a room was taken meanwhile."""
    transfers = list(transfers)
    candidates = [seat.candidate for one in transfers for seat, _number in one.seats]
    raise_if(next(iter(separation.breaches(actor, Capacity.STAFFS, candidates).values()), None))
    uses, seats, staff, moves = [], [], [], []
    for one in transfers:
        (use,) = take_rooms([one.room], one.use.part)
        uses.append(use)
        for seat, number in one.seats:
            part = one.use.part.get_part_display()
            moves.append(Reseated(seat.candidate, part, *one.place_words(seat, number)))
            seat.use, seat.number = use, number
            seats.append(seat)
        for assignment in one.staff:
            assignment.use = use
            staff.append(assignment)
    kept = f"{what}：{reason}"[:100]
    bulk.update(seats, ["use", "number"], actor=actor, at=now, reason=kept)
    bulk.change(staff, ["use"], actor=actor, at=now, reason=kept)
    log_moves(moves, reason, actor=actor, now=now)
    return Carried(uses, moves, staff)
