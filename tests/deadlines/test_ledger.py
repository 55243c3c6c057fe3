"""Opening, meeting, closing and counting again."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from certification.clock import SHANGHAI
from certification.deadlines import ledger
from certification.deadlines.models import Deadline
from certification.organisations.models import User
from tests.deadlines.conftest import NOW

State = Deadline.State


@pytest.fixture
def opened(organisations):
    def make(case, event_on=date(2026, 5, 11), rule="plan_filing", now=NOW, **kwargs) -> Deadline:
        kwargs.setdefault("responsible", organisations["school"])
        return ledger.open_deadline(rule, case, event_on=event_on, now=now, **kwargs)

    return make


def test_opened_with_date_calendar_and_history(opened, case):
    deadline = opened(case())
    deadline.refresh_from_db()
    assert deadline.due_on == date(2026, 4, 28)
    assert deadline.calendar_signature.startswith("2026:")
    assert not deadline.provisional
    assert deadline.history.count() == 1


def test_opening_again_keeps_the_deadline(opened, case):
    one = case()
    assert opened(one) == opened(one)
    assert Deadline.objects.count() == 1


def test_another_event_day_opens_a_successor_and_what_was_met_stays_met(opened, case):
    one = case()
    first = opened(one)
    ledger.meet("plan_filing", [one], now=NOW, actor=User.objects.system())
    second = opened(one, date(2026, 5, 18), now=NOW + timedelta(hours=1))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.closed_at is not None, first.closed_reason) == (True, "起算日期变更")
    assert (second.version, second.met_at) == (2, NOW)
    assert ledger.find("plan_filing", one) == second


def test_open_twice_for_the_same_case_is_impossible_in_the_database(opened, case):
    deadline = opened(case())
    deadline.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        deadline.save(force_insert=True)


@pytest.mark.parametrize("number", [1, 40])
def test_the_bulk_form_takes_the_same_number_of_queries(case, organisations, number, django_assert_max_num_queries):
    cases = [case() for _ in range(number)]
    days = {one.pk: date(2026, 5, 11) + timedelta(days=place) for place, one in enumerate(cases)}
    system = User.objects.system()
    with django_assert_max_num_queries(12):
        found = ledger.open_deadlines(
            "materials_initial",
            cases,
            event_on=lambda one: days[one.pk],
            responsible=organisations["school"],
            institution=lambda one: organisations["school"],
            organiser=organisations["bureau"],
            now=NOW,
        )
    assert [row.subject_id for row in found] == [one.pk for one in cases]
    assert [row.anchor_on for row in found] == list(days.values())
    with django_assert_max_num_queries(8):
        assert len(ledger.meet("materials_initial", cases, now=NOW, actor=system)) == number
    with django_assert_max_num_queries(8):
        assert len(ledger.close(None, cases, now=NOW, reason="撤回")) == number


def test_met_in_time_and_late_by_a_minute(opened, case):
    in_time, late = case(), case()
    opened(in_time)
    opened(late)
    midnight = datetime(2026, 4, 29, tzinfo=SHANGHAI)
    system = User.objects.system()
    ledger.meet("plan_filing", [in_time], now=midnight - timedelta(minutes=1), actor=system)
    ledger.meet("plan_filing", [late], now=midnight + timedelta(minutes=1), actor=system)
    assert ledger.find("plan_filing", in_time).state_at(midnight) == State.MET
    assert ledger.find("plan_filing", late).state_at(midnight + timedelta(minutes=2)) == State.MET_LATE


def test_meeting_twice_keeps_the_first_time(opened, case):
    one = case()
    opened(one)
    system = User.objects.system()
    ledger.meet("plan_filing", [one], now=NOW, actor=system)
    assert ledger.meet("plan_filing", [one], now=NOW + timedelta(days=9), actor=system) == []
    assert ledger.find("plan_filing", one).met_at == NOW


def test_what_came_back_is_open_again(opened, case):
    one = case()
    opened(one)
    ledger.meet("plan_filing", [one], now=NOW, actor=User.objects.system())
    assert len(ledger.unmeet("plan_filing", [one], now=NOW, reason="退回")) == 1
    assert ledger.find("plan_filing", one).state_at(NOW) == State.OPEN


def test_closed_deadlines_are_not_found_and_may_be_opened_anew(opened, case):
    one = case()
    opened(one)
    ledger.close("plan_filing", [one], now=NOW, reason="撤回")
    assert ledger.find("plan_filing", one) is None
    assert opened(one).pk is not None


def test_nothing_to_do_is_no_error(reference):
    assert ledger.meet("plan_filing", [], now=NOW, actor=User.objects.system()) == []
    assert ledger.close(None, [], now=NOW, reason="") == []
