"""Pages of late admissions: a list that costs the same for one and for fifty, addresses that make no sense, unasked."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certification.deadlines import ledger
from certification.deadlines.models import LateAdmission
from tests.deadlines.test_admissions import CLASS_START, LATE, ask, asked, file
from tests.factories import at

ASK = "/deadlines/admissions/ask/"


@pytest.fixture
def head(client, world, time_machine):
    time_machine.move_to(LATE, tick=False)
    client.force_login(world.user("sheng-fuze"))
    return client


def queries(client, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_the_list_costs_the_same_for_one_and_for_many(head, world, make_draft):
    url = reverse("deadlines:admission_list")
    asked(world, make_draft())
    queries(head, url)
    one = queries(head, url)
    ask(world, *(make_draft() for _ in range(12)))
    assert queries(head, url) == one


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?rule=plan_filing&case=training.TrainingPlan",
        "?rule=decision&case=training.TrainingPlan&for=1:2026-04-20",
        "?rule=plan_filing&case=training.TrainingPlan&for=1:2026-02-31",
        "?rule=plan_filing&case=training.TrainingPlan&for=1:0001-01-01",
        "?rule=plan_filing&case=nonsense&for=²:2026-04-20",
    ],
)
def test_an_address_that_names_nothing_is_a_bad_request(client, world, query):
    client.force_login(world.user("jigou"))
    assert client.get(ASK + query).status_code == 400


def test_what_is_anothers_is_not_there(client, world, draft):
    row = asked(world, draft)
    client.force_login(world.user("lanxi-jigou"))
    assert client.get(reverse("deadlines:admission", args=[row.pk])).status_code == 404
    query = f"?rule=plan_filing&case=training.TrainingPlan&for={draft.pk}:2026-04-20"
    assert client.get(ASK + query).status_code == 404
    client.force_login(world.user("shi-kaowu"))
    assert client.get(reverse("deadlines:admission_withdraw", args=[row.pk])).status_code == 403


def test_many_are_refused_with_one_reason(head, world, make_draft):
    rows = [result.row for result in ask(world, make_draft(), make_draft())]
    query = "&".join(f"admission={row.pk}" for row in rows)
    url = f"{reverse('deadlines:admission_decide')}?{query}&outcome=refuse"
    assert head.get(url).status_code == 200
    assert head.post(url, {"reason": ""}).status_code == 422
    assert head.post(url, {"reason": "请改期"}).status_code == 302
    assert set(LateAdmission.objects.values_list("state", flat=True)) == {"REFUSED"}
    assert head.post(url, {"reason": "请改期"}).status_code == 422


def test_the_head_admits_from_the_page_of_the_deadline(head, world, make_draft, time_machine):
    filed_on = at(date(2026, 3, 2))
    plan = file(world, make_draft(now=filed_on), now=filed_on)
    deadline = ledger.find("roster", plan)
    url = reverse("deadlines:admission_direct", args=[deadline.pk])
    page = reverse("deadlines:explanation", args=[deadline.pk])
    assert url not in head.get(page).content.decode()
    time_machine.move_to(at(CLASS_START + timedelta(days=1)), tick=False)
    assert url in head.get(page).content.decode()
    assert head.get(url).status_code == 200
    assert head.post(url, {"reason": "学员临时变动", "valid_until": ""}).status_code == 302
    assert LateAdmission.objects.get().subject == plan
    assert head.post(url, {"reason": "再次"}).status_code == 422
