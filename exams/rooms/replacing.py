"""Another room instead of one that was given (换考场), for a room that breaks down on the eve: everybody keeps the
number of the seat, and whoever is on duty comes along."""

from django.db.models import Max

from certification.organisations import access
from certification.refusals import Incomplete, Problem, WrongState
from certification.workflow import activity, lock, log
from exams.models import ExamRoom, ExamSession, RoomUse
from exams.rooms.fitness import require_fit, unfit
from exams.rooms.relocating import Carried, Transfer, carry, seats_of, staff_of
from exams.rooms.seating import give_back, locked_session, require_arrangeable
from exams.sessions.changed_notices import tell_reseated
from exams.staff.telling import tell_other_room


def rooms_for(use: RoomUse) -> list[ExamRoom]:
    """The rooms that can take in everybody of ``use``: of the same site, fit and free at that time, with as many seats.
    Four queries."""
    part = use.part
    given = part.rooms.in_force().values("room")
    rooms = ExamRoom.objects.filter(site=part.session.site_id, part=part.part, active=True).exclude(pk__in=given)
    rooms = list(rooms.filter(capacity__gte=_highest_number(use)).order_by("name", "pk"))
    kept_out = unfit(rooms, part.session, part.part, part)
    return [room for room in rooms if room.pk not in kept_out]


@activity
def replace_room(*, actor, now, use_id: int, room_id: int, reason: str) -> Carried:
    """Put the candidates and the staff of a room into another one of the site, before the exam. The tickets change with
    it; institutions and staff are told.

    Raises Incomplete without a reason, where the room has too few seats, or serves the part already; WrongState
    ``room_changed`` where the room was given back meanwhile, or once the exam has begun; Refusal where the room cannot
    be used then (``fitness``); SeparationBreach where the actor has to stay away from a candidate (rules 4);
    DoesNotExist.
    """
    access.require(actor, "exams.session.arrange")
    uses = RoomUse.objects.filter(part__session__in=ExamSession.objects.visible_to(actor))
    session = locked_session(actor, uses.values_list("part__session", flat=True).get(pk=use_id))
    require_arrangeable(session)
    use = next(iter(lock(RoomUse.objects.in_force().select_related("room", "part").filter(pk=use_id))), None)
    if use is None:
        raise WrongState("该考场刚刚已由他人调整，请刷新后查看。", code="room_changed")
    room = ExamRoom.objects.filter(pk=room_id).first()
    _check(use, room, reason)
    require_fit([room], session, use.part)
    seats = tuple((seat, seat.number) for seat in seats_of([use], locked=True))
    transfer = Transfer(use, room, seats, tuple(staff_of([use], locked=True)))
    done = carry([transfer], "换考场", reason.strip(), actor=actor, now=now)
    give_back([use], now=now)
    detail = {"before": use.room.name, "after": room.name, "seats": len(done.moves), "staff": len(done.staff)}
    log([session], "replace_room", actor=actor, now=now, reason=reason.strip(), detail=detail)
    tell_reseated(session, done.moves, reason.strip(), actor=actor, now=now)
    for assignment in done.staff:
        tell_other_room(assignment, use.room, reason.strip(), now=now)
    return done


def _highest_number(use: RoomUse) -> int:
    return use.seats.aggregate(last=Max("number"))["last"] or 0


def _check(use: RoomUse, room: ExamRoom | None, reason: str) -> None:
    problems = []
    if not reason.strip():
        problems.append(Problem("请填写换考场的原因。", field="reason"))
    if room is None or use.part.rooms.in_force().filter(room=room).exists():
        problems.append(Problem("请从列表中选择本科目尚未使用的考场。", field="room"))
    elif room.capacity < (last := _highest_number(use)):
        problems.append(Problem(f"{room.name}只有 {room.capacity} 座，已排到{last}号。", field="room"))
    if problems:
        raise Incomplete(problems)
