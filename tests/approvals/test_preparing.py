"""Opinions are prepared, taken back and handed over: nothing moves before, everything at once then, nothing twice."""

from datetime import timedelta

import pytest

from approvals.models import Handover, PreparedOpinion, Review
from approvals.reviews.preparing import hand_over, prepare, take_back
from approvals.reviews.recording import record_provincial_review
from approvals.reviews.reviewing import review
from certification.deadlines import ledger
from certification.notices.models import Notice
from certification.people.models import Bar
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, NotPermitted, WrongState
from exams.applications.reviewing import move
from exams.models import ExamApplication
from tests.approvals.cases import EXAM, NOW, make_group
from tests.factories import at as moment

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)
PHOTO = [{"material": "PHOTO", "text": "照片不清晰"}]


def prep(world, who, ids, stage="PRELIMINARY", outcome="PASS", now=NOW, **kwargs):
    return prepare(actor=world.user(who), now=now, application_ids=ids, stage=stage, outcome=outcome, **kwargs)


def hand(world, who, ids=None, now=LATER):
    return hand_over(actor=world.user(who), now=now, application_ids=ids)


def codes(results) -> list[str]:
    return [result.refusal.code if result.refusal else "" for result in results]


def test_a_prepared_opinion_moves_nothing_and_tells_nobody(world):
    group = make_group(world, 2)
    notices = Notice.objects.count()
    results = prep(world, "shi-shenhe", group.ids)
    assert codes(results) == ["", ""]
    assert group.states() == ["PRELIMINARY_REVIEW"] * 2
    assert not Review.objects.exists()
    assert Notice.objects.count() == notices
    for application in group.applications:
        assert ledger.find("preliminary_review", application).met_at is None


def test_forty_are_split_handed_over_and_add_up(world):
    group = make_group(world, 40)
    ids = group.ids
    prep(world, "shi-shenhe", ids[:37])
    prep(world, "shi-shenhe", ids[37:39], outcome="RETURN", items=PHOTO)
    prep(world, "shi-shenhe", ids[39:], outcome="PROPOSE_REFUSAL", reason="学历不符")
    handed = hand(world, "shi-shenhe")
    assert all(result.ok for result in handed.results)
    states = group.states()
    assert (states.count("FINAL_REVIEW"), states.count("RETURNED")) == (38, 2)
    assert {str(one.receiver): one.counts for one in handed.handovers} == {
        str(world.centre): {"PASS": 37, "PROPOSE_REFUSAL": 1},
        str(world.institution): {"RETURN": 2},
    }
    assert sum(one.people for one in Handover.objects.all()) == Review.objects.count() == 40
    assert not PreparedOpinion.objects.standing().exists()
    assert set(Review.objects.values_list("at", flat=True)) == {LATER}


def test_forwarding_stops_the_citys_clock_and_starts_the_provinces_with_a_receipt(world):
    group = make_group(world)
    prep(world, "shi-shenhe", group.ids)
    (result,) = hand(world, "shi-shenhe").results
    application = result.row
    assert ledger.find("preliminary_review", application).met_at == LATER
    assert ledger.find("final_review", application).met_at is None
    handover = Handover.objects.get()
    assert handover.number == f"YJ-{LATER.year}-00001"
    assert handover.receipt_number == f"JS-{LATER.year}-00001"
    prep(world, "sheng-shenhe", group.ids, stage="FINAL")
    back = hand(world, "sheng-shenhe").handovers[0]
    assert (back.sender, back.receiver) == (world.centre, world.bureau)
    assert back.receipt_number == f"JS-{LATER.year}-00002"
    assert group.states() == ["CLEARED"]
    assert {one.pk for one in Handover.objects.visible_to(world.user("shi-shenhe"))} == {handover.pk, back.pk}
    assert not Handover.objects.visible_to(world.user("lanxi-shenhe")).exists()


def test_preparing_makes_every_check_that_an_opinion_has_to_pass(world):
    group = make_group(world, 1, kind="RENEWAL", proven=False)
    assert codes(prep(world, "shi-shenhe", group.ids, stage="CITY_REVIEW")) == ["hours_missing"]
    assert codes(prep(world, "shi-shenhe", group.ids, stage="CITY_REVIEW", conditional=True)) == [""]
    with pytest.raises(Incomplete):
        prep(world, "shi-shenhe", group.ids, stage="CITY_REVIEW", outcome="RETURN")
    with pytest.raises(NotPermitted):
        prep(world, "shi-shenhe", group.ids, stage="FINAL")
    initial = make_group(world, 1)
    initial.plan.state = "RETURNED"
    initial.plan.save()
    assert codes(prep(world, "shi-shenhe", initial.ids)) == ["class_stopped"]
    with pytest.raises(ExamApplication.DoesNotExist):
        prep(world, "lanxi-shenhe", initial.ids)


