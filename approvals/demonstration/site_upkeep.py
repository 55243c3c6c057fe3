"""Sites of the demonstration over time: one that was upgraded, a room in maintenance, equipment that runs out soon.

Cases use the first room of each part; what is shown here happens in the second, so that no case is in its way.
"""

from datetime import date, timedelta

from certification.catalogue.models import CatalogueEdition, JobType
from certification.organisations.models import User
from exams.models import ExamRoom, Part
from exams.rooms import upkeep

CITY = ("shi-kaowu", "青屏市安全生产考试点")
ZONE = ("shi-kaowu", "青屏高新区考试点")
PROVINCE = ("sheng-kaowu", "云岭省安全生产考试基地")
LEVELS = (
    ("BASIC", date(2019, 6, 1), "云岭应急验〔2019〕7号", "建成理论机房2间、实操考场2间。"),
    (
        "STANDARD",
        date(2024, 9, 2),
        "云岭应急验〔2024〕31号",
        "考试机全部更新，增设人脸识别签到和全程录像，录像保存三年。",
    ),
)
_DAY = timedelta(days=1)


def play(users: dict[str, User], *, now) -> None:
    """Levels, equipment, maintenance, all recorded by the exam officers of the sites."""
    today = now.date()
    for level, since, document, changes in LEVELS:
        room = _second_room(CITY, Part.THEORY)
        upkeep.record_upgrade(
            actor=users[CITY[0]],
            now=now,
            site_id=room.site_id,
            level=level,
            since=since,
            document=document,
            changes=changes,
        )
    _maintain(users, CITY, today, today + 4 * _DAY, "更换焊接工位排烟设备", now=now)
    _maintain(users, PROVINCE, today + 20 * _DAY, today + 22 * _DAY, "考试机年度检修", now=now)
    _equip(users, ZONE, "0101", today - 345 * _DAY, today + 20 * _DAY, "检验报告 QP-2025-018", now=now)
    _equip(users, ZONE, "0102", today - 375 * _DAY, today - 10 * _DAY, "检验报告 QP-2024-102", now=now)
    _equip(users, PROVINCE, "0801", today - 30 * _DAY, None, "验收单 SJ-07", now=now)


def _second_room(where: tuple[str, str], part: Part) -> ExamRoom:
    return ExamRoom.objects.filter(site__name=where[1], part=part).order_by("pk")[1]


def _maintain(users, where, starts_on: date, ends_on: date, reason: str, *, now) -> None:
    room = _second_room(where, Part.PRACTICAL)
    upkeep.plan_maintenance(
        actor=users[where[0]], now=now, room_id=room.pk, starts_on=starts_on, ends_on=ends_on, reason=reason
    )


def _equip(users, where, code: str, valid_from: date, valid_until: date | None, basis: str, *, now) -> None:
    job_type = JobType.objects.get(group__edition=CatalogueEdition.objects.in_force(now.date()), code=code)
    room = _second_room(where, Part.PRACTICAL)
    upkeep.equip(
        actor=users[where[0]],
        now=now,
        room_id=room.pk,
        job_types=[job_type],
        basis=basis,
        valid_from=valid_from,
        valid_until=valid_until,
    )
