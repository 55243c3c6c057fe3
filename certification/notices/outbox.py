"""Putting notices into the outbox, in the transaction that writes them. Nothing is sent here."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Q

from certification.notices import quiet
from certification.notices.channels import email
from certification.notices.models import Delivery, GroupChannel, Notice, Preference

State, Channel = Delivery.State, Delivery.Channel


def put(notices: list[Notice], *, now: datetime) -> list[Delivery]:
    """A row for every channel that each notice has to take: the recipient's own, and for reminders the group
    channels of the recipient's organisation, where one message stands for all of its people who are told the same.
    """
    rows = list(_personal(notices, now))
    reminders = [notice for notice in notices if notice.label]
    if reminders:
        rows += _to_groups(reminders, now)
    return Delivery.objects.bulk_create(rows) if rows else []


def put_at_once(notice: Notice, preference: Preference, *, now: datetime) -> list[Delivery]:
    """Rows of a test message: by every channel that is switched on, without waiting for anything."""
    return Delivery.objects.bulk_create(_row(notice, channel, now) for channel in _switched_on(preference))


def _personal(notices: list[Notice], now: datetime) -> Iterator[Delivery]:
    wanted = Preference.objects.filter(
        Q(email_on=True) | Q(webhook_on=True), user__in={notice.recipient_id for notice in notices}
    )
    by_user = {preference.user_id: preference for preference in wanted}
    for notice in notices:
        preference = by_user.get(notice.recipient_id)
        if preference is None:
            continue
        moment, digest = quiet.earliest(preference, now, urgent=notice.urgent)
        for channel in _switched_on(preference):
            yield _row(notice, channel, moment, digest=digest, suppressed=_impossible(channel, preference))


def _switched_on(preference: Preference) -> list[str]:
    switches = {Channel.EMAIL: preference.email_on, Channel.WEBHOOK: preference.webhook_on}
    return [channel for channel, on in switches.items() if on]


def _impossible(channel: str, preference: Preference) -> str:
    """Why the channel cannot work as things stand; "" where it can."""
    if channel == Channel.EMAIL:
        return email.missing() or ("" if preference.email else "没有填写电子邮箱")
    return "" if preference.webhook else "没有填写通道地址"


def _to_groups(reminders: list[Notice], now: datetime) -> Iterable[Delivery]:
    accounts = {notice.recipient_id for notice in reminders}
    found = GroupChannel.objects.filter(active=True, organisation__accounts__in=accounts).order_by("pk")
    groups: dict[int, list[int]] = {}
    for group, account in found.values_list("pk", "organisation__accounts"):
        groups.setdefault(account, []).append(group)
    rows: dict[tuple, Delivery] = {}
    for notice in reminders:
        for group in groups.get(notice.recipient_id, ()):
            said = (group, notice.label, notice.title, notice.body)
            rows.setdefault(said, _row(notice, Channel.GROUP, now, group_id=group))
    return rows.values()


def _row(notice: Notice, channel: str, moment: datetime, *, suppressed: str = "", **more) -> Delivery:
    return Delivery(
        notice=notice,
        channel=channel,
        state=State.SUPPRESSED if suppressed else State.PENDING,
        reason=suppressed,
        not_before=moment,
        next_attempt_at=moment,
        **more,
    )
