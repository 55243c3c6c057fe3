"""Sending what waits in the outbox.

Each row is taken by one worker (``skip_locked``), and its attempt is committed before anything is sent. What is
promised, honestly: a row whose worker died between sending and noting the result is never sent again, since it may
have arrived (at most once); a failure that the other side reported is tried again with growing pauses, and if it
had taken the message and only its answer was lost, the message arrives twice. What must reach people stands in the
inbox in any case.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from certification.notices import quiet, relevance
from certification.notices.channels import webhook
from certification.notices.channels.email import Mailbox
from certification.notices.channels.failure import ChannelFailure
from certification.notices.channels.outgoing import Outgoing, absolute
from certification.notices.models import Delivery, Preference

State, Channel = Delivery.State, Delivery.Channel

# Longer than any attempt can take by the time limits of the channels.
INTERRUPTED_AFTER = timedelta(minutes=15)
# A run ends after so many messages; what is left is for the next, a minute later.
RUN = 500
UNKNOWN = "发送过程被中断，是否送达不明，不再重发"


def deliver(*, now: datetime) -> Counter:
    """Send what is due at ``now`` one by one; returns how many rows ended in which state."""
    done = Counter(interrupted=_give_up_interrupted(now))
    with Mailbox() as mailbox:
        for _turn in range(RUN):
            rows = _take(_due(now, digest=False)[:1], now)
            if not rows:
                break
            done.update(_send(rows, now, mailbox, _single))
    return done


def digest(*, now: datetime) -> Counter:
    """Send what waits for the daily digest and whose hour has come: one message a person and channel."""
    done: Counter = Counter()
    waiting = _due(now, digest=True).order_by().values_list("notice__recipient", "channel").distinct()
    with Mailbox() as mailbox:
        for recipient, channel in list(waiting[:RUN]):
            rows = _take(_due(now, digest=True).filter(notice__recipient=recipient, channel=channel), now)
            if rows:
                done.update(_send(rows, now, mailbox, _summed_up))
    return done


def deliver_now(rows: list[Delivery], *, now: datetime) -> list[Delivery]:
    """Send these rows on the spot (a test message) and return them with their results; no second attempt follows."""
    with Mailbox() as mailbox:
        for row in rows:
            if taken := _take(Delivery.objects.filter(pk=row.pk, state=State.PENDING, started_at=None), now):
                _send(taken, now, mailbox, _single, hours=False)
    found = list(Delivery.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))
    _write([row for row in found if row.state == State.PENDING], state=State.FAILED)
    return found


def _due(now: datetime, *, digest: bool):
    found = Delivery.objects.filter(state=State.PENDING, started_at=None, next_attempt_at__lte=now, digest=digest)
    return found.order_by("next_attempt_at", "pk")


@transaction.atomic
def _take(queryset, now: datetime) -> list[Delivery]:
    """Lock, mark as under way, commit: from here on nobody else sends these rows."""
    rows = list(queryset.select_for_update(of=("self",), skip_locked=True).select_related("notice__recipient", "group"))
    for row in rows:
        row.started_at, row.attempts = now, row.attempts + 1
    Delivery.objects.bulk_update(rows, ["started_at", "attempts"])
    return rows


def _send(rows: list[Delivery], now: datetime, mailbox: Mailbox, compose: Callable, *, hours: bool = True) -> Counter:
    """Send ``rows``, all of one recipient and channel, as one message; note the result of each. ``hours``: keep the
    recipient's quiet hours."""
    preference = Preference.objects.filter(user=rows[0].notice.recipient_id).first()
    overtaken = relevance.overtaken([row.notice_id for row in rows])
    dropped = [row for row in rows if row.notice_id in overtaken]
    kept = [row for row in rows if row.notice_id not in overtaken]
    for row in dropped:
        _write([row], state=State.SUPPRESSED, reason=overtaken[row.notice_id][:120])
    done = Counter({State.SUPPRESSED: len(dropped)})
    if kept and hours and (later := _later(kept, preference, now)) > now:
        done["postponed"] += len(kept)
        _postpone(kept, later)
    elif kept:
        done[_send_kept(kept, preference, now, mailbox, compose)] += len(kept)
    return done


