"""A session and an exam plan begun from the planner."""

from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from tests.factories import at as moment

WISH = {"kind": "INITIAL", "category": "TWO", "exam_on": "2026-10-09"}


@pytest.fixture
def get(client, bench, at):
    at(moment(date(2026, 4, 20)))

    def page(username: str, address: str, query: dict | None = None) -> str:
        client.force_login(bench.user(username), backend="certification.organisations.backends.AccountBackend")
        response = client.get(address, query)
        assert response.status_code == 200
        return response.content.decode()

    return page


def link(page: str, start: str) -> str:
    """The first link that begins with ``start``, or ""."""
    _before, found, rest = page.partition(f'href="{start}')
    return unescape(start + rest.partition('"')[0]) if found else ""


def test_the_planner_fills_the_form_of_a_new_session(get, bench):
    job_type = bench.world.job_type().pk
    planner = get("shi-kaowu", reverse("deadlines:planner"), {**WISH, "job_type": job_type})
    page = get("shi-kaowu", link(planner, reverse("exams:session_announce")))
    assert page.count('value="2026-10-09"') == 2
    assert f'value="{job_type}" selected' in page


def test_an_exam_plan_lists_the_announced_sessions_of_the_day(get, bench):
    session = bench.session(day=date(2026, 10, 9), now=moment(date(2026, 4, 20)))
    planner = get("shi-kaowu", reverse("deadlines:planner"), WISH)
    page = get("shi-kaowu", link(planner, reverse("exams:plan_create")))
    row = page.partition(f'name="in-{session.pk}"')[2].partition(">")[0]
    assert "checked" in row
    assert "2026年10月9日考试计划" in page
    assert "checked" not in get("shi-kaowu", reverse("exams:plan_create"), {"on": "x"})


@pytest.mark.parametrize(
    ("username", "category", "offered"),
    [("shi-kaowu", "TWO", True), ("shi-kaowu", "ONE", False), ("sheng-kaowu", "ONE", True), ("jigou", "TWO", False)],
)
def test_whoever_organises_is_offered_it(get, username, category, offered):
    planner = get(username, reverse("deadlines:planner"), {**WISH, "category": category})
    assert bool(link(planner, reverse("exams:session_announce"))) == offered
    assert bool(link(planner, reverse("exams:plan_create"))) == offered
