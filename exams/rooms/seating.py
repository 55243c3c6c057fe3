"""Rooms and seats (rules 8): rooms given to parts, candidates admitted and seated, nobody silently left out."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db import IntegrityError, transaction

from certification.organisations import access
from certification.people import bars
from certification.records import bulk
from certification.refusals import Refusal, WrongState
from certification.workflow import activity, apply, lock, log
from exams import standards
from exams.models import (
    Candidate,
    ExamRoom,
    ExamSession,
    Part,
    PersonSlot,
    Result,
    RoomTime,
    RoomUse,
    Seat,
    SessionPart,
)
from exams.rooms import suspensions
from exams.rooms.bookings import busy_in, free_seats, slots_of
from exams.rooms.fitness import require_fit, unfit, usable
from exams.rooms.room_times import Span, take
from exams.sessions.listing import stopped_classes
from exams.states import CANDIDATE, IN_SESSION, OPEN_SESSIONS, CandidateState
from exams.states import ApplicationState as A

# What seating reads of a candidate: whole rows of the application and its person take a second for ten thousand.
_READ = (
    *(field.name for field in Candidate._meta.concrete_fields),
    "application__state",
    "application__kind",
    "application__conditional",
    "application__hours_confirmed_at",
    "application__rule_edition__code",
    "application__rule_edition__name",
    "application__rule_edition__active",
    "application__person__name",
    "application__person__document_number",
)


@dataclass
class Seating:
    """What a run did: candidates who got a seat now, who kept theirs, and who has none, with the reason."""

    seated: list[Candidate] = field(default_factory=list)
    kept: list[Candidate] = field(default_factory=list)
    unseated: list[tuple[Candidate, Refusal]] = field(default_factory=list)


class NoSeat(Refusal):
    """The rooms of a part are full, or none was given."""

    code = "no_seat"


class NotCleared(Refusal):
    """The review has not passed, or the proof of hours is not confirmed: not admitted."""

    code = "not_cleared"


@activity
def use_rooms(*, actor, now, session_id: int, part: str, room_ids: Iterable[int]) -> list[RoomUse]:
    """Give the rooms to a part of the session, instead of those given before.

    Raises WrongState where a room that is taken away has seats or staff, ``room_taken`` or ``room_in_maintenance``
    where it is not free at that time, Refusal ``room_unfit`` where a room is of another site, another use, closed or
    not equipped, ``equipment_expired`` where its equipment is not valid on that day.
    """
    access.require(actor, "exams.session.arrange")
    session = locked_session(actor, session_id)
    require_arrangeable(session)
    place = SessionPart.objects.get(session=session, part=part)
    wanted = set(room_ids)
    before = {use.room_id: use for use in place.rooms.in_force()}
    give_back([use for room_id, use in before.items() if room_id not in wanted], now=now)
    take_rooms(_fit_rooms(session, place, wanted - set(before)), place)
    log([session], "use_rooms", actor=actor, now=now, detail={"part": part, "rooms": sorted(wanted)})
    return list(place.rooms.in_force().select_related("room").order_by("room__name"))


@activity
def seat_candidates(*, actor, now, session_id: int) -> Seating:
    """Admit and seat everybody who is cleared, by the order of assignment; whoever has a seat keeps it (rules 3.4).

    A candidate needs a seat in every part that was not passed before. Who is not admitted is named with the
    reason: not cleared, hours not confirmed, rooms full, booked elsewhere at that time, barred meanwhile.
    Raises ``site_suspended`` where a tour suspends the site.
    """
    access.require(actor, "exams.session.arrange")
    session = locked_session(actor, session_id)
    require_arrangeable(session)
    suspensions.require_none(session)
    rows = Candidate.objects.filter(session=session, state__in=IN_SESSION)
    candidates = lock(rows.select_related("application__person", "application__rule_edition").only(*_READ))
    plan = _SeatPlan(session, candidates, now)
    seating = Seating()
    for candidate in candidates:
        _place(candidate, plan, seating)
    _withdraw_admission(seating, actor=actor, now=now)
    _write_seats(plan, actor=actor, now=now)
    _number_tickets(session, seating.seated, actor=actor, now=now)
    detail = {"seated": len(seating.seated), "unseated": len(seating.unseated)}
    log([session], "seat", actor=actor, now=now, detail=detail)
    return seating


def locked_session(actor, session_id: int) -> ExamSession:
    """The session, locked, with its site, of the actor's own organisation; raises DoesNotExist, NotPermitted."""
    found = lock(ExamSession.objects.visible_to(actor).filter(pk=session_id).select_related("site"))
    if not found:
        raise ExamSession.DoesNotExist
    access.require_own(actor, found[0].organiser_id)
    return found[0]


def require_arrangeable(session: ExamSession) -> None:
    """Raise once the exam has begun."""
    if session.state not in OPEN_SESSIONS:
        raise WrongState(f"场次{session.number}当前状态为“{session.get_state_display()}”，不能再调整考务安排。")


