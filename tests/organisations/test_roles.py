"""Granting roles: the place of work, and roles that may not meet in one person (rules 4.1, 4.6)."""

import pytest
from django.db import IntegrityError

from certification.organisations.accounts import grant_role
from certification.organisations.models import RoleAssignment
from certification.organisations.roles import REACH, WORKS_AT, Reach, Role
from certification.refusals import NotPermitted, SeparationBreach

from .conftest import NOW


def test_every_role_has_a_reach_and_every_reach_a_place_of_work():
    assert set(REACH) == set(Role)
    assert set(WORKS_AT) == set(Reach)


def test_training_staff_never_review_examine_or_decide_through_whichever_account(account, organisations, person):
    somebody = person()
    account("school", Role.INSTITUTION_FILER, who=somebody)
    second = account("centre", who=somebody)
    for role in (Role.PROVINCIAL_REVIEWER, Role.INVIGILATOR, Role.PROVINCIAL_DECISION_MAKER):
        with pytest.raises(SeparationBreach) as refusal:
            grant_role(actor=second, now=NOW, user=second, role=role)
        assert "4.1" in refusal.value.clause
    assert not second.role_assignments.exists()


def test_a_role_is_given_only_where_it_is_worked(account):
    filer = account("school")
    with pytest.raises(NotPermitted):
        grant_role(actor=filer, now=NOW, user=filer, role=Role.CITY_REVIEWER)


def test_granting_twice_keeps_one_assignment(account):
    reviewer = account("north")
    first = grant_role(actor=reviewer, now=NOW, user=reviewer, role=Role.CITY_REVIEWER)
    assert grant_role(actor=reviewer, now=NOW, user=reviewer, role=Role.CITY_REVIEWER) == first
    assert RoleAssignment.objects.filter(user=reviewer).count() == 1


def test_the_database_itself_refuses_a_second_open_assignment(account):
    reviewer = account("north", Role.CITY_REVIEWER)
    with pytest.raises(IntegrityError):
        RoleAssignment.objects.create(
            user=reviewer, role=Role.CITY_REVIEWER, valid_from=NOW.date(), granted_by=reviewer
        )


def test_an_ended_assignment_gives_nothing_from_the_next_day(account):
    reviewer = account("north", Role.CITY_REVIEWER)
    reviewer.role_assignments.update(valid_until=NOW.date())
    assert reviewer.roles_on(NOW.date()) == {Role.CITY_REVIEWER}
    assert reviewer.roles_on(NOW.date().replace(day=2)) == frozenset()
