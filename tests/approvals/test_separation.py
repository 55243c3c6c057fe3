"""Who reviewed does not decide, who staffed does not review, two tiers are two people: by person, not by account."""

import pytest

from approvals.models import Decision, LicenceApplicant
from approvals.reviews.recording import record_provincial_review
from approvals.reviews.reviewing import review
from certification.organisations import separation
from certification.organisations.models import RoleAssignment, User
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.refusals import SeparationBreach
from exams.models import Candidate, ExamSession, StaffAssignment
from tests.approvals.cases import NOW, make_group, take_exam
from tests.approvals.licensing_steps import granted

pytestmark = pytest.mark.django_db


def second_account(world, person, role, organisation) -> User:
    """Another account of the same human being, at another organisation."""
    user = User.objects.create(username=f"second-{role}", organisation=organisation, person=person)
    RoleAssignment.objects.create(user=user, role=role, valid_from=NOW.date(), granted_by=user)
    return user


def test_the_same_person_does_not_review_in_both_tiers(world):
    group = make_group(world)
    city = world.user("shi-shenhe")
    review(actor=city, now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    province = second_account(world, city.person, Role.PROVINCIAL_REVIEWER, world.centre)
    (result,) = review(actor=province, now=NOW, application_ids=group.ids, stage="FINAL", outcome="PASS")
    assert isinstance(result.refusal, SeparationBreach)
    assert "两级两人" in result.refusal.clause
    (result,) = review(
        actor=world.user("sheng-shenhe"), now=NOW, application_ids=group.ids, stage="FINAL", outcome="PASS"
    )
    assert result.ok


def test_the_same_person_does_not_record_for_the_province_what_they_passed_for_the_city(world):
    group = make_group(world, kind="RENEWAL")
    city = world.user("shi-shenhe")
    review(actor=city, now=NOW, application_ids=group.ids, stage="CITY_REVIEW", outcome="PASS")
    province = second_account(world, city.person, Role.PROVINCIAL_REVIEWER, world.centre)
    (result,) = record_provincial_review(actor=province, now=NOW, application_ids=group.ids)
    assert isinstance(result.refusal, SeparationBreach)


def test_a_teacher_of_the_class_does_not_review_it(world):
    group = make_group(world)
    teacher = group.plan.teachers.get().person
    reviewer = second_account(world, teacher, Role.CITY_REVIEWER, world.bureau)
    (result,) = review(actor=reviewer, now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    assert isinstance(result.refusal, SeparationBreach)
    assert "4.1" in result.refusal.clause


def test_who_staffed_the_session_does_not_review_or_decide(world):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    person = StaffAssignment.objects.first().person
    for model, case in (
        (ExamSession, group.session),
        (Candidate, Candidate.objects.get()),
    ):
        with pytest.raises(SeparationBreach):
            separation.require(person.pk, Capacity.DECIDES, case)
        assert separation.acted(model, Capacity.STAFFS, [case.pk])
    granted(world, group)
    assert separation.breaches(person.pk, Capacity.DECIDES, LicenceApplicant.objects.all())


def test_a_reviewer_does_not_staff_the_session_of_whom_they_reviewed(world):
    group = make_group(world)
    city = world.user("shi-shenhe")
    review(actor=city, now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    with pytest.raises(SeparationBreach):
        separation.require(city.person_id, Capacity.STAFFS, group.session)
    separation.require(world.user("shi-shenhe2").person_id, Capacity.STAFFS, group.session)


def test_decisions_are_told_for_applications_and_sessions(world):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    granted(world, group)
    maker = Decision.objects.get().decided_by.person_id
    application = group.applications[0]
    assert separation.acted(type(application), Capacity.DECIDES, [application.pk]) == {application.pk: {maker}}
    assert maker in separation.acted(ExamSession, Capacity.DECIDES, [group.session.pk])[group.session.pk]


def test_nobody_reviews_themselves(world):
    group = make_group(world)
    reviewer = second_account(world, group.applications[0].person, Role.CITY_REVIEWER, world.bureau)
    (result,) = review(actor=reviewer, now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    assert isinstance(result.refusal, SeparationBreach)


def test_an_account_without_a_person_reviews_nothing(world):
    group = make_group(world)
    reviewer = second_account(world, None, Role.CITY_REVIEWER, world.bureau)
    (result,) = review(actor=reviewer, now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    assert isinstance(result.refusal, SeparationBreach)
