"""Whoever is seated in a room keeps a room that serves: what changes about it is refused while the exam is to come, and
nobody is silently unseated (rules 8)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import F, Max, Q

from certification.refusals import WrongState
from exams.models import ExamRoom, RoomUse
from exams.rooms.fitness import usable


@contextmanager
def kept(room: ExamRoom, *, now) -> Iterator[None]:
    """Raise WrongState ``room_in_use``, with the sessions named, where what is done inside takes ``room`` from a
    session that is to come or under way: the wrong use, or with candidates seated closed, too few seats, not equipped.
    What could not be used before stands in nobody's way. Two queries."""
    before = _serving(room.pk, now)
    yield
    after = _serving(room.pk, now)
    lost = [use for pk, use in before.items() if pk not in after]
    if lost:
        sessions = "、".join(dict.fromkeys(use.part.session.number for use in lost))
        raise WrongState(
            f"考场“{room.name}”已安排给场次{sessions}，更改后不能再用于该场次。",
            code="room_in_use",
            clause="规则 8",
            advice="请先用“整体换考场”将考生改到其他考场，或者将该场次改期。",
        )


def _serving(room_id: int | None, now) -> dict[int, RoomUse]:
    """The uses of the room, not over by ``now``, that it can serve as it is, by id, the earliest first. A room that is
    given, but in which nobody sits yet, needs no more than the right use: seating asks for the rest."""
    uses = RoomUse.objects.in_force().filter(room=room_id, time__ends_at__gt=now, part__part=F("room__part"))
    uses = uses.annotate(last=Max("seats__number"), usable=usable())
    uses = uses.filter(Q(last__isnull=True) | Q(usable=True, last__lte=F("room__capacity")))
    rows = uses.select_related("part__session").order_by("part__day", "part__first_slot", "pk")
    return {use.pk: use for use in rows}
