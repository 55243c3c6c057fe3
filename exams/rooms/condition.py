"""How the rooms of a site are on a day: closed, in maintenance, equipment that ran out or runs out soon."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from certification.portal.tones import Tone
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from exams import standards
from exams.models import ExamRoom, RoomEquipment, RoomMaintenance


@dataclass(frozen=True)
class Condition:
    """One thing to know of a room, with the tone of its badge."""

    words: str
    tone: str
    more: str = ""


def conditions(rooms: Iterable[ExamRoom], day: date) -> dict[int, list[Condition]]:
    """What there is to know of each room on ``day``; nothing where it is simply in use. Two queries."""
    rooms = list(rooms)
    found: dict[int, list[Condition]] = defaultdict(list)
    for room in rooms:
        if not room.active:
            found[room.pk].append(Condition("停用", Tone.WAITING))
    for upkeep in standing_maintenance(day).filter(room__in=rooms, starts_on__lte=day):
        words = f"维护至{plain_day(upkeep.ends_on)}"
        found[upkeep.room_id].append(Condition(words, Tone.ATTENTION, upkeep.reason))
    for row in ending(rooms, day):
        over = row.valid_until < day
        words = f"设备{'已于' if over else ''}{plain_day(row.valid_until)}到期"
        found[row.room_id].append(Condition(words, Tone.REFUSED if over else Tone.ATTENTION, str(row.job_type)))
    return found


def standing_maintenance(day: date):
    """Maintenance that was not ended and is not over on ``day``."""
    return RoomMaintenance.objects.filter(ended_at__isnull=True, ends_on__gte=day)


def ending(rooms: Iterable[ExamRoom], day: date) -> list[RoomEquipment]:
    """What the rooms are equipped for until less than the setting's days after ``day``, or were until a day before it,
    with nothing recorded that goes on; the first to end first. One query."""
    soon = day + timedelta(days=standards.equipment_notice_days(lookup.edition_on(day)))
    last: dict[tuple[int, str], RoomEquipment] = {}
    for row in RoomEquipment.objects.filter(room__in=list(rooms)).select_related("job_type").order_by("pk"):
        before = last.setdefault((row.room_id, row.job_type.code), row)
        if _end(row) > _end(before):
            last[row.room_id, row.job_type.code] = row
    return sorted((row for row in last.values() if _end(row) < soon), key=lambda row: (row.valid_until, row.pk))


def equipment_of(rooms: Iterable[ExamRoom]) -> dict[int, list[RoomEquipment]]:
    """What is recorded of the rooms' equipment, by job type, the latest first: room id → rows. One query."""
    found: dict[int, list[RoomEquipment]] = defaultdict(list)
    rows = RoomEquipment.objects.filter(room__in=list(rooms)).select_related("job_type")
    for row in rows.order_by("job_type__code", "-valid_from", "-pk"):
        found[row.room_id].append(row)
    return found


def _end(row: RoomEquipment) -> date:
    return row.valid_until or date.max
