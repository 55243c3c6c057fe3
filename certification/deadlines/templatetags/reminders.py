"""``{% reminders_of deadline %}``: who was reminded of a deadline and when, and who was not and why."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django import template

from certification import clock
from certification.deadlines.models import Deadline, Reminder
from certification.deadlines.reminding.reminders import reminders_of as stored_reminders
from certification.deadlines.reminding.stages import stage_label
from certification.notices.models import Delivery
from certification.organisations.models import User
from certification.organisations.roles import REACH, Reach

register = template.Library()


@dataclass(frozen=True)
class Line:
    """One reminder as one reader may see it; ``earlier_due_on`` where it was of a due date that has moved since."""

    at: datetime
    stage: str
    recipient: str
    sent: bool
    reason: str
    earlier_due_on: date | None
    deliveries: list[Delivery] = field(default_factory=list)


@register.inclusion_tag("deadlines/_reminders.html", takes_context=True)
def reminders_of(context, deadline: Deadline) -> dict:
    """A section for the page of one deadline; persons are named to their own organisation and to the province."""
    reader = context["request"].user
    return {"lines": [_line(row, deadline, reader) for row in stored_reminders(deadline)]}


def _line(row: Reminder, deadline: Deadline, reader: User) -> Line:
    named = row.recipient is not None and _may_know(reader, row.recipient)
    deliveries = row.notice.deliveries.all() if row.notice and named else []
    return Line(
        at=row.created_at,
        stage=stage_label(row.stage),
        recipient=_called(row.recipient, named),
        sent=row.state == Reminder.State.SENT,
        reason=row.reason,
        earlier_due_on=None if row.due_on == deadline.due_on else row.due_on,
        deliveries=[each for each in deliveries if each.channel != Delivery.Channel.GROUP],
    )


def _called(recipient: User | None, named: bool) -> str:
    if recipient is None:
        return "无人接收"
    place = recipient.organisation.short_name if recipient.organisation else ""
    return f"{recipient}（{place}）" if named else f"{place}人员"


def _may_know(reader: User, recipient: User) -> bool:
    if reader.organisation_id == recipient.organisation_id:
        return True
    return any(REACH[role] == Reach.PROVINCE for role in reader.roles_on(clock.today()))
