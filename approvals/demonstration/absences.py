"""Who is away and who keeps away in the demonstration: a deputy at work, one that ended, declared conflicts."""

from collections.abc import Iterator
from datetime import timedelta

from approvals.demonstration.people import InventedPerson
from certification import clock
from certification.organisations import conflicts
from certification.organisations.models import ConflictKind, User
from certification.organisations.roles import Role
from certification.people.identity import check_identity_number
from certification.portal import deputies


def play(users: dict[str, User], invented: Iterator[InventedPerson], *, now) -> None:
    """Last of all, so that nobody of the cases played before meets a conflict declared here."""
    _away(users, "shi-fuze", "shi-shenhe2", "shi-jianguan", Role.CITY_REVIEWER, (0, 4), "年休假", now=now)
    _away(
        users,
        "sheng-fuze",
        "sheng-shouli",
        "sheng-xunkao",
        Role.PROVINCIAL_ACCEPTANCE_CLERK,
        (0, 2),
        "外出培训",
        now=now,
    )
    relative = next(invented)
    conflicts.declare(
        actor=users["shi-shenhe"],
        now=now,
        user_id=users["shi-shenhe"].pk,
        kind=ConflictKind.RELATIVE,
        name=relative.name,
        identity=check_identity_number(relative.number, today=clock.day_of(now)),
        note="配偶的弟弟",
    )
    ended = conflicts.declare(
        actor=users["shi-kaowu"],
        now=now,
        user_id=users["shi-kaowu"].pk,
        kind=ConflictKind.SAME_EMPLOYER,
        employer="云岭虚构机电设备有限公司",
        note="退休前的单位",
    )
    conflicts.end(actor=users["shi-fuze"], now=now, conflict_id=ended.pk, reason="离开该单位已满三年。")


def _away(users, head: str, absent: str, deputy: str, role: Role, days: tuple[int, int], reason: str, *, now) -> None:
    today = clock.day_of(now)
    deputies.appoint(
        actor=users[head],
        now=now,
        absent_id=users[absent].pk,
        deputy_id=users[deputy].pk,
        roles=[role],
        valid_from=today + timedelta(days=days[0]),
        valid_until=today + timedelta(days=days[1]),
        reason=reason,
    )
