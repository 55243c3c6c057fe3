"""Warns the administrators while the notice for a year that is near has not been entered (rules 2.2)."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse

from certification import clock
from certification.notices.models import Notice
from certification.notices.sending import Message, send
from certification.organisations.models import RoleAssignment, User
from certification.organisations.roles import Role
from certification.rulebook import lookup
from certification.workdays import calendars

LABEL = "放假通知"


def years_without_notice(today: date) -> list[int]:
    """This year and the next, as far as they have begun or begin within the rule's days and have no notice yet."""
    ahead = lookup.values("deadline_counting", "missing_notice", today)["days_ahead"]
    calendar = calendars.current()
    years = range(today.year, (today + timedelta(days=ahead)).year + 1)
    return [year for year in years if not calendar.is_published(year)]


@transaction.atomic
def warn_of_missing_notice(now: datetime) -> int:
    """Tell every administrator, at most once a day whatever runs how often; returns how many were told."""
    today = clock.day_of(now)
    years = years_without_notice(today)
    if not years:
        return 0
    # Locked, so that two runs at once wait for each other and the second finds the notices of the first.
    accounts = list(_administrators(today).select_for_update(of=("self",)).order_by("pk"))
    told = Notice.objects.filter(
        recipient__in=accounts, label=LABEL, created_at__gte=clock.start_of(today), created_at__lt=clock.end_of(today)
    )
    already = set(told.values_list("recipient_id", flat=True))
    messages = [_message(account.pk, years) for account in accounts if account.pk not in already]
    send(messages, now=now)
    return len(messages)


def _administrators(day: date):
    holders = RoleAssignment.objects.in_force(day).filter(role=Role.ADMINISTRATOR).values("user")
    return User.objects.filter(is_active=True, pk__in=holders)


def _message(account: int, years: list[int]) -> Message:
    said = "、".join(f"{year}年" for year in years)
    return Message(
        recipient_id=account,
        title=f"{said}放假通知尚未载入",
        body=f"涉及{said}的时限均为暂定，不能据以拒绝或记为逾期。请在国务院办公厅发布通知后录入并发布工作日历。",
        url=reverse("portal:calendar-editions"),
        label=LABEL,
    )
