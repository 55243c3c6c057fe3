"""Blank cards at the windows of the demonstration: each received some, one of the first was spoilt."""

from approvals.certificates import blanks
from certification.organisations.models import User
from certification.organisations.roles import Role

COUNT = 40


def play(users: dict[str, User], *, now) -> None:
    """Every window clerk signs for a parcel with numbers of its own."""
    clerks = [user for user in users.values() if Role.WINDOW_CLERK in user.roles_on(now.date())]
    for place, clerk in enumerate(sorted(clerks, key=lambda user: user.username), start=1):
        first, source = f"YL{place:02d}000001", f"省应急管理厅证件组，交接单 ZJ-{place:03d}"
        blanks.receive(actor=clerk, now=now, first_number=first, count=COUNT, source=source)
    blanks.spoil(
        actor=users["chuangkou"], now=now, number=blanks.next_number(users["chuangkou"].organisation), reason="卡面划伤"
    )
