"""Review routes of rules 3.1: who reviews what in which state, and where each outcome leads."""

import pytest

from approvals.lists import queue
from approvals.models import Review
from approvals.reviews.recording import object_to, record_provincial_review
from approvals.reviews.reviewing import review
from approvals.reviews.stages import STEPS, route
from certification.deadlines import ledger
from certification.notices.models import Notice
from certification.refusals import Incomplete, NotPermitted
from exams.applications import applying
from exams.models import Candidate, ExamApplication
from tests.approvals.cases import EXAM, NOW, add_material, make_group
from tests.approvals.correction_steps import answer_items
from tests.factories import at, working_day

pytestmark = pytest.mark.django_db
ROUTES = [
    ("ONE", "INITIAL", ["DIRECT"]),
    ("ONE", "PERIODIC_REVIEW", ["DIRECT"]),
    ("ONE", "RENEWAL", ["DIRECT"]),
    ("TWO", "INITIAL", ["PRELIMINARY", "FINAL"]),
    ("TWO", "PERIODIC_REVIEW", ["CITY_REVIEW", "PROVINCIAL_RECORD"]),
    ("TWO", "RENEWAL", ["CITY_REVIEW", "PROVINCIAL_RECORD"]),
]
REVIEWER = {
    "PRELIMINARY": "shi-shenhe",
    "CITY_REVIEW": "shi-shenhe",
    "FINAL": "sheng-shenhe",
    "DIRECT": "sheng-shenhe",
}


def give(world, who, group, stage, outcome="PASS", now=NOW, **kwargs):
    return review(actor=world.user(who), now=now, application_ids=group.ids, stage=stage, outcome=outcome, **kwargs)


@pytest.mark.parametrize(("category", "kind", "stages"), ROUTES)
def test_the_route_follows_from_category_and_kind(world, category, kind, stages):
    assert [stage.value for stage in route(category, kind)] == stages
    group = make_group(world, job_type="0101" if category == "TWO" else "0901", kind=kind)
    for stage in stages:
        if stage == "PROVINCIAL_RECORD":
            results = record_provincial_review(actor=world.user("sheng-shenhe"), now=NOW, application_ids=group.ids)
        else:
            results = give(world, REVIEWER[stage], group, stage)
        assert [result.ok for result in results] == [True], results[0].refusal
    assert group.states() == ["CLEARED"]
    assert list(Review.objects.order_by("pk").values_list("stage", flat=True)) == stages


@pytest.mark.parametrize(("category", "kind", "stages"), ROUTES)
def test_no_other_stage_may_decide_first(world, category, kind, stages):
    group = make_group(world, job_type="0101" if category == "TWO" else "0901", kind=kind)
    for stage, who in REVIEWER.items():
        if stage == stages[0]:
            continue
        try:
            results = give(world, who, group, stage)
        except ExamApplication.DoesNotExist:  # the province's cases are not the city's to see
            assert category == "ONE"
            continue
        assert [result.refusal.code for result in results] == ["wrong_state"]
    assert not Review.objects.exists()


def test_forty_people_split_and_the_totals_reconcile(world):
    group = make_group(world, 40)
    city = world.user("shi-shenhe")
    ids = group.ids
    common = {"actor": city, "now": NOW, "stage": "PRELIMINARY"}
    review(application_ids=ids[:37], outcome="PASS", **common)
    review(application_ids=ids[37:39], outcome="RETURN", items=[{"material": "PHOTO", "text": "照片不清晰"}], **common)
    review(application_ids=ids[39:], outcome="PROPOSE_REFUSAL", reason="学历不符", **common)
    states = group.states()
    assert (states.count("FINAL_REVIEW"), states.count("RETURNED")) == (38, 2)
    review(
        actor=world.user("sheng-shenhe"),
        now=NOW,
        application_ids=ids[39:],
        stage="FINAL",
        outcome="REFUSE",
        reason="学历不符",
    )
    assert group.states()[39] == "REFUSED"
    assert Candidate.objects.filter(application=ids[39]).get().state == "WITHDRAWN"


def test_final_result_is_fed_back_to_the_city(world):
    group = make_group(world, 2, state="FINAL_REVIEW")
    give(world, "sheng-shenhe", group, "FINAL")
    told = Notice.objects.filter(title__startswith="省级审核").values_list("recipient__username", flat=True)
    assert sorted(told) == ["shi-shenhe", "shi-shenhe2"]
    assert all(ledger.find("final_review", row).met_at == NOW for row in group.fresh())


def test_province_returns_to_the_city_and_sees_it_again(world):
    group = make_group(world)
    give(world, "shi-shenhe", group, "PRELIMINARY")
    give(world, "sheng-shenhe", group, "FINAL", "RETURN_TO_CITY", reason="请核实学历")
    assert group.states() == ["PRELIMINARY_REVIEW"]
    assert ledger.find("preliminary_review", group.applications[0]).met_at == NOW
    (waiting,) = queue.waiting(world.user("shi-shenhe"), STEPS["PRELIMINARY"])
    assert waiting.due_on == ledger.find("final_review", group.applications[0]).due_on


