"""Filing plans: recipients and receipts, lateness to the minute, drafts that lose nothing."""

from datetime import date, timedelta

import pytest

from certification.deadlines import ledger
from certification.notices.models import Notice
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, NotPermitted, TooLate, WrongState
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from tests.factories import at
from tests.training.conftest import CLASS_START, FILED_ON
from training.cases import NotFound
from training.models import PlanReceipt, PlanTeacher, TrainingPlan
from training.plans import acknowledging, filing
from training.rosters import submitting
from training.states import PlanState

# Seven working days before Monday 20 April 2026: 17, 16, 15, 14, 13, 10, 9 April.
LAST_DAY = date(2026, 4, 9)


def file(world, plan, now, username="jigou"):
    return filing.file_plan(actor=world.user(username), now=now, plan_id=plan.pk)


def test_category_two_goes_to_province_and_city_with_a_receipt_each(world, plan):
    receipts = PlanReceipt.objects.filter(plan=plan).order_by("pk")
    assert [receipt.recipient for receipt in receipts] == [world.centre, world.bureau]
    assert [receipt.number for receipt in receipts] == ["BB-2026-0001", "BB-2026-0002"]
    assert plan.number == "PX-2026-0001"
    assert plan.state == PlanState.FILED
    told = set(Notice.objects.values_list("recipient__username", flat=True))
    assert {"sheng-shenhe", "shi-shenhe"} <= told
    assert PlanTeacher.objects.filter(plan=plan).count() == 2


def test_category_one_goes_to_the_province_alone(world, draft):
    plan = file(world, draft(code="0901"), at(FILED_ON))
    assert [receipt.recipient for receipt in plan.receipts.all()] == [world.centre]
    assert plan.organiser == world.centre


def test_filing_meets_its_deadline_and_opens_the_roster_of_initial_classes_only(world, plan, draft):
    met = ledger.find("plan_filing", plan)
    assert (met.due_on, met.met_at) == (LAST_DAY, at(FILED_ON))
    roster = ledger.find("roster", plan)
    assert (roster.due_on, roster.met_at, roster.responsible) == (CLASS_START, None, world.institution)
    renewal = file(world, draft(kind="RENEWAL", onsite_hours=24), at(FILED_ON))
    assert ledger.find("roster", renewal) is None


def test_a_kind_that_the_edition_does_not_know_is_refused_at_its_field(world, draft):
    Rule.objects.filter(edition__code="1", code="kinds").update(values={"kinds": ["INITIAL", "RENEWAL"]})
    lookup.forget()
    try:
        with pytest.raises(Incomplete, match="不再办理复审") as refused:
            file(world, draft(kind="PERIODIC_REVIEW", onsite_hours=8), at(FILED_ON))
        assert "kind" in [problem.field for problem in refused.value.problems]
        assert file(world, draft(), at(FILED_ON)).state == PlanState.FILED
    finally:
        lookup.forget()


def test_the_last_minute_is_in_time_and_midnight_is_too_late(world, draft):
    in_time = file(world, draft(), at(LAST_DAY, 23, 59))
    assert in_time.state == PlanState.FILED
    late = draft()
    with pytest.raises(TooLate) as refused:
        file(world, late, at(LAST_DAY + timedelta(days=1), 0, 0))
    assert refused.value.due_on == LAST_DAY
    assert refused.value.earliest == date(2026, 4, 21)
    assert "三（一）" in refused.value.clause
    late.refresh_from_db()
    assert (late.state, late.receipts.count()) == (PlanState.DRAFT, 0)


def test_provisional_dates_never_refuse(world, draft):
    plan = draft(class_start=date(2027, 1, 4), class_end=date(2027, 1, 29), wished_exam_on=None)
    filed = file(world, plan, at(date(2026, 12, 31)))
    assert ledger.find("plan_filing", filed).provisional


