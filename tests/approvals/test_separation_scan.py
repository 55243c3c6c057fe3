"""The daily scan finds one planted breach of each rule (4.1 to 4.5), notes and assignments included.

What is planted goes past the activities, straight into the tables, as a mistake or a repair by hand would.
"""

from datetime import timedelta

import pytest

from approvals.models import Assignment, InternalNote, Review
from approvals.reviews.reviewing import review
from certification import clock
from certification.organisations import separation_scan
from certification.organisations.models import ActingFor, Conflict, RoleAssignment, User
from certification.organisations.roles import Role
from exams.models import StaffAssignment
from tests.approvals.cases import NOW, make_group, take_exam
from training.models import PlanTeacher

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(world):
    return make_group(world)


@pytest.fixture
def found():
    def scan(user: User, case=None) -> set[str]:
        breaches = [one for one in separation_scan.breaches(clock.today()) if one.person_id == user.person_id]
        return {one.rule[:3] for one in breaches if case is None or (one.model, one.case_id) == (type(case), case.pk)}

    return scan


def opinion(world, group, who, stage="PRELIMINARY", **more) -> None:
    user = world.user(who)
    Review.objects.create(
        application=group.applications[0],
        stage=stage,
        outcome="PASS",
        reviewer=user,
        organisation=user.organisation,
        at=NOW,
        **more,
    )


def in_hand(world, group, who, stage="PRELIMINARY", by=None, how="TAKEN") -> None:
    user = world.user(who)
    Assignment.objects.create(
        application=group.applications[0],
        stage=stage,
        organisation=user.organisation,
        assignee=user,
        how=how,
        assigned_by=world.user(by or who),
        assigned_at=NOW,
    )


def note(world, group, who, **more) -> None:
    user = world.user(who)
    InternalNote.objects.create(
        application=group.applications[0], organisation=user.organisation, author=user, text="看过", at=NOW, **more
    )


def keep_away(world, who) -> None:
    user = world.user(who)
    Conflict.objects.create(
        person=user.person, kind="INSTITUTION", institution=world.institution, declared_by=user, declared_at=NOW
    )


def teach(world, group, who) -> None:
    PlanTeacher.objects.create(plan=group.plan, person=world.user(who).person, subject="安全技术")


def test_an_orderly_case_has_no_breach(world, group, found):
    review(actor=world.user("shi-shenhe"), now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    in_hand(world, group, "sheng-shenhe", "FINAL", by="sheng-fuze", how="ASSIGNED")
    note(world, group, "sheng-shenhe2")
    assert list(separation_scan.breaches(clock.today())) == []


@pytest.mark.parametrize("act", [opinion, in_hand, note])
def test_4_1_who_teaches_the_class(world, group, found, act):
    teach(world, group, "shi-shenhe")
    act(world, group, "shi-shenhe")
    assert found(world.user("shi-shenhe"), group.applications[0]) == {"4.1"}


def test_4_2_who_staffs_the_session(world, group, found):
    take_exam(world, group)
    user = world.user("shi-shenhe")
    use = StaffAssignment.objects.first().use
    StaffAssignment.objects.create(use=use, person=user.person, duty="INVIGILATOR", assigned_by=user, assigned_at=NOW)
    in_hand(world, group, "shi-shenhe")
    assert found(user, group.applications[0]) == {"4.2"}


def test_4_3_who_reviewed_first_has_the_final_review_in_hand_through_another_account(world, group, found):
    opinion(world, group, "shi-shenhe")
    first = world.user("shi-shenhe")
    other = User.objects.create(username="zwei", organisation=world.centre, person=first.person)
    RoleAssignment.objects.create(user=other, role=Role.PROVINCIAL_REVIEWER, valid_from=NOW.date(), granted_by=other)
    Assignment.objects.create(
        application=group.applications[0],
        stage="FINAL",
        organisation=world.centre,
        assignee=other,
        how="TAKEN",
        assigned_by=other,
        assigned_at=NOW,
    )
    assert found(first, group.applications[0]) == {"4.3"}


@pytest.mark.parametrize("act", [opinion, in_hand, note])
def test_4_4_who_declared_a_conflict(world, group, found, act):
    keep_away(world, "shi-shenhe")
    act(world, group, "shi-shenhe")
    assert found(world.user("shi-shenhe"), group.applications[0]) == {"4.4"}


def test_4_4_a_head_who_declared_a_conflict_and_chose_who_reviews(world, group, found):
    keep_away(world, "shi-fuze")
    in_hand(world, group, "shi-shenhe", by="shi-fuze", how="ASSIGNED")
    assert found(world.user("shi-fuze"), group.applications[0]) == {"4.4"}


@pytest.mark.parametrize("act", [opinion, note])
def test_4_5_what_excludes_the_absent_person_excludes_the_deputys_act(world, group, found, act):
    keep_away(world, "shi-shenhe")
    act(world, group, "shi-shenhe2", on_behalf_of=world.user("shi-shenhe"))
    assert found(world.user("shi-shenhe"), group.applications[0]) == {"4.4"}


def test_4_5_a_role_acted_in_that_excludes_an_own_one(world, found):
    filer = world.user("jigou")
    ActingFor.objects.create(
        absent=world.user("shi-shenhe"),
        deputy=filer,
        role=Role.CITY_REVIEWER,
        valid_from=clock.today(),
        valid_until=clock.today() + timedelta(days=1),
        reason="漏查",
        granted_by=world.user("shi-fuze"),
        granted_at=NOW,
    )
    assert found(filer) == {"4.1"}
