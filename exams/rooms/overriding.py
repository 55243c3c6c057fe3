"""A seat given by hand (人工调整座位): who is moved where, by whom and why, with the time and everything else kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType

from certification.organisations import access, separation
from certification.organisations.models import named
from certification.organisations.separation import Capacity
from certification.records import bulk
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, Problem, WrongState, raise_if
from certification.workflow import activity, lock, log
from exams.models import Candidate, ExamSession, RoomUse, Seat, StaffAssignment
from exams.rooms import suspensions
from exams.rooms.fitness import require_fit
from exams.rooms.seating import locked_session, require_arrangeable
from exams.sessions.changed_notices import tell_reseated

# What the log calls it, on the candidate.
STEP = "reseat"


@dataclass(frozen=True)
class Reseated:
    """One candidate whose place became another; the places in words."""

    candidate: Candidate
    part: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.candidate}：{self.part} {self.before} → {self.after}"


def place_of(seat: Seat) -> str:
    """The seat as it stands on a ticket."""
    return f"{seat.use.room.name}{seat.number}号"


def seen(seat: Seat) -> str:
    """What a page shows of the seat, to be handed back with the change that is asked for."""
    return f"{seat.use_id}-{seat.number}"


def free_numbers(use: RoomUse) -> list[int]:
    """The seats of the room that nobody has, in this part."""
    taken = set(Seat.objects.filter(use=use).values_list("number", flat=True))
    return [number for number in range(1, use.room.capacity + 1) if number not in taken]


@dataclass(frozen=True)
class Step:
    """One line of the history of seats given by hand; its ``detail`` names the part and both places."""

    candidate: Candidate
    line: TransitionLog

    @property
    def who(self) -> str:
        """Who did it, and for whom."""
        return named(self.line.actor, self.line.on_behalf_of)


def history(session: ExamSession, user) -> list[Step]:
    """Every seat of ``session`` that was given by hand, oldest first, of the candidates that ``user`` may see. Two
    queries."""
    mine = Candidate.objects.visible_to(user).filter(session=session)
    lines = TransitionLog.objects.filter(
        subject_type=ContentType.objects.get_for_model(Candidate), subject_id__in=mine.values("pk"), name=STEP
    )
    lines = list(lines.select_related("actor__person", "on_behalf_of__person").order_by("at", "pk"))
    rows = Candidate.objects.select_related("application__person").in_bulk({line.subject_id for line in lines})
    return [Step(rows[line.subject_id], line) for line in lines]


def last_moved(candidates: Iterable[Candidate]) -> dict[int, datetime]:
    """When each of ``candidates`` was last moved by hand; who never was is not named. One query."""
    lines = TransitionLog.objects.filter(
        subject_type=ContentType.objects.get_for_model(Candidate),
        subject_id__in=[row.pk for row in candidates],
        name=STEP,
    )
    return dict(lines.order_by("at", "pk").values_list("subject_id", "at"))


@activity
def move_seat(
    *, actor, now, seat_id: int, use_id: int, number: int, reason: str, swap: bool = False, as_seen: str = ""
) -> list[Reseated]:
    """Give the candidate of a seat another one of the same part, before the exam; with ``swap`` in exchange with
    whoever sits there. The tickets change with it, and the institutions are told.

    ``as_seen`` (from ``seen``) is the place that the asking page showed. Raises Incomplete, WrongState ``seat_changed``
    where somebody else moved it since, ``seat_taken`` where the place is another's and no exchange was asked for,
    Refusal where the room cannot be used that day or a tour suspends the site,
    SeparationBreach where the actor or somebody on duty in the new room has to stay away from the candidate (rules 4).
    """
    access.require(actor, "exams.session.arrange")
    session_id = Seat.objects.filter(part__session__in=ExamSession.objects.visible_to(actor)).values_list(
        "part__session", flat=True
    )
    session = locked_session(actor, session_id.get(pk=seat_id))
    require_arrangeable(session)
    suspensions.require_none(session)
    seat = _seat(Seat.objects.filter(pk=seat_id))
    if seat is None or (as_seen and as_seen != seen(seat)):
        raise WrongState("该座位刚刚已由他人调整，请刷新后查看。", code="seat_changed")
    use = RoomUse.objects.in_force().select_related("room").filter(pk=use_id, part=seat.part_id).first()
    _check(seat, use, number, reason)
    require_fit([use.room], session, seat.part)
    other = _seat(Seat.objects.filter(use=use, number=number))
    if other and not swap:
        raise WrongState(
            f"{place_of(other)}已安排{other.candidate}。",
            code="seat_taken",
            clause="规则 8",
            advice="请改选空位，或者选择对调座位。",
        )
    _require_apart(seat, use, actor)
    if other:
        _require_apart(other, seat.use, actor)
    moves = _exchange(seat, other, use, number, reason, actor=actor, now=now)
    log_moves(moves, reason.strip(), actor=actor, now=now)
    tell_reseated(session, moves, reason.strip(), actor=actor, now=now)
    return moves


def _seat(rows) -> Seat | None:
    related = ("candidate__application__person", "candidate__application__institution", "use__room", "part")
    found = lock(rows.select_related(*related))
    return found[0] if found else None


def _check(seat: Seat, use: RoomUse | None, number: int, reason: str) -> None:
    problems = []
    if not reason.strip():
        problems.append(Problem("请填写调整原因。", field="reason"))
    if use is None:
        problems.append(Problem("该考场未安排给本科目，请从列表中选择。", field="use"))
    elif not 1 <= number <= use.room.capacity:
        problems.append(Problem(f"{use.room.name}的座位号为1至{use.room.capacity}。", field="number"))
    elif (use.pk, number) == (seat.use_id, seat.number):
        problems.append(Problem(f"{seat.candidate}已在该座位，无须调整。", field="number"))
    if problems:
        raise Incomplete(problems)


def _require_apart(seat: Seat, use: RoomUse, actor) -> None:
    """Whoever seats somebody by hand acts as staff of the exam; who is on duty in the room is asked as well."""
    raise_if(separation.breaches(actor, Capacity.STAFFS, [seat.candidate]).get(seat.candidate_id))
    serving = StaffAssignment.objects.filter(use=use, ended_at__isnull=True).order_by("pk")
    for person_id in serving.values_list("person_id", flat=True).distinct():
        raise_if(separation.breaches(person_id, Capacity.STAFFS, [seat.candidate]).get(seat.candidate_id))


def _exchange(seat: Seat, other: Seat | None, use: RoomUse, number: int, reason: str, *, actor, now) -> list[Reseated]:
    """The part and its time stay, and with them every booking of the persons."""
    before, left = place_of(seat), (seat.use, seat.number)
    kept = f"人工调整：{reason.strip()}"[:100]
    if other:
        # No two rows may hold one place at any moment: the other waits at a number that no room has.
        Seat.objects.filter(pk=other.pk).update(number=0)
    seat.use, seat.number = use, number
    bulk.change([seat], ["use", "number"], actor=actor, at=now, reason=kept)
    part = seat.part.get_part_display()
    moves = [Reseated(seat.candidate, part, before, place_of(seat))]
    if other:
        exchanged = place_of(other)
        other.use, other.number = left
        bulk.change([other], ["use", "number"], actor=actor, at=now, reason=kept)
        moves.append(Reseated(other.candidate, part, exchanged, before))
    return moves


def log_moves(moves: list[Reseated], reason: str, *, actor, now) -> None:
    """A line on each candidate: what ``history``, ``last_moved`` and the list of differences read."""
    told = [{"part": move.part, "before": move.before, "after": move.after} for move in moves]
    log([move.candidate for move in moves], STEP, actor=actor, now=now, reason=reason, detail=told)