def carried_parts(candidates: Iterable[Candidate]) -> dict[int, set[str]]:
    """Parts carried over from earlier sessions: candidate id → parts. One query."""
    rows = Result.objects.filter(carried_from__isnull=False)
    rows = bulk.among(rows, "candidate", [row.pk for row in candidates])
    carried: dict[int, set[str]] = defaultdict(set)
    for candidate_id, part in rows.values_list("candidate_id", "part"):
        carried[candidate_id].add(part)
    return carried


def parts_to_sit(candidates: Iterable[Candidate]) -> set[str]:
    """The parts in which anybody of ``candidates`` (read with their editions) needs a seat: not those that everybody
    has passed before. One query."""
    rows = list(candidates)
    carried = carried_parts(rows)
    needed: set[str] = set()
    for row in rows:
        parts = standards.parts_for(row.application.kind, row.application.rule_edition)
        needed |= {*parts} - carried.get(row.pk, set())
    return needed


_seat = bulk.builder(Seat, "candidate_id", "part_id", "use_id", "number")


class _SeatPlan:
    """What is free and what is taken, read once, and the seats given out in this run."""

    def __init__(self, session: ExamSession, candidates: list[Candidate], now):
        self.session = session
        self.parts = {place.part: place for place in SessionPart.objects.filter(session=session)}
        self.carried = carried_parts(candidates)
        self.barred = bars.in_force((row.application.person_id for row in candidates), now.date(), session.starts_on)
        self.stopped = stopped_classes([row.application for row in candidates])
        self.seated: dict[int, set[str]] = defaultdict(set)
        self.new: list[Seat] = []
        self.persons: list[int] = []
        self.by_kind: dict[tuple[str, int], tuple[Part, ...]] = {}
        self.seats: dict[str, int] = defaultdict(int)
        self.unusable: dict[str, list[int]] = defaultdict(list)
        taken = defaultdict(set)
        seats = Seat.objects.filter(part__session=session)
        for candidate_id, part, use_id, number in seats.values_list("candidate", "part__part", "use", "number"):
            self.seated[candidate_id].add(part)
            taken[use_id].add(number)
        self.free = self._free(taken)
        persons = [row.application.person_id for row in candidates if row.pk not in self.seated]
        self.busy = busy_in(persons, self.parts.values())

    def check(self, candidate: Candidate) -> None:
        """Raise why the candidate cannot be admitted, seats apart."""
        application = candidate.application
        if application.state != A.CLEARED:
            raise NotCleared(f"审核未通过（{application.get_state_display()}）。", clause="方案三（二）")
        if refusal := self.stopped.get(application.pk):
            raise refusal
        if application.conditional and application.hours_confirmed_at is None:
            raise NotCleared("学时证明未经确认。", code="hours_unconfirmed", clause="方案三（二）2")
        if bar := self.barred.get(application.person_id):
            raise bars.refusal(bar, application.person, "不予安排考试")

    def seat(self, candidate: Candidate) -> bool:
        """Give the candidate a seat in every part that still needs one; False where all were there already."""
        carried, seated = self.carried.get(candidate.pk, ()), self.seated.get(candidate.pk, ())
        wanted = [part for part in self._parts_of(candidate) if part not in carried and part not in seated]
        for part in wanted:
            self._require_seat(candidate, part)
        for part in wanted:
            use_id, number = self.free[part].popleft()
            self.new.append(_seat(candidate.pk, self.parts[part].pk, use_id, number))
            self.persons.append(candidate.application.person_id)
        return bool(wanted)

    def booked(self) -> Iterator[tuple[Seat, int, date, range]]:
        """The new seats with person, day and time slots of each."""
        when = {place.pk: (place.day, slots_of(place)) for place in self.parts.values()}
        for seat, person_id in zip(self.new, self.persons, strict=True):
            yield seat, person_id, *when[seat.part_id]

    def _parts_of(self, candidate: Candidate) -> tuple[Part, ...]:
        key = candidate.application.kind, candidate.application.rule_edition_id
        if key not in self.by_kind:
            self.by_kind[key] = standards.parts_for(candidate.application.kind, candidate.application.rule_edition)
        return self.by_kind[key]

    def _require_seat(self, candidate: Candidate, part: Part) -> None:
        if part not in self.parts:
            raise NoSeat(f"本场次没有{part.label}考试。", code="parts_missing")
        if candidate.application.person_id in self.busy[part]:
            raise NoSeat(f"{part.label}考试时间已有其他考试安排。", code="person_busy", clause="规则 8")
        if not self.free[part]:
            raise NoSeat(
                f"{part.label}考场座位不足（共 {self.seats[part]} 个）。{self.why_unusable.get(part, '')}",
                clause="规则 8",
                advice="请增加考场或转入下一场次。",
            )

    def _free(self, taken) -> dict[str, deque[tuple[int, int]]]:
        """Free seats by part, in the order of rooms and numbers: room use and number. One query for all parts, and two
        more where a room that was given cannot be used on the day any more."""
        uses = RoomUse.objects.in_force().filter(part__session=self.session).select_related("room", "part")
        # The rooms alone, in the order in which all lock them: nobody takes seats away that are given out here.
        uses = uses.annotate(usable=usable()).order_by("room_id", "pk").select_for_update(of=("room",))
        free: dict[str, deque[tuple[int, int]]] = {part: deque() for part in self.parts}
        for use in sorted(uses, key=lambda use: (use.room.name, use.pk)):
            part, capacity = use.part.part, use.room.capacity
            if not use.usable:
                self.unusable[part].append(use.pk)
                continue
            gone = taken[use.pk]
            self.seats[part] += capacity
            free[part].extend((use.pk, number) for number in range(1, capacity + 1) if number not in gone)
        self.why_unusable = self._why_unusable()
        return free

    def _why_unusable(self) -> dict[str, str]:
        """Why rooms that were given cannot be used on the day: part → in words."""
        ids = [use_id for uses in self.unusable.values() for use_id in uses]
        if not ids:
            return {}
        uses = list(RoomUse.objects.filter(pk__in=ids).select_related("room", "part"))
        said = {}
        for part in self.unusable:
            rooms = [use.room for use in uses if use.part.part == part]
            said[part] = "".join(why.message for why in unfit(rooms, self.session, part, self.parts[part]).values())
        return said


