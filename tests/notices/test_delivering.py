"""The outbox over real servers: sent once, tried again with pauses, never in quiet hours, never what is overtaken."""

from datetime import datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from certification.clock import SHANGHAI
from certification.notices import delivering, relevance
from certification.notices.channels.webhook import checked, masked
from certification.notices.models import Delivery, GroupChannel, Notice, Preference
from certification.notices.sending import Message, notify, send
from certification.refusals import Refusal
from tests.notices.conftest import NOW

State = Delivery.State


def at(hour: int, minute: int = 0, day: int = 20) -> datetime:
    return datetime(2026, 4, day, hour, minute, tzinfo=SHANGHAI)


def test_without_wishes_a_notice_stays_in_the_inbox(person, django_assert_num_queries):
    user = person()
    with django_assert_num_queries(2):
        notify([user], title="材料退回", now=NOW)
    assert Notice.objects.count() == 1
    assert not Delivery.objects.exists()


def test_an_email_goes_to_a_real_server_once(person, smtp):
    notify(
        [person(email_on=True, email="shen@example.cn")], title="材料\n退回", body="照片不清晰。", url="/x/", now=NOW
    )
    assert delivering.deliver(now=NOW)[State.SENT] == 1
    assert delivering.deliver(now=NOW + timedelta(minutes=1))[State.SENT] == 0
    (message,) = smtp.messages
    assert message["Subject"] == "【特种作业认定】材料 退回"
    assert message["To"] == "shen@example.cn"
    assert "照片不清晰。" in message.get_content()
    assert "https://certification.example/x/" in message.get_content()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.sent_at, row.started_at) == (State.SENT, 1, NOW, None)


def test_a_notice_taken_back_with_its_transaction_is_never_sent(person, smtp):
    user = person(email_on=True, email="shen@example.cn")
    with transaction.atomic():
        notify([user], title="撤回", now=NOW)
        transaction.set_rollback(True)
    delivering.deliver(now=NOW)
    assert smtp.messages == []


def test_a_failure_is_tried_again_with_growing_pauses_and_then_given_up(person, smtp, settings):
    settings.NOTICE_RETRY_MINUTES = [2, 10]
    notify([person(email_on=True, email="shen@example.cn")], title="提醒", now=NOW)
    smtp.answers["RCPT"] = "451 try later"
    moments = []
    for minute in range(30):
        delivering.deliver(now=NOW + timedelta(minutes=minute))
        row = Delivery.objects.get()
        if row.attempts > len(moments):
            moments.append(minute)
    assert moments == [0, 2, 12]
    assert row.state == State.FAILED
    assert "451" in row.error


def test_a_later_attempt_succeeds_and_a_refusal_for_good_is_final(person, smtp):
    notify([person(email_on=True, email="shen@example.cn")], title="一", now=NOW)
    smtp.answers["DATA"] = "451 busy"
    delivering.deliver(now=NOW)
    smtp.answers.clear()
    assert delivering.deliver(now=NOW + timedelta(minutes=3))[State.SENT] == 1
    notify([person("other", email_on=True, email="gone@example.cn")], title="二", now=NOW)
    smtp.answers["RCPT"] = "550 no such user"
    delivering.deliver(now=NOW + timedelta(minutes=4))
    assert Delivery.objects.get(notice__title="二").state == State.FAILED


