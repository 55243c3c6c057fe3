"""What a person says about being told outside the inbox, and a test message to see whether it works."""

from datetime import datetime, time, timedelta

from certification.notices import delivering, outbox
from certification.notices.channels import webhook
from certification.notices.models import Delivery, Notice, Preference
from certification.organisations.models import User
from certification.refusals import Incomplete, Problem, Refusal
from certification.workflow import activity

TEST_PAUSE = timedelta(minutes=1)
TEST_TITLE = "测试消息"


def preference_of(user: User) -> Preference:
    """The stored preference, or what holds for somebody who has said nothing (not stored)."""
    return Preference.objects.filter(user=user).first() or Preference(user=user, email=user.email)


@activity
def save_preference(
    *,
    actor: User,
    now: datetime,
    email_on: bool,
    email: str,
    webhook_on: bool,
    webhook_address: str | None,
    digest: str,
    digest_hour: int,
    quiet_from: time | None,
    quiet_until: time | None,
    urgent_breaks_quiet: bool,
) -> Preference:
    """Store the actor's own wishes. ``webhook_address`` None keeps the stored one, which no page shows.

    Raises Incomplete with every problem.
    """
    row = Preference.objects.select_for_update(of=("self",)).filter(user=actor).first() or Preference(user=actor)
    problems, address = [], row.webhook
    if webhook_address is not None:
        try:
            address = webhook.checked(webhook_address) if webhook_address else ""
        except Refusal as refusal:
            problems.append(Problem(f"{refusal.message}{refusal.advice}", refusal.code, "webhook_address"))
    if email_on and not email:
        problems.append(Problem("发送电子邮件须填写电子邮箱。", field="email"))
    if webhook_on and not address and not problems:
        problems.append(Problem("发送到即时消息通道须填写通道地址。", field="webhook_address"))
    if (quiet_from is None) != (quiet_until is None):
        problems.append(Problem("免打扰的开始和结束须同时填写或者同时留空。", field="quiet_until"))
    if problems:
        raise Incomplete(problems)
    row.email_on, row.email, row.webhook_on, row.webhook = email_on, email, webhook_on, address
    row.digest, row.digest_hour, row.urgent_breaks_quiet = digest, digest_hour, urgent_breaks_quiet
    row.quiet_from, row.quiet_until = quiet_from, quiet_until
    row.save()
    return row


def send_test(*, actor: User, now: datetime) -> list[Delivery]:
    """A message to the actor by every channel that is switched on, at once; returns the results.

    Not one transaction: a channel is never waited for while rows are locked. Raises Refusal where no channel is
    switched on, or the last test was less than a minute ago.
    """
    rows = _test_rows(actor=actor, now=now)
    return delivering.deliver_now(rows, now=now)


@activity
def _test_rows(*, actor: User, now: datetime) -> list[Delivery]:
    preference = Preference.objects.select_for_update(of=("self",)).filter(user=actor).first()
    if preference is None or not (preference.email_on or preference.webhook_on):
        raise Refusal("没有打开任何通道。", code="no_channel", advice="请先打开电子邮件或者即时消息通道并保存。")
    recent = Notice.objects.filter(recipient=actor, title=TEST_TITLE, created_at__gt=now - TEST_PAUSE)
    if recent.exists():
        raise Refusal("刚刚发送过测试消息。", code="too_often", advice="请一分钟后再试。")
    notice = Notice.objects.create(
        recipient=actor, title=TEST_TITLE, body="收到此消息，说明通道可用。", url="/inbox/settings/", created_at=now
    )
    return outbox.put_at_once(notice, preference, now=now)