def _place(candidate: Candidate, plan: _SeatPlan, seating: Seating) -> None:
    try:
        plan.check(candidate)
        newly = plan.seat(candidate)
    except Refusal as refusal:
        seating.unseated.append((candidate, refusal))
        return
    (seating.seated if newly or candidate.state == CandidateState.LISTED else seating.kept).append(candidate)


def _withdraw_admission(seating: Seating, *, actor, now) -> None:
    """Who was admitted before and may not be any more loses seat and ticket."""
    fallen = [candidate for candidate, _refusal in seating.unseated if candidate.state == CandidateState.ADMITTED]
    apply(CANDIDATE, "unadmit", fallen, actor=actor, now=now, reason="不再符合准考条件")
    free_seats(fallen, actor=actor, now=now, reason="取消准考")


def _write_seats(plan: _SeatPlan, *, actor, now) -> None:
    if not plan.new:
        return
    try:
        with transaction.atomic():
            bulk.create(plan.new, actor=actor, at=now, reason="安排座位")
            booked = [
                (person_id, day, slot, seat.pk) for seat, person_id, day, slots in plan.booked() for slot in slots
            ]
            bulk.book(PersonSlot, ("person_id", "day", "slot", "seat_id"), booked)
    except IntegrityError as error:
        raise WrongState("有考生刚刚被安排到同一时间的其他考试，请重新排座。", code="person_busy") from error


def _number_tickets(session: ExamSession, seated: list[Candidate], *, actor, now) -> None:
    """Admit; a ticket number is the session's digits and the place in the order of admission, given once."""
    given = Candidate.objects.filter(session=session).exclude(ticket_number="").count()
    digits = "".join(filter(str.isdigit, session.number))
    for candidate in seated:
        if not candidate.ticket_number:
            given += 1
            candidate.ticket_number = f"{digits}{given:04d}"
    listed = [candidate for candidate in seated if candidate.state == CandidateState.LISTED]
    apply(CANDIDATE, "admit", listed, actor=actor, now=now, fields=("ticket_number",))


def give_back(uses: list[RoomUse], *, now) -> None:
    """Take rooms away again; one in which somebody was on duty stays on record. Raises WrongState ``room_in_use`` for a
    room with seats or staff."""
    for use in uses:
        if use.seats.exists() or use.staff.filter(ended_at__isnull=True).exists():
            raise WrongState(
                f"考场“{use.room.name}”已安排考生或监考人员，不能取消。",
                code="room_in_use",
                advice="临时不能使用的，请用“整体换考场”。",
            )
        if not use.staff.exists():
            use.delete()
            continue
        use.ended_at = now
        use.save(update_fields=["ended_at"])
        RoomTime.objects.filter(use=use).delete()


def _fit_rooms(session: ExamSession, place: SessionPart, room_ids: set[int]) -> list[ExamRoom]:
    rooms = list(ExamRoom.objects.filter(pk__in=room_ids).order_by("pk"))
    if len(rooms) != len(room_ids):
        raise Refusal("所选考场中有的不存在，请刷新后重新选择。", code="room_unfit")
    require_fit(rooms, session, place)
    return rooms


def take_rooms(rooms: list[ExamRoom], place: SessionPart) -> list[RoomUse]:
    """Give fit rooms to the part, for its time. Raises WrongState where one was taken meanwhile."""
    uses = [RoomUse.objects.create(part=place, room=room) for room in rooms]
    span = Span.of(place)
    take(RoomTime(room_id=use.room_id, starts_at=span.starts_at, ends_at=span.ends_at, use=use) for use in uses)
    return uses