def test_no_server_at_all_is_a_failure_that_waits(person, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    notify([person(email_on=True, email="shen@example.cn")], title="提醒", now=NOW)
    delivering.deliver(now=NOW)
    row = Delivery.objects.get()
    assert (row.state, row.error) == (State.PENDING, "无法连接邮件服务器（ConnectionRefusedError）")


def test_without_a_mail_server_the_row_says_so(person, settings):
    settings.EMAIL_HOST = ""
    notify([person(email_on=True, email="shen@example.cn")], title="提醒", now=NOW)
    row = Delivery.objects.get()
    assert (row.state, row.reason) == (State.SUPPRESSED, "系统未配置邮件服务器")


def test_an_interrupted_attempt_is_never_repeated(person, smtp, monkeypatch):
    notify([person(email_on=True, email="shen@example.cn")], title="提醒", now=NOW)

    def die(*arguments, **options):
        raise SystemExit

    monkeypatch.setattr(delivering, "_write", die)
    with pytest.raises(SystemExit):
        delivering.deliver(now=NOW)
    monkeypatch.undo()
    assert len(smtp.messages) == 1
    assert Delivery.objects.get().started_at == NOW
    delivering.deliver(now=NOW + timedelta(minutes=5))
    assert delivering.deliver(now=NOW + timedelta(minutes=16))["interrupted"] == 1
    row = Delivery.objects.get()
    assert (row.state, row.error) == (State.FAILED, delivering.UNKNOWN)
    assert len(smtp.messages) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_row_once(person, smtp, at_once):
    user = person(email_on=True, email="shen@example.cn")
    send([Message(user.pk, f"第 {number} 条") for number in range(20)], now=NOW)
    results = at_once(lambda: delivering.deliver(now=NOW), lambda: delivering.deliver(now=NOW))
    assert sum(result[State.SENT] for result in results) == 20
    assert len({message["Subject"] for message in smtp.messages}) == len(smtp.messages) == 20


def test_a_webhook_gets_the_title_and_not_what_names_persons(person, hook):
    user = person(webhook_on=True, webhook=hook.address)
    notify([user], title="3 项待审核", body="李四的材料", url="/x/", now=NOW)
    delivering.deliver(now=NOW)
    ((path, content),) = hook.received
    assert path == "/secret-path-12345"
    assert content["title"] == "3 项待审核"
    assert content["message"] == "https://certification.example/x/"
    assert Delivery.objects.get().state == State.SENT


@pytest.mark.parametrize("status", [500, 302])
def test_a_webhook_that_refuses_or_redirects_is_a_failure_without_secrets(person, hook, status, caplog):
    hook.status = status
    notify([person(webhook_on=True, webhook=hook.address)], title="提醒", now=NOW)
    delivering.deliver(now=NOW)
    row = Delivery.objects.get()
    assert row.state == State.PENDING
    assert row.error
    assert "secret-path" not in row.error + caplog.text
    assert [path for path, _content in hook.received] == ["/secret-path-12345"]


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "json://169.254.169.254/latest",
        "json://127.0.0.1:5432/",
        "jsons://intranet.example/x",
        "dbus://",
        "syslog://",
        "mailto://user:pass@example.com",
        "http://127.0.0.1/",
        "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=abc",
        "wecombot://",
        "dingtalk://",
        "随便写的",
        "",
    ],
)
def test_addresses_that_are_not_allowed_are_refused(address):
    with pytest.raises(Refusal):
        checked(address)


@pytest.mark.parametrize(
    ("address", "kept", "shown"),
    [
        (
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7aaa-4bc4-97a0-0ec2bbb61b3c",
            "wecombot://693a91f6-7aaa-4bc4-97a0-0ec2bbb61b3c",
            "企业微信群机器人 ••••1b3c",
        ),
        ("https://oapi.dingtalk.com/robot/send?access_token=abcdef1234567890", "dingtalk://abcdef1234567890", "7890"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/abcd-ef12-3456", "feishu://abcd-ef12-3456", "3456"),
    ],
)
def test_addresses_as_the_vendors_show_them_are_taken(address, kept, shown):
    assert checked(address) == kept
    assert shown in masked(kept)
    assert kept.partition("://")[2] not in masked(kept)


def test_an_address_that_is_no_longer_allowed_is_not_called(person, hook, settings):
    notify([person(webhook_on=True, webhook=hook.address)], title="提醒", now=NOW)
    settings.NOTICE_WEBHOOK_HOSTS = []
    delivering.deliver(now=NOW)
    assert hook.received == []
    assert Delivery.objects.get().state == State.FAILED


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        (at(19, 59), at(19, 59)),
        (at(20), at(8, day=21)),
        (at(23, 59), at(8, day=21)),
        (at(0, 1, day=21), at(8, day=21)),
        (at(7, 59), at(8)),
        (at(8), at(8)),
    ],
)
def test_quiet_hours_hold_back_what_leaves_the_house(person, smtp, now, sent):
    user = person(email_on=True, email="a@example.cn", quiet_from=time(20), quiet_until=time(8))
    notify([user], title="提醒", now=now)
    assert Delivery.objects.get().not_before == sent
    assert Notice.objects.get().created_at == now
    delivering.deliver(now=sent - timedelta(minutes=1))
    assert smtp.messages == []
    delivering.deliver(now=sent)
    assert len(smtp.messages) == 1