def test_proposed_refusal_of_a_renewal_goes_to_the_province_and_back_to_city_review(world):
    group = make_group(world, kind="RENEWAL")
    give(world, "shi-shenhe", group, "CITY_REVIEW", "PROPOSE_REFUSAL", reason="证书存疑")
    assert group.states() == ["FINAL_REVIEW"]
    give(world, "sheng-shenhe", group, "FINAL", "RETURN_TO_CITY", reason="请补充核查")
    assert group.states() == ["CITY_REVIEW"]


def test_objection_until_exam_start(world):
    group = make_group(world, kind="RENEWAL")
    give(world, "shi-shenhe", group, "CITY_REVIEW")
    province = world.user("sheng-shenhe")
    (late,) = object_to(actor=province, now=at(EXAM, 8), application_ids=group.ids, reason="证书存疑")
    assert late.refusal.code == "exam_started"
    (result,) = object_to(actor=province, now=NOW, application_ids=group.ids, reason="证书存疑")
    assert result.ok
    assert group.states() == ["CITY_REVIEW"]


def test_conditional_pass_only_where_hours_are_missing(world):
    group = make_group(world, kind="RENEWAL", proven=False)
    (result,) = give(world, "shi-shenhe", group, "CITY_REVIEW")
    assert result.refusal.code == "hours_missing"
    (result,) = give(world, "shi-shenhe", group, "CITY_REVIEW", conditional=True)
    assert result.ok
    assert Review.objects.get().conditional
    assert group.fresh()[0].conditional


def test_late_opinion_is_marked_and_never_blocked(world):
    group = make_group(world, 1)
    late = at(working_day(EXAM, -2))
    (result,) = give(world, "shi-shenhe", group, "PRELIMINARY", now=late)
    assert result.ok
    assert Review.objects.get().late
    other = make_group(world, 1)
    give(world, "shi-shenhe", other, "PRELIMINARY", now=at(working_day(EXAM, -3), 23, 59))
    assert not Review.objects.get(application=other.ids[0]).late


def test_correction_is_asked_once_and_completely(world):
    group = make_group(world)
    give(world, "shi-shenhe", group, "PRELIMINARY", "RETURN", items=[{"material": "PHOTO", "text": "不清晰"}])
    answer_items(world.user("jigou"), group.applications[0], NOW)
    applying.answer_correction(actor=world.user("jigou"), now=NOW, application_id=group.ids[0])
    (result,) = give(
        world, "shi-shenhe", group, "PRELIMINARY", "RETURN", items=[{"material": "DIPLOMA", "text": "缺页"}]
    )
    assert result.refusal.code == "once_only"
    material = group.applications[0].materials.get(kind="DIPLOMA")
    material.replaced_at = at(EXAM)
    material.save()
    add_material(group.applications[0], "DIPLOMA", world.user("jigou"), when=at(NOW.date(), 15))
    (result,) = give(
        world, "shi-shenhe", group, "PRELIMINARY", "RETURN", items=[{"material": "DIPLOMA", "text": "缺页"}]
    )
    assert result.ok


def test_reasons_are_required(world):
    group = make_group(world)
    with pytest.raises(Incomplete):
        give(world, "shi-shenhe", group, "PRELIMINARY", "RETURN")
    with pytest.raises(Incomplete):
        give(world, "shi-shenhe", group, "PRELIMINARY", "PROPOSE_REFUSAL", reason="  ")
    with pytest.raises(NotPermitted):
        give(world, "shi-shenhe", group, "PRELIMINARY", "REFUSE", reason="x")


def test_another_city_sees_nothing(world):
    group = make_group(world)
    with pytest.raises(ExamApplication.DoesNotExist):
        give(world, "lanxi-shenhe", group, "PRELIMINARY")
    with pytest.raises(NotPermitted):
        give(world, "jigou", group, "PRELIMINARY")


def test_a_condition_that_the_reviewer_sets_stands_with_the_proof_on_file(world):
    group = make_group(world, kind="RENEWAL")
    (result,) = give(world, "shi-shenhe", group, "CITY_REVIEW", conditional=True)
    assert result.ok
    assert Review.objects.get().conditional
    assert group.fresh()[0].conditional


def test_where_hours_may_follow_only_those_without_proof_pass_on_condition(world):
    for proven in (True, False):
        group = make_group(world, kind="RENEWAL", proven=proven)
        (result,) = give(world, "shi-shenhe", group, "CITY_REVIEW", hours_may_follow=True)
        assert result.ok
        assert group.fresh()[0].conditional is not proven
