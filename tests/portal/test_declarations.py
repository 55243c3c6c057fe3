"""The pages of 回避和代办: who sees which lines, acting in a session, and that it ends by itself."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certification import clock
from certification.notices.models import Notice
from certification.organisations.models import ActingFor, Conflict
from certification.organisations.roles import Role
from certification.portal import deputies
from tests.factories import BUILT_AT

pytestmark = pytest.mark.django_db
PAGE = "/declarations/"
REVIEWS = "/approvals/reviews/"


@pytest.fixture(autouse=True)
def _now(at):
    at(BUILT_AT)


@pytest.fixture
def login(client, world):
    def login(username: str):
        client.force_login(world.user(username))
        return client

    return login


@pytest.fixture
def handed_over(world) -> ActingFor:
    (row,) = deputies.appoint(
        actor=world.user("shi-fuze"),
        absent_id=world.user("shi-shenhe").pk,
        deputy_id=world.user("shi-jianguan").pk,
        roles=[Role.CITY_REVIEWER],
        valid_from=clock.today(),
        valid_until=clock.today() + timedelta(days=3),
        reason="年休假",
    )
    return row


def test_the_head_appoints_by_form_and_both_are_told(login, world):
    client = login("shi-fuze")
    typed = {
        "absent": world.user("shi-shenhe").pk,
        "deputy": world.user("shi-jianguan").pk,
        "roles": ["CITY_REVIEWER"],
        "valid_from": "2026-01-05",
        "valid_until": "2026-01-09",
        "reason": "年休假",
    }
    refused = client.post(reverse("portal:deputy-appoint"), typed | {"valid_until": "2026-01-04"})
    assert refused.status_code == 422
    assert "早于" in refused.content.decode()
    assert "年休假" in refused.content.decode()
    assert client.post(reverse("portal:deputy-appoint"), typed).status_code == 302
    told = Notice.objects.filter(title__startswith="代办").values_list("recipient__username", flat=True)
    assert set(told) == {"shi-shenhe", "shi-jianguan"}


def test_acting_gives_the_work_of_the_absent_person_and_shows_it(login, handed_over):
    client = login("shi-jianguan")
    assert client.get(REVIEWS).status_code == 403
    home = client.get("/").content.decode()
    assert f"可代 {handed_over.absent} 办理" in home
    assert "开始代办" in client.get(PAGE).content.decode()
    client.post(reverse("portal:act-for", args=[handed_over.absent_id]))
    page = client.get(REVIEWS)
    assert page.status_code == 200
    assert f"{handed_over.deputy} 代 {handed_over.absent}" in page.content.decode()
    client.post(reverse("portal:act-stop"))
    assert client.get(REVIEWS).status_code == 403


def test_it_ends_by_itself_in_the_middle_of_a_session(login, handed_over, at):
    client = login("shi-jianguan")
    client.post(reverse("portal:act-for", args=[handed_over.absent_id]))
    assert client.get(REVIEWS).status_code == 200
    at(clock.end_of(handed_over.valid_until) - timedelta(minutes=1))
    assert client.get(REVIEWS).status_code == 200
    at(clock.end_of(handed_over.valid_until))
    assert client.get(REVIEWS).status_code == 403


def test_nobody_acts_for_whom_nothing_was_handed_over(login, handed_over, world):
    client = login("shi-kaowu")
    assert client.post(reverse("portal:act-for", args=[handed_over.absent_id])).status_code == 404
    assert client.get(reverse("portal:deputy-end", args=[handed_over.pk])).status_code == 404


def test_the_absent_person_ends_it_on_the_page(login, handed_over):
    client = login("shi-shenhe")
    address = reverse("portal:deputy-end", args=[handed_over.pk])
    assert "提前结束" in client.get(PAGE).content.decode()
    assert str(handed_over.deputy) in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    handed_over.refresh_from_db()
    assert handed_over.ended_at
    assert client.get(address).status_code == 403


def test_a_conflict_is_declared_and_ended_by_form(login, world):
    client = login("shi-shenhe")
    (invented,) = world.invented(1)
    address = reverse("portal:conflict-declare")
    wrong = client.post(address, {"kind": "RELATIVE", "name": invented.name, "identity": invented.number[:-1]})
    assert wrong.status_code == 422
    assert "18 位" in wrong.content.decode()
    assert invented.name in wrong.content.decode()
    client.post(address, {"kind": "RELATIVE", "name": invented.name, "identity": invented.number})
    row = Conflict.objects.get()
    page = client.get(PAGE).content.decode()
    assert invented.name in page
    assert invented.number not in page, "masked in lists"
    assert client.post(reverse("portal:conflict-end", args=[row.pk]), {"reason": ""}).status_code == 422
    client.post(reverse("portal:conflict-end", args=[row.pk]), {"reason": "申报有误"})
    assert "申报有误" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("username", "sees"),
    [("shi-shenhe", True), ("shi-fuze", True), ("shenji", True), ("shi-kaowu", False), ("lanxi-fuze", False)],
)
def test_declarations_are_seen_by_oneself_the_head_and_auditors(login, world, username, sees):
    typed = {"kind": "SAME_EMPLOYER", "employer": "云岭第九机电公司"}
    login("shi-shenhe").post(reverse("portal:conflict-declare"), typed, follow=True)
    assert ("云岭第九机电公司" in login(username).get(PAGE).content.decode()) == sees


def test_as_many_queries_for_one_line_as_for_many(login, world, handed_over, django_assert_num_queries):
    client = login("shi-fuze")
    client.get(PAGE)

    with CaptureQueriesContext(connection) as captured:
        client.get(PAGE)
        few = len(captured)
    for username in ("shi-shenhe", "shi-kaowu", "shi-luru"):
        for number in range(3):
            login(username).post(
                reverse("portal:conflict-declare"), {"kind": "SAME_EMPLOYER", "employer": f"公司{username}{number}"}
            )
    client = login("shi-fuze")
    client.get(PAGE)
    with django_assert_num_queries(few):
        assert "公司shi-kaowu2" in client.get(PAGE).content.decode()