def test_filing_twice_acts_once(world, plan):
    with pytest.raises(WrongState):
        file(world, plan, at(FILED_ON))
    assert PlanReceipt.objects.count() == 2
    assert TransitionLog.objects.filter(name="file").count() == 1


def test_an_incomplete_draft_is_kept_and_told_everything_at_once(world):
    typed = {"capacity": "很多", "class_start": "2026-13-45", "teacher_name_1": "李某", "teacher_number_1": "12345"}
    plan = filing.save_draft(actor=world.user("jigou"), now=at(FILED_ON), typed=typed)
    plan.refresh_from_db()
    assert plan.typed == typed
    with pytest.raises(Incomplete) as refused:
        file(world, plan, at(FILED_ON))
    fields = {problem.field for problem in refused.value.problems}
    assert {"kind", "job_type", "class_start", "capacity", "onsite_hours", "venue", "teacher_number_1"} <= fields


def test_the_same_form_twice_makes_one_draft(world):
    key = "7f1de3a4-6f6b-4f3f-8d57-111111111111"
    first, second = (
        filing.save_draft(actor=world.user("jigou"), now=at(FILED_ON), entry_key=key, venue=venue)
        for venue in ("一", "二")
    )
    assert first.pk == second.pk
    assert TrainingPlan.objects.get().venue == "二"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"class_end": date(2026, 4, 1)}, "class_end"),
        ({"wished_exam_on": date(2026, 4, 1)}, "wished_exam_on"),
        ({"kind": "RENEWAL", "onsite_hours": 2, "online_hours": 0}, "onsite_hours"),
        ({"class_start": FILED_ON}, "class_start"),
        ({"class_start": date(2099, 1, 1), "class_end": date(2099, 2, 1)}, "class_start"),
    ],
)
def test_wrong_values_are_named_at_their_field(world, draft, changes, field):
    plan = draft(**changes)
    with pytest.raises(Incomplete) as refused:
        file(world, plan, at(FILED_ON))
    assert field in {problem.field for problem in refused.value.problems}


def test_too_few_initial_hours_are_only_pointed_out(world, draft):
    plan = draft(onsite_hours=100, online_hours=0)
    check = filing.filing_check(plan, now=at(FILED_ON))
    assert not check.problems
    assert any("148" in warning for warning in check.warnings)


def test_only_the_institution_s_filer_files(world, draft):
    plan = draft()
    with pytest.raises(NotPermitted):
        file(world, plan, at(FILED_ON), "shi-shenhe")
    with pytest.raises(NotFound):
        file(world, plan, at(FILED_ON), "lanxi-jigou")


def test_drafts_are_nobody_s_business_but_the_institution_s(world, draft):
    plan = draft()
    seen = {
        name: TrainingPlan.objects.visible_to(world.user(name)).filter(pk=plan.pk).exists()
        for name in ("jigou", "shi-shenhe", "sheng-shenhe", "shenji", "lanxi-jigou")
    }
    assert seen == {"jigou": True, "shi-shenhe": False, "sheng-shenhe": False, "shenji": False, "lanxi-jigou": False}


def returned(world, plan, now=None):
    receipt = plan.receipts.get(recipient=world.centre)
    now = now or at(FILED_ON, 15)
    acknowledging.return_plan(actor=world.user("sheng-shenhe"), now=now, receipt_id=receipt.pk, reason="教师不足")


def test_an_answer_to_a_return_keeps_the_first_receipt_date(world, plan):
    returned(world, plan)
    on_the_eve = at(CLASS_START - timedelta(days=1), 23, 59)
    filed = filing.refile_plan(actor=world.user("jigou"), now=on_the_eve, plan_id=plan.pk, venue="新教室")
    assert (filed.state, filed.version, filed.venue, filed.filed_at) == (PlanState.FILED, 2, "新教室", at(FILED_ON))
    receipts = filed.receipts.order_by("pk")
    assert [(receipt.state, receipt.version, receipt.reason) for receipt in receipts] == [("RECEIVED", 2, "")] * 2
    assert [receipt.number for receipt in receipts] == ["BB-2026-0001", "BB-2026-0002"]
    assert ledger.find("plan_filing", filed).met_at == at(FILED_ON)