def _postpone(rows: list[Delivery], later: datetime) -> None:
    """Not an attempt after all."""
    for row in rows:
        row.attempts -= 1
    _write(rows, next_attempt_at=later)


def _send_kept(rows: list[Delivery], preference: Preference | None, now: datetime, mailbox, compose) -> str:
    first = rows[0]
    if reason := _unwanted(first, preference):
        return _write(rows, state=State.SUPPRESSED, reason=reason)
    try:
        _hand_over(first, preference, compose(rows), mailbox)
    except ChannelFailure as failure:
        return _failed(rows, failure, preference, now)
    return _write(rows, state=State.SENT, sent_at=now, error="")


def _unwanted(row: Delivery, preference: Preference | None) -> str:
    """Why the row's channel is not to be used any more; what was switched off since must not go out."""
    if row.channel == Channel.GROUP:
        return "" if row.group.active else "单位通道已停用"
    if not row.notice.recipient.is_active:
        return "收件账号已停用"
    on = preference and (preference.email_on if row.channel == Channel.EMAIL else preference.webhook_on)
    return "" if on else "收件人已关闭此通道"


def _later(rows: list[Delivery], preference: Preference | None, now: datetime) -> datetime:
    """``now``, or the end of the quiet hours into which the attempt has fallen: a repeated one, or one that no
    worker took in time."""
    if preference is None or rows[0].channel == Channel.GROUP:
        return now
    breaks = preference.urgent_breaks_quiet and all(row.notice.urgent for row in rows)
    return now if breaks else quiet.after_quiet(preference, now)


def _hand_over(row: Delivery, preference: Preference | None, outgoing: Outgoing, mailbox: Mailbox) -> None:
    if row.channel == Channel.EMAIL:
        mailbox.send(preference.email, outgoing)
    else:
        webhook.send(row.group.address if row.group else preference.webhook, outgoing)


def _failed(rows: list[Delivery], failure: ChannelFailure, preference: Preference | None, now: datetime) -> str:
    """Try again later, or give up after the last pause of ``NOTICE_RETRY_MINUTES``."""
    attempts = rows[0].attempts
    pauses = settings.NOTICE_RETRY_MINUTES
    if failure.permanent or attempts > len(pauses):
        return _write(rows, state=State.FAILED, error=str(failure))
    return _write(rows, next_attempt_at=now + timedelta(minutes=pauses[attempts - 1]), error=str(failure))


def _write(rows: list[Delivery], **values) -> str:
    """Note a result: the attempt is over. Returns the state."""
    for row in rows:
        row.started_at = None
        for name, value in values.items():
            setattr(row, name, value)
    Delivery.objects.bulk_update(rows, {"started_at", "attempts", *values})
    return rows[0].state if rows else ""


def _give_up_interrupted(now: datetime) -> int:
    """Rows whose worker died in an attempt: whether they went out is not known, so they are not sent again."""
    found = Delivery.objects.filter(state=State.PENDING, started_at__lt=now - INTERRUPTED_AFTER)
    return found.update(state=State.FAILED, started_at=None, error=UNKNOWN)


def _single(rows: list[Delivery]) -> Outgoing:
    (row,) = rows
    notice = row.notice
    body = notice.body if row.channel == Channel.EMAIL or settings.NOTICE_WEBHOOK_BODY else ""
    return Outgoing(notice.title, body, absolute(notice.url))


def _summed_up(rows: list[Delivery]) -> Outgoing:
    lines = [f"{place}. {row.notice.title}" for place, row in enumerate(rows, start=1)]
    return Outgoing(f"您有 {len(rows)} 条通知", "\n".join(lines), absolute("/inbox/"))