def test_a_worker_that_comes_late_keeps_the_quiet_hours(person, smtp):
    user = person(email_on=True, email="a@example.cn", quiet_from=time(20), quiet_until=time(8))
    notify([user], title="提醒", now=at(19, 58))
    assert delivering.deliver(now=at(21))["postponed"] == 1
    row = Delivery.objects.get()
    assert (row.attempts, row.next_attempt_at) == (0, at(8, day=21))
    delivering.deliver(now=at(8, day=21))
    assert len(smtp.messages) == 1


@pytest.mark.parametrize(("wanted", "count"), [(True, 1), (False, 0)])
def test_a_breach_breaks_the_quiet_hours_only_for_whoever_wants_it(person, smtp, wanted, count):
    user = person(
        email_on=True,
        email="a@example.cn",
        quiet_from=time(20),
        quiet_until=time(8),
        urgent_breaks_quiet=wanted,
        digest="DAILY",
    )
    send([Message(user.pk, "逾期", label="逾期", urgent=True)], now=at(22))
    delivering.deliver(now=at(22))
    assert len(smtp.messages) == count


def test_a_daily_digest_is_one_message(person, smtp):
    user = person(email_on=True, email="a@example.cn", digest="DAILY", digest_hour=9)
    for number in range(3):
        notify([user], title=f"第 {number + 1} 条", now=at(10 + number))
    delivering.deliver(now=at(20))
    delivering.digest(now=at(8, 59, day=21))
    assert smtp.messages == []
    assert delivering.digest(now=at(9, day=21))[State.SENT] == 3
    (message,) = smtp.messages
    assert "您有 3 条通知" in message["Subject"]
    assert "2. 第 2 条" in message.get_content()
    assert delivering.digest(now=at(9, 5, day=21))[State.SENT] == 0


def test_a_missed_digest_is_caught_up(person, smtp):
    user = person(email_on=True, email="a@example.cn", digest="DAILY", digest_hour=9)
    notify([user], title="一", now=at(10))
    delivering.digest(now=at(15, day=24))
    assert len(smtp.messages) == 1


def test_what_was_overtaken_or_switched_off_is_suppressed_with_its_reason(person, smtp, monkeypatch):
    kept, done = person("a", email_on=True, email="a@example.cn"), person("b", email_on=True, email="b@example.cn")
    off = person("c", email_on=True, email="c@example.cn")
    (_one, two, _three) = notify([kept, done, off], title="提醒", now=NOW)
    monkeypatch.setattr(relevance, "_checks", [lambda ids: {two.pk: "事项已经办结"} if two.pk in ids else {}])
    Preference.objects.filter(user=off).update(email_on=False)
    delivering.deliver(now=NOW)
    assert [message["To"] for message in smtp.messages] == ["a@example.cn"]
    reasons = dict(Delivery.objects.filter(state=State.SUPPRESSED).values_list("notice__recipient__username", "reason"))
    assert reasons == {"b": "事项已经办结", "c": "收件人已关闭此通道"}


def test_a_group_hears_a_reminder_once_for_all_of_its_people(person, centre, hook):
    one, two = person("a"), person("b")
    GroupChannel.objects.create(organisation=centre, name="工作群", address=hook.address)
    send([Message(user.pk, "今日截止", label="当日") for user in (one, two)], now=NOW)
    notify([one, two], title="材料退回", now=NOW)
    delivering.deliver(now=NOW)
    assert [content["message"] for _path, content in hook.received] == ["今日截止"]


def test_the_statements_of_sending_do_not_grow_with_the_recipients(person, django_assert_num_queries):
    few = [person(f"u{number}", email_on=True, email="a@example.cn") for number in range(2)]
    many = [person(f"v{number}", email_on=True, email="a@example.cn") for number in range(30)]
    for users in (few, many):
        with django_assert_num_queries(4):
            send([Message(user.pk, "今日截止", label="当日") for user in users], now=NOW)


def test_an_idle_run_is_two_queries(db, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        delivering.deliver(now=NOW)


def test_the_database_holds_one_row_a_channel(person):
    user = person(email_on=True, email="a@example.cn")
    (notice,) = notify([user], title="提醒", now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(notice=notice, channel="EMAIL", not_before=NOW, next_attempt_at=NOW)