def test_no_answer_on_the_day_of_class_start(world, plan):
    returned(world, plan)
    with pytest.raises(TooLate):
        filing.refile_plan(actor=world.user("jigou"), now=at(CLASS_START, 0), plan_id=plan.pk)


def test_another_class_start_must_have_been_lawful_when_first_filed(world, plan):
    returned(world, plan)
    with pytest.raises(TooLate):
        filing.refile_plan(
            actor=world.user("jigou"), now=at(date(2026, 3, 3)), plan_id=plan.pk, class_start=date(2026, 3, 10)
        )
    filed = filing.refile_plan(
        actor=world.user("jigou"),
        now=at(date(2026, 3, 3)),
        plan_id=plan.pk,
        class_start=date(2026, 4, 27),
        class_end=date(2026, 5, 22),
    )
    roster = ledger.find("roster", filed)
    assert (roster.due_on, roster.version) == (date(2026, 4, 27), 2)


def test_the_answer_cannot_change_the_route(world, plan):
    returned(world, plan)
    with pytest.raises(Incomplete, match="操作项目"):
        filing.refile_plan(
            actor=world.user("jigou"), now=at(FILED_ON, 16), plan_id=plan.pk, job_type=world.job_type("0901")
        )


def test_while_returned_a_draft_leaves_what_was_filed_alone(world, plan):
    returned(world, plan)
    filing.save_draft(
        actor=world.user("jigou"), now=at(FILED_ON, 16), plan_id=plan.pk, typed={"venue": "改"}, venue="改"
    )
    plan.refresh_from_db()
    assert (plan.venue, plan.typed) == ("青屏市测试路 1 号 201 教室", {"venue": "改"})


def test_the_answer_does_not_shrink_the_class_below_its_roster(world, plan, records):
    submitting.submit_roster(actor=world.user("jigou"), now=at(FILED_ON, 10), plan_id=plan.pk, records=records(3))
    returned(world, plan)
    with pytest.raises(Incomplete, match="在册学员 3 人"):
        filing.refile_plan(actor=world.user("jigou"), now=at(FILED_ON, 16), plan_id=plan.pk, capacity=2)


def test_withdrawing_closes_the_deadlines(world, plan):
    with pytest.raises(Incomplete):
        filing.withdraw_plan(actor=world.user("jigou"), now=at(FILED_ON, 16), plan_id=plan.pk)
    filing.withdraw_plan(actor=world.user("jigou"), now=at(FILED_ON, 16), plan_id=plan.pk, reason="学员不足")
    plan.refresh_from_db()
    assert plan.state == PlanState.WITHDRAWN
    assert ledger.find("roster", plan) is None


def test_more_hours_than_the_days_hold_stop_the_filing(world, draft):
    plan = draft(class_end=CLASS_START + timedelta(days=1), onsite_hours=148, online_hours=0)
    with pytest.raises(Incomplete) as refused:
        file(world, plan, at(FILED_ON))
    (problem,) = refused.value.problems
    assert problem.field == "class_end"
    assert "共 2 天，安排 148 学时" in problem.message
    long_enough = draft(class_end=CLASS_START + timedelta(days=18), onsite_hours=148, online_hours=0)
    assert file(world, long_enough, at(FILED_ON)).state == PlanState.FILED


def test_more_than_half_online_is_pointed_out_for_initial_training_only(draft):
    plan = draft(onsite_hours=70, online_hours=78)
    assert any("超过合计学时的 50%" in warning for warning in filing.filing_check(plan, now=at(FILED_ON)).warnings)
    review = draft(kind="RENEWAL", onsite_hours=0, online_hours=8)
    assert not any("超过合计" in warning for warning in filing.filing_check(review, now=at(FILED_ON)).warnings)
