"""What is too late or cut off: an exam that has begun, a class that was stopped, a day that has passed, a draft."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from certification.catalogue.models import ApplicationKind
from certification.deadlines import ledger
from certification.refusals import TooLate, WrongState
from exams.applications import applying
from exams.models import Candidate, ExamApplication, ExamPlan, ExamSession, Part, RoomUse, SessionPart
from exams.plans import planning
from exams.rooms import staffing
from exams.scores.results import Row
from exams.sessions import assigning
from exams.states import ApplicationState as A
from exams.states import CandidateState
from tests.exams.conftest import EXAM_ON, TODAY
from tests.factories import at as moment
from training.models import Trainee, TrainingPlan
from training.plans import filing
from training.states import PlanState, TraineeState


def stop(plan, state=PlanState.REJECTED) -> None:
    TrainingPlan.objects.filter(pk=plan.pk).update(state=state)


def codes(results) -> list[str]:
    return [result.refusal.code if result.refusal else "" for result in results]


def withdraw(bench, rows, **kwargs):
    return applying.withdraw_applications(
        actor=bench.user("jigou"), application_ids=[row.pk for row in rows], reason="本人放弃", **kwargs
    )


def test_nobody_steps_out_of_an_exam_that_has_begun(bench):
    session = bench.ready(size=2)
    bench.held(session)
    candidates = bench.candidates(session)
    rows = [row.application for row in candidates]
    assert codes(withdraw(bench, rows, now=moment(EXAM_ON, 15))) == ["examined", "examined"]
    with pytest.raises(WrongState):
        assigning.move_to_pool(
            actor=bench.officer(), now=moment(EXAM_ON, 15), candidate_ids=[candidates[0].pk], reason="未到场"
        )
    assert {row.state for row in bench.candidates(session)} == {CandidateState.ADMITTED}


def test_a_part_has_no_results_before_its_day(bench):
    session = bench.ready(size=1)
    SessionPart.objects.filter(session=session, part=Part.PRACTICAL).update(day=EXAM_ON + timedelta(days=1))
    bench.held(session)
    (candidate,) = bench.candidates(session)
    bench.enter(session, Part.THEORY, [Row(candidate.pk, score=Decimal(90))])
    bench.check(session, Part.THEORY)
    with pytest.raises(WrongState) as refused:
        bench.enter(session, Part.PRACTICAL, [bench.practical(candidate)])
    assert refused.value.code == "too_early"
    assert bench.enter(session, Part.PRACTICAL, [bench.practical(candidate)], now=moment(EXAM_ON + timedelta(days=1)))


def test_a_stopped_class_leads_nobody_on(bench):
    session = bench.session()
    plan = bench.plan(size=2)
    draft, other = bench.drafts(plan, session)
    applying.submit_applications(actor=bench.user("jigou"), now=moment(TODAY), application_ids=[other.pk])
    stop(plan)
    done = applying.submit_applications(actor=bench.user("jigou"), now=moment(TODAY), application_ids=[draft.pk])
    assert codes(done) == ["class_stopped"]
    assert codes(bench.move("forward", [other])) == ["class_stopped"]
    assert codes(bench.move("return_to_filer", [other], reason="班级已停")) == [""]
    with pytest.raises(WrongState):
        applying.answer_correction(actor=bench.user("jigou"), now=moment(TODAY), application_id=other.pk)


def test_a_class_with_applications_is_not_withdrawn(bench):
    plan = bench.plan(size=1)
    rows = bench.drafts(plan)
    withdrawing = {"actor": bench.user("jigou"), "now": moment(TODAY), "plan_id": plan.pk, "reason": "学员不足"}
    with pytest.raises(WrongState) as refused:
        filing.withdraw_plan(**withdrawing)
    assert refused.value.code == "bound"
    withdraw(bench, rows, now=moment(TODAY))
    assert filing.withdraw_plan(**withdrawing).state == PlanState.WITHDRAWN


def test_who_was_cleared_before_the_class_was_stopped_gets_no_seat(bench):
    session = bench.session()
    plan = bench.plan(size=1)
    bench.clear(bench.submitted(plan, session))
    bench.rooms(session)
    stop(plan)
    ((_candidate, refusal),) = bench.seated(session).unseated
    assert refusal.code == "class_stopped"


def test_a_draft_of_somebody_who_left_the_class_is_not_submitted(bench):
    session = bench.session()
    (draft,) = bench.drafts(bench.plan(size=1), session)
    Trainee.objects.update(state=TraineeState.WITHDRAWN)
    done = applying.submit_applications(actor=bench.user("jigou"), now=moment(TODAY), application_ids=[draft.pk])
    assert codes(done) == ["class_stopped"]
    draft.refresh_from_db()
    assert draft.state == A.DRAFT


def test_a_session_whose_materials_day_has_passed_is_not_chosen(bench):
    session = bench.session()
    late = moment(date(2026, 4, 9))
    plan = bench.plan(size=1)
    with pytest.raises(TooLate):
        bench.drafts(plan, session, now=late)
    (draft,) = bench.drafts(plan, now=late)
    done = applying.choose_session(
        actor=bench.user("jigou"), now=late, application_ids=[draft.pk], session_id=session.pk
    )
    assert codes(done) == ["too_late"]
    assert ledger.find("materials_initial", draft) is None


def test_a_session_added_to_a_returned_plan_must_be_in_time_itself(bench):
    far, near = bench.session(day=date(2026, 5, 13)), bench.session()
    plan = bench.planned(far)
    planning.return_exam_plan(actor=bench.user("sheng-kaowu"), now=moment(TODAY), plan_id=plan.pk, reason="请补充")
    late = moment(date(2026, 4, 13))
    common = {"actor": bench.officer(), "now": late, "plan_id": plan.pk}
    planning.save_exam_plan(title="考试计划", session_ids=[far.pk, near.pk], **common)
    with pytest.raises(TooLate):
        planning.file_exam_plan(**common)
    planning.save_exam_plan(title="考试计划", session_ids=[far.pk], **common)
    filed = planning.file_exam_plan(**common)
    assert filed.filed_at == moment(TODAY)


def test_what_was_returned_in_time_is_filed_again_after_its_day(bench):
    session = bench.session()
    plan = bench.planned(session)
    planning.return_exam_plan(actor=bench.user("sheng-kaowu"), now=moment(TODAY), plan_id=plan.pk, reason="请补充")
    filed = planning.file_exam_plan(actor=bench.officer(), now=moment(date(2026, 4, 13)), plan_id=plan.pk)
    assert ledger.find("exam_plan", filed).met_at == moment(TODAY)


def test_drafts_are_nobodys_business_but_their_writers(bench):
    session = bench.session()
    (draft,) = bench.drafts(bench.plan(size=1), session)
    plan = planning.save_exam_plan(actor=bench.officer(), now=moment(TODAY), title="考试计划", session_ids=[session.pk])
    assert ExamApplication.objects.visible_to(bench.user("jigou")).filter(pk=draft.pk).exists()
    for name in ("shi-shenhe", "sheng-shenhe", "shenji"):
        assert not ExamApplication.objects.visible_to(bench.user(name)).filter(pk=draft.pk).exists()
    assert ExamPlan.objects.visible_to(bench.officer()).filter(pk=plan.pk).exists()
    assert not ExamPlan.objects.visible_to(bench.user("sheng-kaowu")).filter(pk=plan.pk).exists()


def test_who_was_released_from_duty_sees_the_session_no_more(bench):
    session = bench.ready(size=1)
    invigilator = bench.user("shi-jiankao")
    seen = ExamSession.objects.filter(pk=session.pk)
    use = RoomUse.objects.filter(part__session=session, part__part=Part.THEORY).first()
    assignment = staffing.assign_staff(
        actor=bench.officer(), now=moment(TODAY), use_id=use.pk, person_id=invigilator.person_id, duty="INVIGILATOR"
    )
    assert seen.visible_to(invigilator).exists()
    assert Candidate.objects.visible_to(invigilator).exists()
    staffing.end_assignment(actor=bench.officer(), now=moment(TODAY), assignment_id=assignment.pk, reason="生病")
    assert not seen.visible_to(invigilator).exists()
    assert not Candidate.objects.visible_to(invigilator).exists()


def test_a_renewal_class_that_was_stopped_is_not_assigned(bench):
    session = bench.session(practical=False)
    plan = bench.plan(ApplicationKind.RENEWAL, size=1)
    (row,) = bench.submitted(plan)
    stop(plan, PlanState.WITHDRAWN)
    done = assigning.assign_to_session(
        actor=bench.officer(), now=moment(TODAY), application_ids=[row.pk], session_id=session.pk
    )
    assert codes(done) == ["class_stopped"]
