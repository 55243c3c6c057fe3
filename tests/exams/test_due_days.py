"""The day that lists go by is the deadlines' day, whoever moved that (random walks: ``test_invariants``)."""

from datetime import date

import pytest

from certification.deadlines import moving
from certification.deadlines.models import Deadline
from certification.organisations.models import User
from certification.workdays import calendars
from exams.applications import due_days
from exams.applications.reviewing import move
from exams.models import NO_DATE, ExamApplication
from exams.states import ApplicationState as A
from tests.approvals.cases import EXAM, NOW, make_group
from tests.factories import at, working_day

pytestmark = pytest.mark.django_db


def day_of(group) -> date:
    (row,) = group.fresh()
    return row.due_on


def test_each_tier_has_its_own_day(world):
    group = make_group(world)
    assert day_of(group) == working_day(EXAM, -3)
    move("forward", group.fresh(), actor=world.user("shi-shenhe"), now=NOW)
    assert day_of(group) == working_day(EXAM, -1)
    move("clear", group.fresh(), actor=world.user("sheng-shenhe"), now=NOW)
    assert day_of(group) == NO_DATE


def test_without_a_session_there_is_none(world):
    assert day_of(make_group(world, assigned=False)) == NO_DATE


def test_a_moved_exam_takes_it_along(world):
    group = make_group(world)
    later = date(2026, 11, 13)
    moving.move_event("exam_start", group.fresh(), later, now=NOW, actor=world.user("shi-kaowu"))
    assert day_of(group) == working_day(later, -3)


def test_a_calendar_that_is_counted_again_takes_it_along(world):
    group = make_group(world)
    due = day_of(group)
    # As if the year's notice had said otherwise when it was counted.
    Deadline.objects.filter(rule__code="preliminary_review").update(due_on=date(2026, 1, 5), calendar_signature="x")
    due_days.follow_all()
    assert day_of(group) == date(2026, 1, 5)
    moving.apply_calendar(calendars.current(), now=NOW, actor=User.objects.system())
    assert day_of(group) == due


def test_corrected_and_sent_again_it_says_so(world):
    group = make_group(world)
    common = {"actor": world.user("jigou"), "now": at(date(2026, 10, 20))}
    move("return_to_filer", group.fresh(), **common)
    move("submit_preliminary", group.fresh(), **common)
    (row,) = group.fresh()
    assert (row.state, row.resubmitted_at) == (A.PRELIMINARY_REVIEW, common["now"])
    assert row.due_on == working_day(EXAM, -3)


def test_what_the_city_passed_awaits_the_provinces_record(world):
    renewal, initial = make_group(world, kind="RENEWAL"), make_group(world)
    city, province = world.user("shi-shenhe"), world.user("sheng-shenhe")
    move("clear", renewal.fresh(), actor=city, now=NOW)
    move("forward", initial.fresh(), actor=city, now=NOW)
    move("clear", initial.fresh(), actor=province, now=NOW)
    assert list(ExamApplication.objects.filter(awaits_record=True)) == renewal.applications


def test_as_many_statements_for_many_as_for_one(world, django_assert_num_queries):
    ids = make_group(world, 5).ids
    with django_assert_num_queries(1):
        due_days.follow(ids[:1])
    with django_assert_num_queries(1):
        due_days.follow(ids)
