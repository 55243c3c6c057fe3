"""When rooms are taken, by parts of sessions and by maintenance: looked at with the rooms locked, then written
(rules 8). The database has the last word (``RoomTime``)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from certification.clock import SHANGHAI
from certification.refusals import WrongState
from certification.workdays.wording import plain_day
from certification.workflow import lock
from exams.models import ExamRoom, RoomTime
from exams.models.sessions import SLOT_MINUTES, slot_time


@dataclass(frozen=True)
class Span:
    """From one moment to another, the end not included."""

    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of_slots(cls, day: date, first_slot: int, last_slot: int) -> "Span":
        """The time of the 30-minute slots of ``day``, both included."""
        midnight = datetime.combine(day, time(), SHANGHAI)
        return cls(
            midnight + timedelta(minutes=first_slot * SLOT_MINUTES),
            midnight + timedelta(minutes=(last_slot + 1) * SLOT_MINUTES),
        )

    @classmethod
    def of(cls, place) -> "Span":
        """The time of whatever has a day with a first and a last slot: a part, a wished time."""
        return cls.of_slots(place.day, place.first_slot, place.last_slot)

    @classmethod
    def of_days(cls, first: date, last: date) -> "Span":
        """Whole days, both included."""
        return cls.of_slots(first, 0, 0).until(cls.of_slots(last, 47, 47).ends_at)

    def until(self, moment: datetime) -> "Span":
        """The same begin, with another end."""
        return Span(self.starts_at, moment)

    @property
    def overlapping(self) -> Q:
        """A condition on ``RoomTime``."""
        return Q(starts_at__lt=self.ends_at, ends_at__gt=self.starts_at)


def conflicts(wanted: Mapping[int, Span], *, but_session: int | None = None) -> dict[int, RoomTime]:
    """What already takes the rooms at the wanted time, the earliest first: room id → time. The session
    ``but_session`` does not stand in its own way. One query."""
    found: dict[int, RoomTime] = {}
    for taken in _among(wanted, but_session).order_by("starts_at", "pk"):
        span = wanted[taken.room_id]
        if taken.starts_at < span.ends_at and taken.ends_at > span.starts_at:
            found.setdefault(taken.room_id, taken)
    return found


def take(times: Iterable[RoomTime]) -> None:
    """Book ``times``, of each room one. Raises WrongState ``room_taken`` or ``room_in_maintenance``, with what stands
    in the way.

    The rooms are locked first, so that of two who want one at the same time the second sees the first.
    """
    times = list(times)
    wanted = {row.room_id: Span(row.starts_at, row.ends_at) for row in times}
    rooms = {room.pk: room for room in lock(ExamRoom.objects.filter(pk__in=wanted))}
    for room_id, stands in conflicts(wanted).items():
        raise refusal_of(rooms[room_id], stands)
    try:
        with transaction.atomic():
            RoomTime.objects.bulk_create(times)
    except IntegrityError as error:
        raise WrongState("考场刚刚被占用，请刷新后重新选择。", code="room_taken", clause="规则 8") from error


def refusal_of(room: ExamRoom, stands: RoomTime) -> WrongState:
    """Why the room is not free: by which session, or by which maintenance."""
    return WrongState(
        f"考场“{room.name}”{words(stands)}。",
        code="room_in_maintenance" if stands.maintenance_id else "room_taken",
        clause="规则 8",
        advice="请改用其他考场，或者改期。",
    )


def words(stands: RoomTime) -> str:
    """What takes a room, in words that go behind its name."""
    if upkeep := stands.maintenance:
        return f"{days_words(upkeep.starts_on, upkeep.ends_on)}维护（{upkeep.reason}），不能使用"
    part = stands.use.part
    hours = f"{slot_time(part.first_slot)}—{slot_time(part.last_slot + 1)}"
    return f"{plain_day(part.day)} {hours} 已由场次{part.session.number}使用"


def days_words(first: date, last: date) -> str:
    """2026年4月10日至2026年4月12日; one day alone."""
    return plain_day(first) if first == last else f"{plain_day(first)}至{plain_day(last)}"


def _among(wanted: Mapping[int, Span], but_session: int | None):
    if not wanted:
        return RoomTime.objects.none()
    whole = Span(min(one.starts_at for one in wanted.values()), max(one.ends_at for one in wanted.values()))
    rows = RoomTime.objects.filter(whole.overlapping, room__in=list(wanted))
    if but_session is not None:
        rows = rows.exclude(use__part__session=but_session)
    return rows.select_related("maintenance", "use__part__session")
