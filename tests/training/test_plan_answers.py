"""A returned plan is in time until the day before class start, and is reminded of until then (rules 2.6, 2.8)."""

from datetime import timedelta

import pytest

from certification.deadlines import ledger
from certification.deadlines.models import Deadline, Reminder
from certification.deadlines.reminding.reminders import remind
from certification.deadlines.sweep import sweep
from certification.workdays import calendars
from tests.factories import at
from tests.training.conftest import CLASS_START, FILED_ON
from tests.training.test_acknowledging import CITY, PROVINCE, answer
from training.obligations import PLAN_ANSWER
from training.plans import filing

LAST_DAY = CLASS_START - timedelta(days=1)


def told(**only) -> list[tuple]:
    rows = Reminder.objects.filter(deadline__rule__code=PLAN_ANSWER, state="SENT", **only).order_by("pk")
    return list(rows.values_list("stage", "recipient__username"))


def test_a_returned_plan_has_a_day_of_its_own(world, plan):
    assert ledger.find(PLAN_ANSWER, plan) is None
    answer(world, plan, CITY, "return")
    assert ledger.find(PLAN_ANSWER, plan).due_on == LAST_DAY
    filing.refile_plan(actor=world.user("jigou"), now=at(FILED_ON, 18), plan_id=plan.pk)
    assert ledger.find(PLAN_ANSWER, plan).met_late is False


def test_reminders_go_on_after_a_return(world, plan):
    answer(world, plan, CITY, "return")
    before = calendars.current().shift(LAST_DAY, -1).date
    remind(now=at(before))
    filing.refile_plan(actor=world.user("jigou"), now=at(before, 12), plan_id=plan.pk)
    answer(world, plan, CITY, "return", now=at(before, 15))
    for day in (before, LAST_DAY):
        remind(now=at(day, 17))
    assert told() == [("BEFORE_1", "jigou"), ("DUE", "jigou")]


@pytest.mark.parametrize("name", ["acknowledge", "reject"])
def test_where_the_province_speaks_otherwise_there_is_nothing_to_answer(world, plan, name):
    answer(world, plan, CITY, "return")
    answer(world, plan, PROVINCE, name)
    assert ledger.find(PLAN_ANSWER, plan) is None
    remind(now=at(CLASS_START))
    assert told() == []


def test_a_plan_not_filed_again_ends_at_midnight_and_the_city_hears_of_it(world, plan):
    answer(world, plan, CITY, "return")
    assert sweep(now=at(LAST_DAY, 23, 59)).breached == 0
    assert Deadline.objects.unmet().count() == 2
    swept = sweep(now=at(CLASS_START, 0, 1))
    assert (swept.breached, swept.failed) == (1, [])
    assert not Deadline.objects.unmet().exists()
    late = told(stage__in=["BREACH", "ESCALATION"])
    assert ("BREACH", "jigou") in late
    assert ("ESCALATION", CITY) in late
