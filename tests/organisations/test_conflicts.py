"""回避: what is declared excludes at once, for good kept, and ends with a reason (rules 4.4)."""

import pytest

from approvals.reviews.reviewing import review
from certification.organisations import conflicts, separation, separation_scan
from certification.organisations.models import Conflict, ConflictKind
from certification.organisations.separation import Capacity
from certification.people.identity import check_identity_number
from certification.people.models import Person
from certification.refusals import Incomplete, NotPermitted, SeparationBreach, WrongState
from exams.models import Candidate, ExamApplication, ExamSession
from tests.approvals.cases import NOW, TODAY, make_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(world):
    return world.user("shi-shenhe")


@pytest.fixture
def group(world):
    return make_group(world, 2)


def declare(actor, group, kind, **changes) -> Conflict:
    trainee = group.applications[0].trainee
    person = group.applications[0].person
    terms = {
        ConflictKind.RELATIVE: {
            "name": person.name,
            "identity": check_identity_number(person.document_number, today=TODAY),
        },
        ConflictKind.SAME_EMPLOYER: {"employer": f" {trainee.employer} "},
        ConflictKind.INSTITUTION: {"institution_id": group.plan.institution_id},
    }[kind]
    return conflicts.declare(actor=actor, now=NOW, user_id=actor.pk, kind=kind, **terms | changes)


def outcomes(reviewer, group) -> list[bool]:
    results = review(actor=reviewer, now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    assert all(result.ok or isinstance(result.refusal, SeparationBreach) for result in results)
    assert all(result.ok or "4.4" in result.refusal.clause for result in results)
    return [result.ok for result in results]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ConflictKind.RELATIVE, [False, True]),
        (ConflictKind.SAME_EMPLOYER, [False, True]),
        (ConflictKind.INSTITUTION, [False, False]),
    ],
)
def test_each_kind_excludes_whom_it_names(reviewer, group, kind, expected):
    for number, application in enumerate(group.applications):
        application.trainee.employer = f"云岭第{number}机电公司"
        application.trainee.save()
    declare(reviewer, group, kind)
    assert outcomes(reviewer, group) == expected


def test_one_relative_keeps_from_the_whole_session_as_staff_and_from_the_person_as_candidate(reviewer, group):
    declare(reviewer, group, ConflictKind.RELATIVE)
    for model, case, excluded in (
        (ExamSession, group.session, True),
        (ExamApplication, group.applications[0], True),
        (ExamApplication, group.applications[1], False),
        (Candidate, Candidate.objects.get(application=group.applications[0]), True),
    ):
        found = separation.breaches(reviewer.person_id, Capacity.STAFFS, [case])
        assert bool(found) == excluded, model


def test_an_ended_declaration_excludes_nobody_and_stays_on_record(reviewer, group):
    row = declare(reviewer, group, ConflictKind.RELATIVE)
    with pytest.raises(Incomplete):
        conflicts.end(actor=reviewer, now=NOW, conflict_id=row.pk, reason=" ")
    conflicts.end(actor=reviewer, now=NOW, conflict_id=row.pk, reason="申报有误")
    conflicts.end(actor=reviewer, now=NOW, conflict_id=row.pk, reason="再次")
    row.refresh_from_db()
    assert row.end_reason == "申报有误"
    assert outcomes(reviewer, group) == [True, True]
    declare(reviewer, group, ConflictKind.RELATIVE)


def test_the_same_twice_is_refused(reviewer, group):
    declare(reviewer, group, ConflictKind.INSTITUTION)
    with pytest.raises(WrongState):
        declare(reviewer, group, ConflictKind.INSTITUTION)


def test_a_relative_who_has_not_filed_yet_is_recognised_when_they_do(world, reviewer):
    (invented,) = world.invented(1)
    identity = check_identity_number(invented.number, today=TODAY)
    conflicts.declare(
        actor=reviewer, now=NOW, user_id=reviewer.pk, kind="RELATIVE", name=invented.name, identity=identity
    )
    group = make_group(world, persons=[Person.objects.get(document_number=invented.number)])
    assert outcomes(reviewer, group) == [False]


def test_declared_late_the_daily_scan_finds_it(reviewer, group):
    assert outcomes(reviewer, group) == [True, True]
    declare(reviewer, group, ConflictKind.RELATIVE)
    found = [breach for breach in separation_scan.breaches(TODAY) if "4.4" in breach.rule]
    assert {breach.person_id for breach in found} == {reviewer.person_id}
    assert group.applications[0].pk in {breach.case_id for breach in found if breach.model is ExamApplication}


def test_only_for_oneself_or_as_head_for_the_own_staff(world, reviewer, group):
    terms = {"kind": "INSTITUTION", "institution_id": group.plan.institution_id, "now": NOW}
    with pytest.raises(NotPermitted):
        conflicts.declare(actor=reviewer, user_id=world.user("shi-kaowu").pk, **terms)
    with pytest.raises(NotPermitted):
        conflicts.declare(actor=world.user("shi-fuze"), user_id=world.user("sheng-shenhe").pk, **terms)
    with pytest.raises(NotPermitted):
        conflicts.declare(actor=world.user("jigou"), user_id=world.user("jigou").pk, **terms)
    row = conflicts.declare(actor=world.user("shi-fuze"), user_id=reviewer.pk, **terms)
    assert row.person == reviewer.person
    assert outcomes(reviewer, group) == [False, False]
    with pytest.raises(NotPermitted):
        conflicts.end(actor=world.user("sheng-shenhe"), now=NOW, conflict_id=row.pk, reason="x")


@pytest.mark.parametrize("kind", ConflictKind)
def test_what_each_kind_needs_is_asked_for(reviewer, kind):
    with pytest.raises(Incomplete):
        conflicts.declare(actor=reviewer, now=NOW, user_id=reviewer.pk, kind=kind)
