"""What rooms put on the home page of exam officers: equipment that runs out, rooms given that cannot be used."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from certification import clock
from certification.organisations.models import User
from certification.portal.todo import Todo, by_right
from exams.models import ExamRoom, ExamSession, RoomUse
from exams.rooms.condition import ending
from exams.rooms.fitness import usable
from exams.rooms.upkeep import MANAGE
from exams.states import OPEN_SESSIONS
from exams.todo import SHOWN


def _running_out(user: User, now: datetime) -> Iterator[Todo]:
    """Equipment whose validity ends within the setting's days, with nothing recorded that goes on."""
    rooms = ExamRoom.objects.filter(site__organiser=user.organisation_id, site__active=True, active=True)
    rooms = {room.pk: room for room in rooms.select_related("site")}
    today = clock.day_of(now)
    soon = [row for row in ending(rooms.values(), today) if row.valid_until >= today]
    for row in soon[:SHOWN]:
        subject = f"{rooms[row.room_id]} {row.job_type}"
        yield Todo(
            "考场设备有效期即将届满", reverse("exams:room_edit", args=[row.room_id]), subject, due_on=row.valid_until
        )


def _unusable(user: User, now: datetime) -> Iterator[Todo]:
    """Coming sessions with a room that was closed, or whose equipment is not valid on the day, since it was given."""
    rows = ExamSession.objects.filter(organiser=user.organisation_id, state__in=OPEN_SESSIONS)
    rows = rows.filter(starts_on__gte=clock.day_of(now)).select_related("job_type")
    uses = RoomUse.objects.in_force().filter(part__session__in=rows)
    unusable = uses.annotate(usable=usable()).filter(usable=False)
    for session in rows.filter(pk__in=unusable.values("part__session")).order_by("starts_on", "pk")[:SHOWN]:
        yield Todo(
            "更换不能使用的考场",
            reverse("exams:session_rooms", args=[session.pk]),
            str(session),
            due_on=session.starts_on,
        )


lines = by_right({MANAGE: (_running_out, _unusable)})
