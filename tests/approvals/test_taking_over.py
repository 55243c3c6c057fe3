"""Take-over of a city's overdue review (提级审核, rules 2.5): who may, when, what becomes of it, who is told."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import PreparedOpinion, Review, TakeOver
from approvals.reviews.preparing import hand_over, prepare
from approvals.reviews.recording import object_to, record_provincial_review
from approvals.reviews.reviewing import review
from approvals.takeovers import taken_over
from approvals.takeovers.taking_over import take_over
from certification.deadlines.models import Deadline
from certification.deadlines.overview.standing import Standing, standing_of
from certification.deadlines.overview.usage import spells
from certification.notices.models import Notice
from certification.refusals import Incomplete, NotPermitted
from certification.workdays import calendars
from exams.applications.applying import answer_correction
from exams.models import Candidate
from exams.sessions.listing import leave_session, list_in_session
from tests.approvals.cases import EXAM, NOW, make_group, make_session
from tests.approvals.correction_steps import answer_items
from tests.factories import at

pytestmark = pytest.mark.django_db
# The preliminary review is due on 27 October, the city's report on the 29th, the exam is on the 30th.
LATE = at(date(2026, 10, 28))
REPORT_LATE = at(EXAM)
REASON = "设区市审核人员不足，逾期未审"


def take(world, group, who="sheng-shenhe", now=LATE, reason=REASON):
    return take_over(actor=world.user(who), now=now, application_ids=group.ids, reason=reason)


def give(world, who, group, stage, outcome="PASS", now=LATE, **kwargs):
    return review(actor=world.user(who), now=now, application_ids=group.ids, stage=stage, outcome=outcome, **kwargs)


def codes(results) -> list[str]:
    return [result.refusal.code if result.refusal else "" for result in results]


def test_an_overdue_preliminary_review_is_taken_over_and_done_by_two_people(world):
    group = make_group(world, 2)
    assert codes(take(world, group, "sheng-fuze")) == ["", ""]
    assert group.states() == ["TAKEN_OVER"] * 2
    assert codes(give(world, "sheng-shenhe", group, "TAKEN_OVER")) == ["", ""]
    assert group.states() == ["FINAL_REVIEW"] * 2
    assert codes(give(world, "sheng-shenhe", group, "FINAL")) == ["separation"] * 2
    assert codes(give(world, "sheng-shenhe2", group, "FINAL")) == ["", ""]
    assert group.states() == ["CLEARED"] * 2


def test_an_overdue_city_review_is_taken_over_admits_and_the_record_is_a_second_persons(world):
    group = make_group(world, kind="RENEWAL")
    assert codes(take(world, group, now=REPORT_LATE)) == [""]
    assert codes(give(world, "sheng-shenhe", group, "TAKEN_OVER", now=REPORT_LATE)) == [""]
    assert group.states() == ["CLEARED"]
    assert group.fresh()[0].awaits_record
    ids = group.ids
    refused = record_provincial_review(actor=world.user("sheng-shenhe"), now=REPORT_LATE, application_ids=ids)
    assert codes(refused) == ["separation"]
    recorded = record_provincial_review(actor=world.user("sheng-shenhe2"), now=REPORT_LATE, application_ids=ids)
    assert codes(recorded) == [""]


def test_what_is_not_overdue_cannot_be_taken_over(world):
    group, renewal = make_group(world), make_group(world, kind="RENEWAL")
    assert codes(take(world, group, now=NOW)) == ["not_overdue"]
    assert codes(take(world, group, now=at(date(2026, 10, 27)))) == ["not_overdue"]
    assert codes(take(world, renewal, now=LATE)) == ["not_overdue"]
    assert codes(take(world, make_group(world, assigned=False))) == ["not_overdue"]
    assert codes(take(world, make_group(world, job_type="0901"))) == ["wrong_state"]
    assert not TakeOver.objects.exists()


def test_what_the_city_reviewed_late_is_no_longer_taken_over(world):
    group = make_group(world)
    assert codes(give(world, "shi-shenhe", group, "PRELIMINARY")) == [""]
    assert Review.objects.get().late
    assert codes(take(world, group)) == ["wrong_state"]


@pytest.mark.parametrize("who", ["shi-shenhe", "shi-fuze", "sheng-shouli", "jigou", "shenji", "guanli"])
def test_only_provincial_reviewers_and_heads_take_over(world, who):
    group = make_group(world)
    with pytest.raises(NotPermitted):
        take(world, group, who)


def test_a_reason_is_wanted(world):
    with pytest.raises(Incomplete):
        take(world, make_group(world), reason="  ")


def test_the_delay_stays_the_citys_and_the_province_counts_from_then_on(world):
    group = make_group(world)
    take(world, group)
    missed = Deadline.objects.get(rule__code="preliminary_review")
    assert standing_of(missed, LATE) == Standing.CLOSED_LATE
    assert missed.responsible == world.bureau
    final = Deadline.objects.get(rule__code="final_review")
    assert (final.met_at, final.responsible) == (None, world.centre)
    assert group.fresh()[0].due_on == final.due_on
    tiers = [spell.organisation for spell in spells(group.fresh()[0], now=REPORT_LATE, calendar=calendars.current())]
    assert tiers[-1] == world.centre


def test_a_new_session_gives_the_province_the_citys_day(world):
    group = make_group(world, kind="RENEWAL")
    take(world, group, now=REPORT_LATE)
    filer = world.user("jigou")
    leave_session("move", list(Candidate.objects.all()), actor=filer, now=REPORT_LATE, reason="转入待安排")
    later = make_session(world, group.plan.job_type, world.bureau, kind="RENEWAL", exam_on=EXAM + timedelta(days=28))
    list_in_session(group.fresh(), later, actor=filer, now=REPORT_LATE)
    opened = Deadline.objects.get(rule__code="city_review_report", closed_at=None)
    assert opened.responsible == world.centre
    assert group.fresh()[0].due_on == opened.due_on
    give(world, "sheng-shenhe", group, "TAKEN_OVER", now=REPORT_LATE)
    opened.refresh_from_db()
    assert opened.met_at == REPORT_LATE


def test_what_was_missed_stays_missed_in_the_pool_until_a_new_session_gives_a_new_day(world):
    group = make_group(world)
    filer = world.user("jigou")
    leave_session("move", list(Candidate.objects.all()), actor=filer, now=LATE, reason="转入待安排")
    seen = taken_over.may_be_taken(world.user("sheng-shenhe"), LATE)
    assert [row.pk for row in seen] == group.ids
    later = make_session(world, group.plan.job_type, world.bureau, exam_on=EXAM + timedelta(days=28))
    list_in_session(group.fresh(), later, actor=filer, now=LATE)
    assert not taken_over.may_be_taken(world.user("sheng-shenhe"), LATE).exists()
    assert codes(take(world, group)) == ["not_overdue"]


def test_the_city_reads_on_and_can_no_longer_act(world):
    group = make_group(world)
    prepare(actor=world.user("shi-shenhe"), now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    take(world, group)
    assert PreparedOpinion.objects.get().ended_at == LATE
    (late,) = give(world, "shi-shenhe", group, "PRELIMINARY")
    assert late.refusal.code == "wrong_state"
    assert "提级审核" in str(late.refusal)
    with pytest.raises(NotPermitted):
        give(world, "shi-shenhe", group, "TAKEN_OVER")
    assert TakeOver.objects.visible_to(world.user("shi-shenhe")).count() == 1


def test_nothing_that_was_taken_over_goes_back_to_the_city(world):
    group, renewal = make_group(world), make_group(world, kind="RENEWAL")
    take(world, group)
    give(world, "sheng-shenhe", group, "TAKEN_OVER")
    back = give(world, "sheng-shenhe2", group, "FINAL", "RETURN_TO_CITY", reason="请重新初审")
    assert codes(back) == ["taken_over"]
    assert codes(take(world, renewal, now=REPORT_LATE)) == [""]
    give(world, "sheng-shenhe", renewal, "TAKEN_OVER", now=REPORT_LATE)
    objected = object_to(
        actor=world.user("sheng-shenhe2"), now=REPORT_LATE, application_ids=renewal.ids, reason="材料不符"
    )
    assert codes(objected) == ["taken_over"]


def test_a_correction_comes_back_to_whoever_took_over(world):
    group = make_group(world)
    take(world, group)
    items = [{"material": "PHOTO", "text": "照片不清晰"}]
    assert codes(give(world, "sheng-shenhe", group, "TAKEN_OVER", "RETURN", items=items)) == [""]
    assert group.fresh()[0].returned_from == "TAKEN_OVER"
    answer_items(world.user("jigou"), group.applications[0], now=LATE)
    answer_correction(actor=world.user("jigou"), now=LATE, application_id=group.ids[0])
    assert group.states() == ["TAKEN_OVER"]


def test_a_proposed_refusal_is_decided_by_a_second_person(world):
    group = make_group(world)
    take(world, group)
    assert codes(give(world, "sheng-shenhe", group, "TAKEN_OVER", "PROPOSE_REFUSAL", reason="学历不符")) == [""]
    assert codes(give(world, "sheng-shenhe", group, "FINAL", "REFUSE", reason="学历不符")) == ["separation"]
    assert codes(give(world, "sheng-shenhe2", group, "FINAL", "REFUSE", reason="学历不符")) == [""]
    assert group.states() == ["REFUSED"]


def test_opinions_are_prepared_and_handed_over_as_everywhere(world):
    group = make_group(world, 2)
    take(world, group)
    who = world.user("sheng-shenhe")
    prepare(actor=who, now=LATE, application_ids=group.ids, stage="TAKEN_OVER", outcome="PASS")
    assert all(result.ok for result in hand_over(actor=who, now=LATE).results)
    assert group.states() == ["FINAL_REVIEW"] * 2


def test_city_and_institution_are_told_why_and_whom_it_concerns(world):
    group = make_group(world, 3)
    take(world, group)
    told = Notice.objects.filter(title__startswith="省厅提级审核")
    for who in ("shi-shenhe", "shi-fuze", "jigou"):
        notice = told.get(recipient__username=who)
        assert notice.title == "省厅提级审核：3人"
        assert REASON in notice.body
        assert all(row.person.name in notice.body for row in group.applications)


def test_two_hundred_cost_as_many_queries_as_two(world):
    def cost(group):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            take(world, group)
        return len(queries)

    few, many = make_group(world, 2), make_group(world, 30)
    cost(make_group(world, 1))
    assert cost(few) == cost(many)


# On screen ------------------------------------------------------------------------------------------------------


@pytest.fixture
def go(client, world, at):
    def run(who, name, *args, data=None, query="", when=LATE):
        at(when)
        client.force_login(world.user(who))
        url = f"{reverse(f'approvals:{name}', args=args)}{query}"
        return client.post(url, data) if data is not None else client.get(url)

    return run


def test_the_list_the_confirmation_and_the_result(go, world):
    group = make_group(world, 2)
    make_group(world, 1, kind="RENEWAL")
    page = go("sheng-fuze", "takeovers").content.decode()
    assert page.count('name="ids"') == 2
    assert "逾期 1 个工作日" in page
    asked = go("sheng-fuze", "take_over", data={"ids": group.ids}).content.decode()
    assert "将对 2 人的申报提级审核" in asked
    assert not TakeOver.objects.exists()
    unsaid = go("sheng-fuze", "take_over", data={"ids": group.ids, "confirmed": "1", "reason": ""})
    assert unsaid.status_code == 422
    done = go("sheng-fuze", "take_over", data={"ids": group.ids, "confirmed": "1", "reason": REASON})
    assert "已提级审核 2 人" in done.content.decode()
    assert group.states() == ["TAKEN_OVER"] * 2
    for who in ("shi-shenhe", "sheng-fuze"):
        assert REASON in go(who, "taken_over").content.decode()
    city = go("shi-shenhe", "case", group.ids[0]).content.decode()
    assert REASON in city
    assert "设区市只能查看" in city
    assert "作出审核意见" not in city
    assert REASON in go("jigou", "case", group.ids[0]).content.decode()


def test_a_stale_confirmation_is_told_what_happened(go, world):
    group = make_group(world)
    data = {"ids": group.ids, "confirmed": "1", "reason": REASON}
    give(world, "shi-shenhe", group, "PRELIMINARY")
    answer = go("sheng-shenhe", "take_over", data=data).content.decode()
    assert "待省级审核" in answer
    assert not TakeOver.objects.exists()


def test_a_late_city_opinion_on_a_stale_page_is_told(go, world):
    group = make_group(world)
    take(world, group)
    answer = go("shi-shenhe", "case", group.ids[0], data={"act": "review", "stage": "PRELIMINARY", "outcome": "PASS"})
    assert answer.status_code in (403, 409, 422)
    assert "提级审核" in answer.content.decode()
    assert not Review.objects.exists()


def test_the_lists_cost_the_same_for_one_and_for_many(go, world):
    def cost(name):
        with CaptureQueriesContext(connection) as queries:
            assert go("sheng-shenhe", name).status_code == 200
        return len(queries)

    take(world, make_group(world, 1))
    make_group(world, 1)
    cost("takeovers")
    one = cost("takeovers"), cost("taken_over")
    take(world, make_group(world, 5))
    make_group(world, 5)
    assert (cost("takeovers"), cost("taken_over")) == one
