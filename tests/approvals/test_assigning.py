"""Who works on what: taking, assigning, handing over, giving back; refused where separation keeps somebody away."""

from datetime import timedelta

import pytest

from approvals.assignments import assigned, assigning
from approvals.models import Assignment, Ending, Review, Stage
from approvals.reviews.reviewing import review
from certification.notices.models import Notice
from certification.organisations import acting
from certification.organisations.conflicts import declare
from certification.organisations.models import ActingFor, RoleAssignment, User
from certification.organisations.roles import Role
from certification.refusals import Incomplete, NotPermitted
from certification.rulebook.models import Rule
from exams.models import ExamApplication
from tests.approvals.cases import NOW, TODAY, make_group

pytestmark = pytest.mark.django_db


def taken(world, group, who="shi-shenhe", **more):
    return assigning.take_cases(actor=world.user(who), now=NOW, application_ids=group.ids, **more)


def given(world, group, to="shi-shenhe", by="shi-fuze", **more):
    ids = dict.fromkeys(group.ids, world.user(to).pk)
    return assigning.assign(actor=world.user(by), now=NOW, to=ids, **more)


def codes(results) -> list[str]:
    return ["" if result.ok else result.refusal.code for result in results]


def in_hand(group) -> list[str]:
    return [str(row.assignee.username) for row in Assignment.objects.open().filter(application__in=group.ids)]


