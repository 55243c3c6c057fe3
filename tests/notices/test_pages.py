"""The pages of notices: own settings, a test message, texts with preview, group channels."""

import pytest
from django.contrib.auth import get_user_model

from certification.notices import texts
from certification.notices.models import Delivery, GroupChannel, NoticeText, Preference
from certification.notices.texts import Text, Texts, change_text
from certification.organisations.roles import Role
from certification.refusals import Incomplete, NotPermitted
from certification.rulebook import lookup
from certification.rulebook.loading import load_rules
from tests.notices.conftest import NOW

WISHES = {
    "email_on": "on",
    "email": "shen@example.cn",
    "digest": "AT_ONCE",
    "digest_hour": "8",
    "quiet_from": "20:00",
    "quiet_until": "08:00",
}


@pytest.fixture(autouse=True)
def _rules(db):
    load_rules()
    yield
    lookup.forget()


@pytest.fixture
def login(client):
    def enter(user):
        client.force_login(user, backend="certification.organisations.backends.AccountBackend")
        return client

    return enter


def test_settings_are_saved_and_the_secret_is_never_shown_again(person, login, hook):
    client = login(person())
    saved = client.post("/inbox/settings/", {**WISHES, "webhook_on": "on", "webhook_address": hook.address})
    assert saved.status_code == 302
    stored = Preference.objects.get()
    assert (stored.email, stored.webhook) == ("shen@example.cn", hook.address)
    page = client.get("/inbox/settings/").content.decode()
    assert "secret-path" not in page
    assert "通用 JSON（http） 127.0.0.1/••••" in page
    client.post("/inbox/settings/", {**WISHES, "webhook_on": "on", "webhook_address": ""})
    assert Preference.objects.get().webhook == hook.address
    client.post("/inbox/settings/", {**WISHES, "webhook_forget": "on"})
    assert Preference.objects.get().webhook == ""
    assert "secret-path" not in str(list(Preference.history.values()))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"webhook_on": "on", "webhook_address": "file:///etc/passwd"}, "不在允许的范围内"),
        ({"webhook_on": "on", "webhook_address": "json://127.0.0.1/x"}, "未经许可"),
        ({"webhook_on": "on"}, "须填写通道地址"),
        ({"email": ""}, "须填写电子邮箱"),
        ({"email": "不是邮箱"}, "电子邮件"),
        ({"quiet_until": ""}, "同时填写或者同时留空"),
        ({"digest_hour": "99"}, "99"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_saved(person, login, typed, said):
    answer = login(person()).post("/inbox/settings/", {**WISHES, **typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert 'value="20:00"' in page
    assert not Preference.objects.exists()


def test_a_test_message_goes_by_every_channel_at_once_and_says_how_it_went(person, login, smtp, hook):
    user = person(email_on=True, email="shen@example.cn", webhook_on=True, webhook=hook.address, digest="DAILY")
    hook.status = 500
    page = login(user).post("/inbox/settings/test/", follow=True).content.decode()
    assert "电子邮件：测试消息已发出" in page
    assert "即时消息：没有发出" in page
    assert [message["Subject"] for message in smtp.messages] == ["【特种作业认定】测试消息"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"SENT", "FAILED"}
    again = login(user).post("/inbox/settings/test/", follow=True).content.decode()
    assert "一分钟后再试" in again
    assert len(smtp.messages) == 1


def test_a_test_without_a_channel_says_what_to_do(person, login):
    assert "没有打开任何通道" in login(person()).post("/inbox/settings/test/", follow=True).content.decode()


def test_the_inbox_shows_stage_and_channel_results(person, login, smtp):
    from certification.notices import delivering
    from certification.notices.sending import Message, send

    user = person(email_on=True, email="shen@example.cn")
    send([Message(user.pk, "今日截止", label="当日")], now=NOW)
    delivering.deliver(now=NOW)
    page = login(user).get("/inbox/").content.decode()
    assert "当日" in page
    assert "电子邮件已发送（4月20日 周一 10:00）" in page


def test_a_text_is_previewed_saved_kept_in_history_and_reset(person, login):
    client = login(person(role=Role.ADMINISTRATOR))
    typed = {"title": "催办：{事项}", "body": "请在{截止日期}前办理。"}
    preview = client.post("/inbox/texts/BEFORE/", {**typed, "do": "preview"}).content.decode()
    assert "催办：培训计划报备" in preview
    assert not NoticeText.objects.exists()
    client.post("/inbox/texts/BEFORE/", {**typed, "do": "save"})
    assert Texts().of("BEFORE", "roster") == Text("催办：{事项}", "请在{截止日期}前办理。")
    # A shipped text that is narrower still goes before a general one that was changed.
    assert "法定时限" in Texts().of("BEFORE", "decision").body
    client.post("/inbox/texts/BEFORE/", {**typed, "do": "reset"})
    assert Texts().of("BEFORE") == texts.shipped("BEFORE")
    page = client.get("/inbox/texts/BEFORE/").content.decode()
    assert "催办：{事项}" in page
    assert "恢复系统自带的文字" in page


def test_a_text_for_one_rule_goes_before_the_general_one(person, login):
    client = login(person(role=Role.ADMINISTRATOR))
    client.post("/inbox/texts/DUE/roster/", {"title": "名单今日截止", "body": "", "do": "save"})
    assert Texts().of("DUE", "roster").title == "名单今日截止"
    assert Texts().of("DUE", "plan_filing") == texts.shipped("DUE")
    assert client.get("/inbox/texts/DUE/nothing/").status_code == 404
    assert client.get("/inbox/texts/NOTHING/").status_code == 404
    assert "报送学员名单" in client.get("/inbox/texts/").content.decode()


def test_every_unknown_placeholder_is_named(person, login):
    client = login(person(role=Role.ADMINISTRATOR))
    answer = client.post("/inbox/texts/BEFORE/", {"title": "{事项}{姓名}", "body": "{电话} {", "do": "save"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "不认识的占位符：{姓名}" in page
    assert "不认识的占位符：{电话}" in page
    assert "花括号不成对" in page
    with pytest.raises(Incomplete):
        change_text(actor=get_user_model().objects.get(), code="BEFORE", title="", body="{x}")
    assert not NoticeText.objects.exists()


def test_only_administrators_change_texts(person, login):
    user = person()
    assert login(user).get("/inbox/texts/").status_code == 403
    with pytest.raises(NotPermitted):
        change_text(actor=user, code="BEFORE", title="x", body="")


@pytest.mark.parametrize("code", list(texts.kinds()))
def test_every_shipped_text_is_right(code):
    text = texts.shipped(code)
    assert texts.problems_of(texts.kinds()[code], text.title, text.body) == []
    filled = text.filled(texts.kinds()[code].sample)
    assert "{" not in filled.title + filled.body


def test_group_channels_are_added_masked_and_ended(person, login, hook, centre):
    client = login(person(role=Role.ADMINISTRATOR))
    bad = client.post("/inbox/groups/", {"organisation": centre.pk, "name": "群", "address": "file:///x"})
    assert bad.status_code == 422
    client.post("/inbox/groups/", {"organisation": centre.pk, "name": "工作群", "address": hook.address})
    channel = GroupChannel.objects.get()
    page = client.get("/inbox/groups/").content.decode()
    assert "工作群" in page
    assert "secret-path" not in page
    client.post(f"/inbox/groups/{channel.pk}/end/")
    channel.refresh_from_db()
    assert (channel.active, channel.address) == (False, "")