def test_nobody_prepares_over_a_colleague_without_taking_it_back(world):
    group = make_group(world)
    prep(world, "shi-shenhe", group.ids)
    (result,) = prep(world, "shi-shenhe2", group.ids, outcome="PROPOSE_REFUSAL", reason="学历不符")
    assert result.refusal.code == "prepared"
    assert str(world.user("shi-shenhe")) in str(result.refusal)
    (direct,) = review(
        actor=world.user("shi-shenhe2"), now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS"
    )
    assert direct.refusal.code == "prepared"
    assert codes(hand(world, "shi-shenhe2", group.ids).results) == ["not_mine"]
    assert codes(take_back(actor=world.user("shi-shenhe2"), now=NOW, application_ids=group.ids)) == [""]
    assert (
        Notice.objects.filter(recipient=world.user("shi-shenhe"), title__startswith="您拟定的意见被撤回").count() == 1
    )
    assert codes(prep(world, "shi-shenhe2", group.ids, outcome="PROPOSE_REFUSAL", reason="学历不符")) == [""]


def test_ones_own_opinion_is_replaced_and_the_same_again_changes_nothing(world):
    group = make_group(world)
    prep(world, "shi-shenhe", group.ids)
    prep(world, "shi-shenhe", group.ids)
    assert PreparedOpinion.objects.count() == 1
    prep(world, "shi-shenhe", group.ids, outcome="RETURN", items=PHOTO)
    assert [one.outcome for one in PreparedOpinion.objects.standing()] == ["RETURN"]
    assert PreparedOpinion.objects.count() == 2
    hand(world, "shi-shenhe")
    assert group.states() == ["RETURNED"]


def test_taking_back_is_for_the_same_tier_and_ends_with_the_hand_over(world):
    group = make_group(world)
    prep(world, "shi-shenhe", group.ids)
    (result,) = take_back(actor=world.user("sheng-shenhe"), now=NOW, application_ids=group.ids)
    assert result.refusal.code == "not_permitted"
    hand(world, "shi-shenhe")
    assert codes(take_back(actor=world.user("shi-shenhe"), now=NOW, application_ids=group.ids)) == ["nothing_prepared"]


def test_handing_over_twice_does_nothing_the_second_time(world):
    group = make_group(world, 2)
    prep(world, "shi-shenhe", group.ids)
    hand(world, "shi-shenhe", group.ids)
    assert codes(hand(world, "shi-shenhe", group.ids).results) == ["nothing_prepared"] * 2
    with pytest.raises(WrongState) as refused:
        hand(world, "shi-shenhe")
    assert refused.value.code == "nothing_prepared"
    assert Handover.objects.count() == 1
    assert Review.objects.count() == 2


def test_what_changed_since_is_refused_row_by_row(world):
    group = make_group(world, 4)
    gone, barred, related, passing = group.applications
    prep(world, "shi-shenhe", group.ids)
    move("withdraw", [gone], actor=world.user("jigou"), now=NOW)
    Bar.objects.create(
        person=barred.person,
        reason="提供虚假材料",
        barred_from=NOW.date(),
        barred_until=EXAM,
        ground="FALSE_MATERIAL",
        imposed_by=world.user("sheng-fuze"),
        imposed_at=NOW,
    )
    ExamApplication.objects.filter(pk=related.pk).update(person=world.user("shi-shenhe").person)
    handed = hand(world, "shi-shenhe")
    assert codes(handed.results) == ["wrong_state", "barred", "separation", ""]
    assert [one.people for one in handed.handovers] == [1]
    standing = set(PreparedOpinion.objects.standing().values_list("application", flat=True))
    assert standing == {barred.pk, related.pk}
    ended = PreparedOpinion.objects.get(application=gone)
    assert ended.end_reason == "事项已转入其他环节"
    assert passing.pk in Review.objects.values_list("application", flat=True)


def test_what_was_prepared_for_a_review_that_is_over_stands_in_nobodys_way(world):
    group = make_group(world)
    prep(world, "shi-shenhe", group.ids)
    ExamApplication.objects.filter(pk__in=group.ids).update(state="FINAL_REVIEW")
    assert codes(prep(world, "sheng-shenhe", group.ids, stage="FINAL")) == [""]
    assert [one.stage for one in PreparedOpinion.objects.standing()] == ["FINAL"]