def passed(world, group, who):
    user = who if isinstance(who, User) else world.user(who)
    return review(actor=user, now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")


def test_what_is_taken_leaves_the_pool_and_is_told_in_the_list(world):
    group = make_group(world, 2)
    rows = ExamApplication.objects.filter(pk__in=group.ids).order_by("pk")
    assert assigned.in_pool(rows).count() == 2
    assert codes(taken(world, group)) == ["", ""]
    assert not assigned.in_pool(rows)
    assert assigned.mine(rows, world.user("shi-shenhe")).count() == 2
    assert not assigned.mine(rows, world.user("shi-shenhe2"))
    assert [str(assigned.assignment_of(row).assignee) for row in assigned.shown(rows)] == [
        str(world.user("shi-shenhe"))
    ] * 2


def test_a_case_in_a_colleagues_hand_is_taken_over_by_one_click_and_the_colleague_is_told(world):
    group = make_group(world)
    taken(world, group)
    assert codes(taken(world, group)) == ["yours"]
    (result,) = taken(world, group, "shi-shenhe2")
    assert result.refusal.code == "assigned"
    assert str(world.user("shi-shenhe")) in result.refusal.message
    assert codes(taken(world, group, "shi-shenhe2", take_over=True)) == [""]
    assert in_hand(group) == ["shi-shenhe2"]
    assert Assignment.objects.get(ended_at__isnull=False).ending == Ending.TAKEN_OVER
    assert Notice.objects.filter(recipient=world.user("shi-shenhe"), title__contains="已由").count() == 1


def test_whoever_has_it_gives_the_opinion_and_then_has_it_no_more(world):
    group = make_group(world)
    taken(world, group)
    (result,) = passed(world, group, "shi-shenhe2")
    assert result.refusal.code == "assigned"
    assert "接手" in result.refusal.advice
    assert not Review.objects.exists()
    assert codes(passed(world, group, "shi-shenhe")) == [""]
    ended = Assignment.objects.get()
    assert (ended.ending, ended.ended_at) == (Ending.DONE, NOW)
    assert not in_hand(group), "the province's pool, not the city's"


def test_what_nobody_has_in_hand_anybody_of_the_team_may_do(world):
    group = make_group(world)
    assert codes(passed(world, group, "shi-shenhe2")) == [""]


@pytest.mark.parametrize(("opinion", "code"), [("ANYONE", ""), ("TAKE_FIRST", "assigned"), ("ASSIGNEE", "assigned")])
def test_the_rule_decides_whether_only_the_assignee_may(world, opinion, code):
    group = make_group(world)
    taken(world, group)
    set_rule(opinion)
    assert codes(passed(world, group, "shi-shenhe2")) == [code]


def test_where_only_the_assignee_may_nobody_takes_over(world):
    group = make_group(world)
    taken(world, group)
    set_rule("ASSIGNEE")
    (result,) = taken(world, group, "shi-shenhe2", take_over=True)
    assert result.refusal.code == "assigned"
    assert "改派" in result.refusal.advice
    assert codes(given(world, group, "shi-shenhe2")) == [""]


def test_a_return_or_a_withdrawal_ends_it(world):
    group = make_group(world)
    taken(world, group)
    review(
        actor=world.user("shi-shenhe"),
        now=NOW,
        application_ids=group.ids,
        stage="PRELIMINARY",
        outcome="RETURN",
        items=[{"material": "DIPLOMA", "text": "看不清"}],
    )
    assert not in_hand(group)
    from exams.applications.applying import withdraw_applications

    other = make_group(world)
    taken(world, other)
    withdraw_applications(actor=world.user("jigou"), now=NOW, application_ids=other.ids, reason="不报了")
    assert Assignment.objects.get(application__in=other.ids).ending == Ending.MOVED_ON


def test_the_head_assigns_and_reassigns_within_the_own_team_only(world):
    group = make_group(world, 2)
    assert codes(given(world, group)) == ["", ""]
    assert in_hand(group) == ["shi-shenhe"] * 2
    assert codes(given(world, group)) == ["theirs"] * 2
    assert codes(given(world, group, "shi-shenhe2")) == ["", ""]
    assert Notice.objects.filter(recipient=world.user("shi-shenhe2"), title__startswith="分派给您").count() == 1
    for stranger in ("sheng-shenhe", "shi-kaowu", "lanxi-shenhe"):
        (first, _second) = given(world, group, stranger)
        assert first.refusal.code == "not_permitted", stranger
    with pytest.raises(NotPermitted):
        given(world, group, by="shi-shenhe")
    (first, _second) = given(world, group, "sheng-shenhe", by="sheng-fuze")
    assert first.refusal.code == "not_permitted", "the province's head does not assign the city's cases"
    direct = make_group(world, job_type="0901")
    assert codes(given(world, direct, "sheng-shenhe", by="sheng-fuze")) == [""]


def test_what_changed_hands_since_the_page_was_shown_is_not_assigned(world):
    group = make_group(world)
    nobody = dict.fromkeys(group.ids)
    taken(world, group, "shi-shenhe2")
    (result,) = given(world, group, held=nobody)
    assert "刚刚变动" in result.refusal.message
    assert in_hand(group) == ["shi-shenhe2"]
    assert codes(given(world, group, held=dict.fromkeys(group.ids, world.user("shi-shenhe2").pk))) == [""]


def test_handing_over_wants_a_reason_and_a_colleague_who_may(world):
    group = make_group(world)
    taken(world, group)
    actor, colleague = world.user("shi-shenhe"), world.user("shi-shenhe2")
    common = {"actor": actor, "now": NOW, "application_ids": group.ids, "colleague_id": colleague.pk}
    with pytest.raises(Incomplete):
        assigning.hand_on(**common, reason=" ")
    assert codes(assigning.hand_on(**common, reason="出差")) == [""]
    row = Assignment.objects.open().get()
    assert (row.assignee, row.how, row.reason) == (colleague, "HANDED_OVER", "出差")
    assert "出差" in Notice.objects.get(recipient=colleague).body
    (again,) = assigning.hand_on(**common, reason="出差")
    assert again.refusal.code == "assigned"


def test_giving_back_puts_it_into_the_pool(world):
    group = make_group(world)
    taken(world, group)
    (other,) = assigning.give_back(actor=world.user("shi-shenhe2"), now=NOW, application_ids=group.ids)
    assert other.refusal.code == "assigned"
    assert codes(assigning.give_back(actor=world.user("shi-shenhe"), now=NOW, application_ids=group.ids)) == [""]
    assert assigned.in_pool(ExamApplication.objects.filter(pk__in=group.ids)).exists()


def test_who_may_not_review_is_not_given_the_case_by_the_rules_name(world):
    group = make_group(world)
    passed(world, group, "shi-shenhe")
    second = User.objects.create(username="zwei", organisation=world.centre, person=world.user("shi-shenhe").person)
    RoleAssignment.objects.create(user=second, role=Role.PROVINCIAL_REVIEWER, valid_from=TODAY, granted_by=second)
    (result,) = assigning.assign(actor=world.user("sheng-fuze"), now=NOW, to={group.ids[0]: second.pk})
    assert result.refusal.code == "separation"
    assert "4.3" in result.refusal.clause
    assert str(second) in result.refusal.message


def test_a_declared_conflict_keeps_the_reviewer_and_the_head_from_it(world):
    group = make_group(world, 2)
    relative = group.applications[0].person

    def keep_away(who):
        from certification.people.identity import check_identity_number

        user = world.user(who)
        declare(
            actor=user,
            now=NOW,
            user_id=user.pk,
            kind="RELATIVE",
            name=relative.name,
            identity=check_identity_number(relative.document_number, today=TODAY),
        )

    keep_away("shi-shenhe")
    assert codes(given(world, group)) == ["separation", ""]
    assert codes(taken(world, group)) == ["separation", "yours"]
    keep_away("shi-fuze")
    assert codes(given(world, group, "shi-shenhe2")) == ["separation", ""]


def test_the_next_by_due_date_and_no_more_than_the_rule_allows(world):
    later = make_group(world, 2, exam_on=TODAY + timedelta(days=30))
    sooner = make_group(world, 2)
    actor = world.user("shi-shenhe")
    results = assigning.take_next(actor=actor, now=NOW, stage="PRELIMINARY", count=3)
    assert [result.row.pk for result in results] == [*sooner.ids, later.ids[0]]
    with pytest.raises(Incomplete):
        assigning.take_next(actor=actor, now=NOW, stage="PRELIMINARY", count=51)
    with pytest.raises(NotPermitted):
        assigning.take_next(actor=actor, now=NOW, stage="DIRECT", count=1)


def test_who_acts_for_somebody_sees_and_does_what_is_theirs(world):
    group = make_group(world)
    taken(world, group)
    absent, deputy = world.user("shi-shenhe"), world.user("shi-jianguan")
    ActingFor.objects.create(
        absent=absent,
        deputy=deputy,
        role=Role.CITY_REVIEWER,
        valid_from=TODAY,
        valid_until=TODAY + timedelta(days=90),
        reason="休假",
        granted_by=world.user("shi-fuze"),
        granted_at=NOW,
    )
    rows = ExamApplication.objects.filter(pk__in=group.ids)
    assert not assigned.mine(rows, deputy)
    assert acting.act_for(deputy, absent.pk, TODAY)
    assert assigned.mine(rows, deputy).count() == 1
    assert codes(passed(world, group, deputy)) == [""]
    opinion = Review.objects.get()
    assert (opinion.reviewer, opinion.on_behalf_of) == (deputy, absent)
    assert opinion.reviewer_name == f"{deputy} 代 {absent}"
    more = make_group(world)
    assert codes(assigning.take_cases(actor=deputy, now=NOW, application_ids=more.ids)) == [""]
    row = Assignment.objects.open().get()
    assert (row.assignee, row.assigned_by, row.on_behalf_of) == (absent, deputy, absent)


def test_both_count_as_reviewers_where_one_acted_for_the_other(world):
    from certification.organisations import separation
    from certification.organisations.separation import Capacity

    group = make_group(world)
    absent, deputy = world.user("shi-shenhe"), world.user("shi-shenhe2")
    ActingFor.objects.create(
        absent=absent,
        deputy=deputy,
        role=Role.CITY_REVIEWER,
        valid_from=TODAY,
        valid_until=TODAY + timedelta(days=90),
        reason="休假",
        granted_by=deputy,
        granted_at=NOW,
    )
    assert acting.act_for(deputy, absent.pk, TODAY)
    review(actor=deputy, now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    acted = separation.acted(ExamApplication, Capacity.REVIEWS_FIRST, group.ids)
    assert acted == {group.ids[0]: {absent.person_id, deputy.person_id}}


def test_as_many_queries_for_twenty_as_for_two(world, django_assert_max_num_queries):
    counts = []
    for people in (2, 2, 20):
        group = make_group(world, people)
        with django_assert_max_num_queries(80) as counted:
            assert codes(taken(world, group)) == [""] * people
        counts.append(len(counted))
        with django_assert_max_num_queries(80):
            assert codes(given(world, group, "shi-shenhe2")) == [""] * people
    assert counts[1] == counts[2]


def test_the_stage_stands_with_the_assignment(world):
    group = make_group(world, kind="RENEWAL")
    taken(world, group)
    assert Assignment.objects.get().stage == Stage.CITY_REVIEW


def set_rule(opinion: str) -> None:
    from certification.rulebook import lookup

    row = Rule.objects.filter(area="review", code="assignment").first()
    row.values = {**row.values, "opinion": opinion}
    row.save()
    lookup.forget()
