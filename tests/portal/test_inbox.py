"""The inbox of one account."""

from datetime import datetime

import pytest

from certification.clock import SHANGHAI
from certification.notices.models import Notice
from certification.notices.sending import notify

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def notice(world) -> Notice:
    user = world.user("jigou")
    return notify([user, user], title="材料退回补正", body="照片不清晰。", url="/rules/", now=NOW)[0]


def test_a_notice_arrives_once_and_is_counted(client_of, notice):
    page = client_of("jigou").get("/inbox/").content.decode()
    assert page.count("照片不清晰。") == 1
    assert '<span class="bar-count">1' in page


def test_opening_marks_it_as_read_and_goes_to_the_page(client_of, notice):
    client = client_of("jigou")
    assert client.get(f"/inbox/{notice.pk}/").status_code == 405
    assert client.post(f"/inbox/{notice.pk}/").url == "/rules/"
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "没有未读消息" in client.get("/inbox/?unread=1").content.decode()


def test_another_account_s_notice_does_not_exist(client_of, notice):
    client = client_of("lanxi-jigou")
    assert "照片不清晰" not in client.get("/inbox/").content.decode()
    assert client.post(f"/inbox/{notice.pk}/").status_code == 404
    client.post("/inbox/read-all/")
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_notice_never_leads_off_the_site(client_of, world):
    (outside,) = notify([world.user("jigou")], title="外部", url="https://elsewhere.example/", now=NOW)
    assert client_of("jigou").post(f"/inbox/{outside.pk}/").url == "/inbox/"
