"""What meets a deadline (rules 2.8): only a complete filing; what comes back keeps its first receipt date, and its
answer is in time until midnight of the day of the tier that returned it; after that the applicant waits in the pool."""

from datetime import date, timedelta

import pytest

from certification.catalogue.models import ApplicationKind
from certification.deadlines import ledger
from certification.deadlines.models import Deadline, Reminder
from certification.deadlines.overview import standing
from certification.deadlines.reminding.reminders import remind
from certification.deadlines.sweep import sweep
from certification.notices.models import Notice
from certification.refusals import Incomplete
from exams.applications import applying
from exams.models import Candidate, ExamApplication, Material
from exams.plans import planning
from exams.sessions import assigning
from exams.states import ApplicationState as A
from exams.states import CandidateState
from tests.exams.conftest import EXAM_ON, TODAY
from tests.factories import at as moment


def from_the_city(bench):
    """Category 2, INITIAL: three working days before the exam."""
    (row,) = bench.submitted(bench.plan(size=1), bench.session())
    bench.move("return_to_filer", [row], reason="照片不清晰")
    return row, date(2026, 4, 10), A.PRELIMINARY_REVIEW


def from_the_province(bench):
    """Forwarded and returned by the province: one working day before the exam."""
    (row,) = bench.submitted(bench.plan(size=1), bench.session())
    bench.move("forward", [row])
    bench.move("return_to_filer", [row], by="sheng-shenhe", reason="照片不清晰")
    return row, date(2026, 4, 14), A.FINAL_REVIEW


def directly_from_the_province(bench):
    """Category 1: one working day before the exam."""
    (row,) = bench.submitted(bench.plan(size=1, code="0801"), bench.session(code="0801"))
    bench.move("return_to_filer", [row], by="sheng-shenhe", reason="照片不清晰")
    return row, date(2026, 4, 14), A.DIRECT_REVIEW


def renewal_from_the_city(bench):
    """Category 2, RENEWAL: one working day before the exam."""
    session = bench.session(practical=False)
    (row,) = bench.submitted(bench.plan(ApplicationKind.RENEWAL, size=1))
    assigning.assign_to_session(
        actor=bench.officer(), now=moment(TODAY), application_ids=[row.pk], session_id=session.pk
    )
    bench.move("return_to_filer", [row], reason="照片不清晰")
    return row, date(2026, 4, 14), A.CITY_REVIEW


WAYS = (from_the_city, from_the_province, directly_from_the_province, renewal_from_the_city)


def answer(bench, row, now):
    return applying.answer_correction(actor=bench.user("jigou"), now=now, application_id=row.pk)


@pytest.mark.parametrize("returned", WAYS)
def test_answered_in_the_last_minute_keeps_the_session(bench, at, returned):
    row, last_day, back_at = returned(bench)
    now = at(moment(last_day, 23, 59))
    assert sweep(now=now).failed == []
    answered = answer(bench, row, now)
    assert (answered.state, answered.first_submitted_at) == (back_at, moment(TODAY))
    assert Candidate.objects.get().state == CandidateState.LISTED


@pytest.mark.parametrize("swept", [True, False])
@pytest.mark.parametrize("returned", WAYS)
def test_answered_a_minute_after_midnight_waits_in_the_pool(bench, at, returned, swept):
    row, last_day, back_at = returned(bench)
    now = at(moment(last_day + timedelta(days=1), 0, 1))
    if swept:
        Notice.objects.all().delete()
        assert sweep(now=now).failed == []
        assert Candidate.objects.get().state == CandidateState.MOVED
        assert Notice.objects.filter(recipient__username="jigou", title__startswith="退回补正逾期").count() == 1
    answered = answer(bench, row, now)
    assert (answered.state, answered.first_submitted_at) == (back_at, moment(TODAY))
    assert Candidate.objects.get().state == CandidateState.MOVED
    assert list(assigning.pool(row.organiser, today=TODAY)) == [row]


@pytest.mark.parametrize("returned", WAYS)
def test_an_answer_that_is_not_complete_is_none(bench, at, returned):
    row, last_day, _back_at = returned(bench)
    Material.objects.filter(application=row, kind="PHOTO").update(replaced_at=moment(TODAY))
    with pytest.raises(Incomplete):
        answer(bench, row, moment(last_day, 23, 59))
    at(moment(last_day + timedelta(days=1), 0, 1))
    sweep(now=moment(last_day + timedelta(days=1), 0, 1))
    assert Candidate.objects.get().state == CandidateState.MOVED
    assert ExamApplication.objects.get(pk=row.pk).state == A.RETURNED


def test_only_a_complete_application_meets_its_day(bench):
    session = bench.session()
    (row,) = bench.drafts(bench.plan(size=1), session, papers=False)
    (result,) = applying.submit_applications(actor=bench.user("jigou"), now=moment(TODAY), application_ids=[row.pk])
    assert isinstance(result.refusal, Incomplete)
    assert ledger.find("materials_initial", row).met_at is None


def test_an_exam_plan_that_comes_back_keeps_its_first_filing_until_the_exam(bench):
    session = bench.session()
    plan = bench.planned(session)
    planning.return_exam_plan(actor=bench.user("sheng-kaowu"), now=moment(TODAY), plan_id=plan.pk, reason="请补充")
    eve = moment(EXAM_ON - timedelta(days=1), 23, 59)
    filed = planning.file_exam_plan(actor=bench.officer(), now=eve, plan_id=plan.pk)
    assert filed.filed_at == moment(TODAY)
    deadline = ledger.find("exam_plan", filed)
    assert (deadline.met_at, deadline.met_late) == (moment(TODAY), False)
    assert ledger.find("exam_plan_answer", filed).met_late is False


def test_a_returned_exam_plan_is_reminded_of_until_the_eve_of_its_first_session(bench):
    later, first = bench.session(day=EXAM_ON + timedelta(days=7)), bench.session()
    plan = planning.save_exam_plan(
        actor=bench.officer(), now=moment(TODAY), title="两场", session_ids=[later.pk, first.pk]
    )
    planning.file_exam_plan(actor=bench.officer(), now=moment(TODAY), plan_id=plan.pk)
    planning.return_exam_plan(actor=bench.user("sheng-kaowu"), now=moment(TODAY), plan_id=plan.pk, reason="请补充")
    assert ledger.find("exam_plan_answer", plan).due_on == EXAM_ON - timedelta(days=1)
    remind(now=moment(EXAM_ON - timedelta(days=1)))
    told = Reminder.objects.filter(deadline__rule__code="exam_plan_answer", state="SENT")
    assert set(told.values_list("stage", "recipient__username")) == {("DUE", "shi-kaowu")}
    planning.save_exam_plan(
        actor=bench.officer(), now=moment(TODAY), title="只剩后一场", session_ids=[later.pk], plan_id=plan.pk
    )
    assert ledger.find("exam_plan_answer", plan).due_on == EXAM_ON + timedelta(days=6)


@pytest.mark.parametrize("returned", WAYS)
def test_an_answer_that_never_came_counts_for_the_institution(bench, at, returned):
    row, last_day, _back_at = returned(bench)
    now = at(moment(last_day + timedelta(days=1), 0, 1))
    assert sweep(now=now).failed == []
    ended = standing.counted(Deadline.objects.of(None, [row])).filter(standing.condition("closed_late", now))
    assert {one.responsible for one in ended if one.rule.code != "hours_proof"} == {row.institution}
