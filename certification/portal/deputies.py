"""代办 in the portal: who is told of it, and the line on the deputy's home page."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from certification import clock
from certification.notices.sending import notify
from certification.organisations import acting
from certification.organisations.models import ActingFor, User
from certification.portal.todo import Todo
from certification.workdays.wording import plain_day
from certification.workflow import activity


@activity
def appoint(*, actor: User, now, **terms) -> list[ActingFor]:
    """``acting.appoint``, and both are told."""
    rows = acting.appoint(actor=actor, now=now, **terms)
    first = rows[0]
    roles = "、".join(row.get_role_display() for row in rows)
    period = f"{plain_day(first.valid_from)}至{plain_day(first.valid_until)}"
    body = f"{first.deputy} 代 {first.absent} 办理{roles}的工作，{period}，到期自动结束。事由：{first.reason}"
    notify(
        [first.deputy, first.absent], title=f"代办：{first.deputy} 代 {first.absent}", body=body, url=_url(), now=now
    )
    return rows


@activity
def end(*, actor: User, now, acting_id: int) -> ActingFor:
    """``acting.end``, and the other is told."""
    before = ActingFor.objects.get(pk=acting_id).ended_at
    row = acting.end(actor=actor, now=now, acting_id=acting_id)
    if before is None:
        body = f"{row} 已由 {actor} 提前结束。"
        others = [user for user in (row.deputy, row.absent) if user.pk != actor.pk]
        notify(others, title=f"代办已结束：{row.deputy} 代 {row.absent}", body=body, url=_url(), now=now)
    return row


def lines(user: User, now: datetime) -> Iterator[Todo]:
    """For whom the person may act today; not while they act already."""
    if user.acting_for is not None:
        return
    rows = ActingFor.objects.in_force(clock.day_of(now)).filter(deputy=user).for_display()
    for row in rows.order_by("valid_until", "pk"):
        yield Todo(f"可代 {row.absent} 办理", _url(), row.get_role_display(), due_on=row.valid_until)


def _url() -> str:
    return reverse("portal:declarations")
