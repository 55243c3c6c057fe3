"""用时明细: who held the case when, counted as deadlines count, adding up to the whole."""

from datetime import date, datetime, timedelta
from itertools import count

import pytest
import time_machine
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certification.clock import SHANGHAI
from certification.deadlines import cases, holders, pauses
from certification.deadlines.holders import Tier
from certification.deadlines.overview import usage
from certification.organisations.models import User
from certification.records.models import TransitionLog
from certification.workdays import calendars
from certification.workflow import MACHINES
from tests.approvals.cases import make_group
from tests.deadlines.boarding import NOW, TODAY, Ledger
from tests.factories import at
from training.models import TrainingPlan
from training.states import PlanState

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(world):
    return Ledger(world, count(1))


def logged(plan: TrainingPlan, *steps: tuple[datetime, str]) -> TrainingPlan:
    before = ""
    for moment, state in steps:
        TransitionLog.write([(plan, before, state)], name="file", actor=User.objects.system(), at=moment)
        before = state
    return plan


def days(found: list[usage.Spell]) -> list[tuple[str, int]]:
    return [(spell.tier.value, spell.days) for spell in found]


def test_the_day_of_receipt_is_not_counted(filed):
    plan = logged(
        filed.plan(),
        (at(date(2026, 3, 9)), "DRAFT"),
        (at(date(2026, 3, 10), 23, 59), "FILED"),
        (at(date(2026, 3, 24)), "RETURNED"),
    )
    found = usage.spells(plan, now=NOW, calendar=calendars.current())
    # The city received it on the 10th: the 11th is its first day, the 24th its tenth and last, as a deadline of ten
    # working days from receipt counts.
    assert days(found) == [("INSTITUTION", 1), ("CITY", 10), ("INSTITUTION", 6)]
    assert calendars.current().shift(date(2026, 3, 10), 10).date == date(2026, 3, 24)
    assert [spell.organisation for spell in found] == [plan.institution, plan.organiser, plan.institution]
    assert found[-1].running


def test_category_one_is_held_by_the_province(filed, world):
    plan = logged(filed.plan(code="0501"), (at(date(2026, 3, 9)), "FILED"))
    (spell,) = usage.spells(plan, now=NOW, calendar=calendars.current())
    assert (spell.tier, spell.organisation) == (Tier.PROVINCE, world.centre)


def test_a_line_without_a_state_tells_nothing_of_who_held_the_case(world):
    (application,) = make_group(world, assigned=False).applications
    TransitionLog.objects.about(application).delete()
    later = application.created_at + timedelta(days=1)
    system = User.objects.system()
    TransitionLog.write([(application, "", "")], name="deadline_breached", actor=system, at=later)
    found = usage.spells(application, now=later + timedelta(days=1), calendar=calendars.current())
    assert [(spell.tier, spell.starts_at) for spell in found] == [(Tier.CITY, application.created_at)]


def test_a_case_that_ended_uses_no_more_days(filed):
    plan = logged(filed.plan(), (at(date(2026, 3, 9)), "FILED"), (at(date(2026, 3, 13)), "WITHDRAWN"))
    found = usage.spells(plan, now=NOW, calendar=calendars.current())
    assert days(found) == [("CITY", 4)]
    assert not found[-1].running


def test_an_end_that_was_overruled_belongs_to_nobody(filed):
    plan = logged(
        filed.plan(),
        (at(date(2026, 3, 9)), "FILED"),
        (at(date(2026, 3, 11)), "REJECTED"),
        (at(date(2026, 3, 13)), "ACKNOWLEDGED"),
    )
    found = usage.spells(plan, now=NOW, calendar=calendars.current())
    assert days(found)[:2] == [("CITY", 2), ("NOBODY", 2)]


def test_a_class_that_is_over_is_nobodys(filed):
    plan = logged(filed.plan(), (at(date(2026, 3, 9)), "ACKNOWLEDGED"))
    found = usage.spells(plan, now=at(date(2026, 8, 3)), calendar=calendars.current())
    assert not found[-1].running
    assert found[-1].days == calendars.current().between(date(2026, 3, 9), date(2026, 5, 21))


def test_days_on_which_the_clock_stood_still_are_nobodys(filed, world):
    plan = logged(filed.plan(), (at(date(2026, 3, 9)), "FILED"))
    user = world.user("sheng-fuze")
    pauses.pause([plan], kind="HEARING", reason="听证", now=at(date(2026, 3, 16)), actor=user)
    pauses.resume([plan], last_day=date(2026, 3, 18), now=at(date(2026, 3, 18)), actor=user)
    (spell,) = usage.spells(plan, now=NOW, calendar=calendars.current())
    assert spell.paused_days == 3
    assert spell.days + spell.paused_days == calendars.current().between(date(2026, 3, 9), TODAY)
    assert [share.label for share in usage.shares([spell])] == ["设区市应急管理部门", "中止计算"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.integers(0, 60 * 24 * 40), st.sampled_from(PlanState.values)), min_size=1, max_size=12)
)
def test_the_days_of_all_add_up(filed, steps):
    """For every log: the days of all holders together are the working days between the first moment and the last."""
    calendar = calendars.current()
    start = datetime(2026, 2, 9, 0, 1, tzinfo=SHANGHAI)
    moments = sorted(start + timedelta(minutes=minutes) for minutes, _state in steps)
    states = [state for _minutes, state in steps]
    plan = logged(filed.plan(), *zip(moments, states, strict=True))
    found = usage.spells(plan, now=NOW, calendar=calendar)
    first, last = found[0].starts_at.astimezone(SHANGHAI).date(), found[-1].ends_at.astimezone(SHANGHAI).date()
    assert first == moments[0].date()
    assert sum(spell.days for spell in found) == calendar.between(first, last)
    assert sum(share.days for share in usage.shares(found)) == calendar.between(first, last)
    assert all(spell.days >= 0 for spell in found)
    assert all(one.ends_at == other.starts_at for one, other in zip(found, found[1:], strict=False))
    assert all(spell.tier != Tier.ORGANISER for spell in found)


def test_every_state_of_every_case_says_who_holds_it():
    for kind in cases.kinds():
        assert holders.states_of(kind.label).keys() == set(MACHINES[kind.label].states.values), kind.label


def test_the_page_shows_spells_and_shares(filed, world, django_assert_max_num_queries):
    plan = logged(filed.plan(), (at(date(2026, 3, 9)), "DRAFT"), (at(date(2026, 3, 10)), "FILED"))
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.force_login(world.user("jigou"))
        with django_assert_max_num_queries(30):
            page = client.get(f"/deadlines/usage/plan/{plan.pk}/").content.decode()
        assert "已报备" in page
        assert world.bureau.short_name in page
        # The case's own page leads there.
        assert f"/deadlines/usage/plan/{plan.pk}/" in client.get(f"/training/plans/{plan.pk}/").content.decode()


@pytest.mark.parametrize(
    ("username", "status"), [("jigou", 200), ("shi-fuze", 200), ("shenji", 200), ("lanxi-jigou", 404), ("guanli", 403)]
)
def test_only_those_see_it_who_see_the_case(filed, world, username, status):
    plan = logged(filed.plan(), (at(date(2026, 3, 9)), "FILED"))
    client = Client()
    client.force_login(world.user(username))
    assert client.get(f"/deadlines/usage/plan/{plan.pk}/").status_code == status
    if status == 200:
        assert client.get(f"/deadlines/usage/nothing/{plan.pk}/").status_code == 404
        assert client.get("/deadlines/usage/plan/999999999/").status_code == 404