def test_the_provinces_word_on_a_report_is_prepared_taken_back_and_handed_over_like_the_others(world):
    group = make_group(world, 3, kind="RENEWAL", state="CLEARED")
    recorded, objected, refused = group.ids
    province = {"who": "sheng-shenhe", "stage": "PROVINCIAL_RECORD"}
    prep(world, ids=[recorded], **province)
    prep(world, ids=[objected], outcome="OBJECT", reason="证书存疑", **province)
    prep(world, ids=[refused], outcome="REFUSE", reason="工作经历不实", **province)
    assert group.states() == ["CLEARED"] * 3
    assert not Review.objects.exists()
    (blocked,) = record_provincial_review(actor=world.user("sheng-shenhe2"), now=NOW, application_ids=[recorded])
    assert blocked.refusal.code == "prepared"
    assert codes(take_back(actor=world.user("sheng-shenhe2"), now=NOW, application_ids=[recorded])) == [""]
    prep(world, ids=[recorded], **province)
    (handover,) = hand(world, "sheng-shenhe").handovers
    assert (handover.receiver, handover.counts) == (world.bureau, {"PASS": 1, "REFUSE": 1, "OBJECT": 1})
    assert group.states() == ["CLEARED", "CITY_REVIEW", "CLEARED"]
    stages = dict(Review.objects.values_list("application", "stage"))
    assert stages == {recorded: "PROVINCIAL_RECORD", objected: "OBJECTION", refused: "PROVINCIAL_RECORD"}
    assert [row.awaits_record for row in group.fresh()] == [False, True, False]
    assert codes(take_back(actor=world.user("sheng-shenhe"), now=NOW, application_ids=[recorded])) == [
        "nothing_prepared"
    ]


def test_an_objection_that_was_not_handed_over_before_the_exam_does_not_take_effect(world):
    group = make_group(world, 1, kind="RENEWAL", state="CLEARED")
    prep(world, "sheng-shenhe", group.ids, stage="PROVINCIAL_RECORD", outcome="OBJECT", reason="证书存疑")
    assert codes(hand(world, "sheng-shenhe", now=moment(EXAM)).results) == ["exam_started"]
    assert group.states() == ["CLEARED"]
    assert PreparedOpinion.objects.standing().count() == 1


def test_different_reasons_cost_no_query_more_and_each_institution_is_told_once(world, django_assert_max_num_queries):
    """However many distinct opinions: rows that move the same way go in one pass."""
    counts = []
    for people in (4, 4, 40):
        group = make_group(world, people)
        for place, pk in enumerate(group.ids):
            returned = place % 2 == 0
            items = [{"material": "PHOTO", "text": f"照片不清晰{place}"}] if returned else []
            outcome, reason = ("RETURN", "") if returned else ("PROPOSE_REFUSAL", f"学历不符{place}")
            prep(world, "shi-shenhe", [pk], outcome=outcome, reason=reason, items=items)
        Notice.objects.all().delete()
        with django_assert_max_num_queries(80) as handed:
            assert all(result.ok for result in hand(world, "shi-shenhe").results)
        counts.append(len(handed.captured_queries))
        told = Notice.objects.filter(recipient=world.user("jigou"))
        assert told.count() == 1
        assert "照片不清晰0" in told.get().body
        assert f"照片不清晰{people - 2}" in told.get().body
        line = TransitionLog.objects.about(group.fresh()[1]).filter(name="propose_refusal").get()
        assert line.reason == "学历不符1"
    assert counts[1] == counts[2]


def test_as_many_queries_for_two_hundred_as_for_twenty(world, django_assert_max_num_queries):
    counts = {"prepare": [], "hand_over": []}
    for people in (20, 20, 200):
        group = make_group(world, people)
        with django_assert_max_num_queries(40) as prepared:
            assert all(result.ok for result in prep(world, "shi-shenhe", group.ids))
        with django_assert_max_num_queries(40) as handed:
            assert all(result.ok for result in hand(world, "shi-shenhe").results)
        counts["prepare"].append(len(prepared.captured_queries))
        counts["hand_over"].append(len(handed.captured_queries))
    assert counts["prepare"][1] == counts["prepare"][2]
    assert counts["hand_over"][1] == counts["hand_over"][2]
