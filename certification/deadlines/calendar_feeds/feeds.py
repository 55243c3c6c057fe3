"""One person's open deadlines as iCalendar, behind a secret link.

The link is the only key, because calendar programs cannot log in: 256 random bits, kept as a hash, revocable, and
good only for what its owner may see at the moment of reading.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event

from certification import clock
from certification.clock import SHANGHAI
from certification.deadlines import naming
from certification.deadlines.due import is_internal_target
from certification.deadlines.models import CalendarFeed, Deadline
from certification.notices.channels.outgoing import absolute
from certification.organisations.models import User
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from certification.workflow import activity

TOKEN_BYTES = 32
# Calendar programs choke on more; whoever has more has lists.
LIMIT = 2000
NAME = "特种作业认定时限"
PRODUCT = "-//certification//deadlines//ZH"


@activity
def create_feed(*, actor: User, now: datetime) -> str:
    """Make a link for the actor and revoke the one before; returns its token, which is told this once."""
    _revoke(actor, now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    CalendarFeed.objects.create(user=actor, digest=_digest(token), created_at=now)
    return token


@activity
def revoke_feed(*, actor: User, now: datetime) -> bool:
    """End the actor's link at once; whether there was one."""
    return _revoke(actor, now)


def feed_of(user: User) -> CalendarFeed | None:
    """The link in force."""
    return CalendarFeed.objects.filter(user=user, revoked_at__isnull=True).first()


def owner_of(token: str, now: datetime) -> User | None:
    """Whose link the token is; None where it is unknown or revoked, or its owner switched off or without a role."""
    found = CalendarFeed.objects.filter(digest=_digest(token), revoked_at__isnull=True, user__is_active=True)
    feed = found.select_related("user__organisation").first()
    if feed is None or not feed.user.roles_on(clock.day_of(now)):
        return None
    return feed.user


def deadlines_for(user: User) -> list[Deadline]:
    """What is open and for the user's organisation to do, within what the user may see; the earliest first."""
    if user.organisation_id is None:
        return []
    found = Deadline.objects.visible_to(user).unmet().filter(responsible=user.organisation_id)
    return list(found.order_by("due_on", "pk")[:LIMIT])


def calendar_of(user: User, *, now: datetime) -> bytes:
    """The calendar as iCalendar text (RFC 5545). The same deadlines give the same bytes."""
    rows = deadlines_for(user)
    names = naming.public_names_of(rows)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", NAME)
    calendar.add("x-wr-timezone", settings.TIME_ZONE)
    for row in rows:
        calendar.add_component(_event(row, names[row.pk], now))
    return calendar.to_ical()


def _event(row: Deadline, name: str, now: datetime) -> Event:
    """An event on the due day. The uid names obligation and case, so that a moved date moves the event, and the
    sequence tells programs which of two is the later."""
    rule = lookup.by_id(row.rule_id)
    event = Event()
    event.add("uid", f"deadline-{row.rule_id}-{row.subject_type_id}-{row.subject_id}@certification")
    event.add("sequence", row.version)
    event.add("dtstamp", row.opened_at.astimezone(SHANGHAI))
    event.add("dtstart", row.due_on)
    event.add("dtend", row.due_on + timedelta(days=1))
    event.add("summary", _summary(row, rule, name, now))
    event.add("description", "\n".join(_description(row, rule)))
    event.add("url", absolute(reverse("deadlines:explanation", args=[row.pk])))
    event.add("status", "TENTATIVE" if row.provisional else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _summary(row: Deadline, rule: Rule, name: str, now: datetime) -> str:
    """No person is named: the text leaves the house by a link without a login."""
    marks = ["逾期"] if row.is_late_at(now) else []
    marks += ["暂定"] if row.provisional else []
    marks += ["内部控制目标"] if is_internal_target(rule) else []
    marks += ["中止计算"] if row.paused_on else []
    mark = f"（{'、'.join(marks)}）" if marks else ""
    return f"{rule.title}截止{mark}{f'：{name}' if name else ''}"


def _description(row: Deadline, rule: Rule) -> list[str]:
    lines = [f"依据：{rule.clause}"] if rule.clause else []
    lines += [f"{row.due_on:%Y-%m-%d} 24:00 前办理。"]
    if row.provisional:
        lines.append("暂定日期：涉及的年份尚无放假通知，通知发布后重新计算。")
    return lines


def _revoke(user: User, now: datetime) -> bool:
    row = CalendarFeed.objects.select_for_update(of=("self",)).filter(user=user, revoked_at__isnull=True).first()
    if row is None:
        return False
    row.revoked_at = now
    row.save()
    return True


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
