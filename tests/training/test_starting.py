"""A training plan begun from the planner."""

from datetime import date
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import at as moment

WISH = {"kind": "INITIAL", "class_start": "2026-09-07", "class_end": "2026-09-18", "exam_on": "2026-10-09"}


@pytest.fixture
def get(world, at):
    at(moment(date(2026, 4, 20)))

    def page(username: str, address: str, query: dict) -> str:
        client = Client()
        client.force_login(world.user(username), backend="certification.organisations.backends.AccountBackend")
        response = client.get(address, query)
        assert response.status_code == 200
        return response.content.decode()

    return page


def test_the_planner_fills_the_form_of_a_new_plan(world, get):
    job_type = world.job_type().pk
    planner = get("jigou", reverse("deadlines:planner"), {**WISH, "job_type": job_type})
    address = "/training/plans/new/" + unescape(planner.partition('href="/training/plans/new/')[2].partition('"')[0])
    page = get("jigou", address, {})
    for text in ('value="2026-09-07"', 'value="2026-09-18"', 'value="2026-10-09"', 'value="INITIAL" selected'):
        assert text in page
    assert f'value="{job_type}" selected' in page


def test_only_who_files_plans_is_offered_one(get):
    assert "/training/plans/new/" not in get("shi-kaowu", reverse("deadlines:planner"), WISH)
    assert "/training/plans/new/" not in get("jigou", reverse("deadlines:planner"), {"exam_on": "2026-10-09"})


def test_what_the_address_says_is_only_a_proposal(get):
    page = get("jigou", reverse("training:plan_create"), {"class_start": "x", "job_type": "y", "entry_key": "z"})
    assert 'value="z"' not in page
