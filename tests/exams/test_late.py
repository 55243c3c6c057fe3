"""逾期特批 in examinations: every place that refuses for lateness goes on by an admission, and by nothing else."""

from datetime import date, timedelta

import pytest

from certification.catalogue.models import ApplicationKind
from certification.deadlines import ledger
from certification.deadlines.late_admissions import admissions
from certification.deadlines.models import Deadline, LateAdmission
from certification.deadlines.sweep import sweep
from certification.refusals import TooLate
from exams.applications import applying
from exams.models import ExamApplication, ExamSession
from exams.plans import planning
from exams.sessions import assigning
from exams.states import ApplicationState as A
from exams.states import CandidateState
from tests.exams.conftest import CLASS_START, EXAM_ON, PHOTO, TODAY
from tests.factories import at as moment

# Five working days before Wednesday 2026-04-15 end on 04-08, one on 04-14.
LATE = moment(date(2026, 4, 9))
APPLICATION = "exams.ExamApplication"


def admitted(bench, refusals, *, by="jigou", now=LATE, until=None) -> list[LateAdmission]:
    """Ask for what was refused, as the button under the refusal does, and let the head grant it."""
    refusals = [one for refusal in refusals for one in (refusal, *refusal.also)]
    results = admissions.ask(
        actor=bench.user(by),
        now=now,
        model_label=refusals[0].subject._meta.label,
        rule_code=refusals[0].rule_code,
        wanted=[(one.subject.pk, one.event_on) for one in refusals],
        reason="系统升级",
    )
    assert all(result.ok for result in results), [result.refusal for result in results]
    done = admissions.grant(
        actor=bench.user("sheng-fuze"),
        now=now,
        admission_ids=[result.row.pk for result in results],
        reason="情况属实",
        valid_until=until,
    )
    assert all(result.ok for result in done), [result.refusal for result in done]
    return [result.row for result in done]


def submit(bench, rows, *, now=LATE):
    return applying.submit_applications(actor=bench.user("jigou"), now=now, application_ids=[row.pk for row in rows])


def assign(bench, rows, session, *, now=LATE):
    return assigning.assign_to_session(
        actor=bench.officer(), now=now, application_ids=[row.pk for row in rows], session_id=session.pk
    )


def refusals(results) -> list[TooLate]:
    found = [result.refusal for result in results]
    assert all(isinstance(refusal, TooLate) for refusal in found), found
    return found


def test_materials_of_initial_applications(bench):
    session = bench.session()
    rows = bench.drafts(bench.plan(size=3), session)
    done = admitted(bench, refusals(submit(bench, rows)))
    assert {row.valid_until for row in done} == {EXAM_ON - timedelta(days=1)}
    results = submit(bench, rows)
    assert all(result.ok for result in results)
    for row in rows:
        deadline = ledger.find("materials_initial", row)
        assert deadline.state_at(LATE) == Deadline.State.MET_LATE
        assert deadline.late_admission.subject_id == row.pk
    assert {row.state for row in bench.candidates(session)} == {CandidateState.LISTED}


def test_after_the_sweep_the_admitted_session_can_be_named_again(bench, at):
    session = bench.session()
    (row,) = bench.drafts(bench.plan(size=1), session)
    at(LATE)
    assert sweep(now=LATE).failed == []
    row.refresh_from_db()
    assert row.wished_session is None
    choosing = {"actor": bench.user("jigou"), "now": LATE, "application_ids": [row.pk], "session_id": session.pk}
    (refused,) = refusals(applying.choose_session(**choosing))
    admitted(bench, [refused])
    assert applying.choose_session(**choosing)[0].ok
    assert submit(bench, [row])[0].ok


def test_who_was_not_admitted_stays_a_draft(bench):
    session = bench.session()
    first, second = bench.drafts(bench.plan(size=2), session)
    refused = refusals(submit(bench, [first, second]))
    admitted(bench, refused[:1])
    results = submit(bench, [first, second])
    assert [result.ok for result in results] == [True, False]
    second.refresh_from_db()
    assert second.state == A.DRAFT


def test_materials_of_renewals_until_the_class_ends(bench):
    (row,) = bench.drafts(bench.plan(ApplicationKind.RENEWAL, size=1))
    now = moment(CLASS_START + timedelta(days=1), 0, 1)
    (done,) = admitted(bench, refusals(submit(bench, [row], now=now)), now=now, until=date(2026, 4, 3))
    assert done.valid_until == row.plan.class_end
    assert submit(bench, [row], now=moment(date(2026, 4, 3), 23, 59))[0].ok


def test_assignment_after_the_materials_day_needs_one_unless_filed_in_time_or_sat_before(bench):
    early = bench.session(day=date(2026, 4, 14))
    session = bench.session()
    (moved,) = bench.submitted(bench.plan(size=1), early)
    (candidate,) = bench.candidates(early)
    assigning.move_to_pool(actor=bench.officer(), now=moment(TODAY), candidate_ids=[candidate.pk], reason="住院")
    (refused,) = refusals(assign(bench, [moved], session))
    (renewal,) = bench.submitted(bench.plan(ApplicationKind.RENEWAL, size=1))
    assert assign(bench, [renewal], session)[0].ok

    (row,) = admitted(bench, [refused], by="shi-kaowu")
    assert row.organisation == bench.world.bureau
    assert assign(bench, [moved], session)[0].ok
    row.refresh_from_db()
    assert row.used_by == bench.officer()


def test_a_renewal_that_was_itself_admitted_late_needs_one_for_its_session(bench):
    session = bench.session()
    (row,) = bench.drafts(bench.plan(ApplicationKind.RENEWAL, size=1))
    later = moment(CLASS_START + timedelta(days=1))
    admitted(bench, refusals(submit(bench, [row], now=later)), now=later)
    submit(bench, [row], now=later)
    (refused,) = refusals(assign(bench, [row], session))
    admitted(bench, [refused], by="shi-kaowu")
    assert assign(bench, [row], session)[0].ok


def test_proof_of_hours(bench, at):
    session = bench.session(practical=False)
    (row,) = bench.submitted(bench.plan(ApplicationKind.RENEWAL, size=1))
    assign(bench, [row], session, now=moment(TODAY))
    bench.move("clear", [row])
    now = moment(EXAM_ON, 0, 1)
    at(now)
    assert sweep(now=now).failed == []
    upload = {
        "actor": bench.user("jigou"),
        "now": now,
        "application_id": row.pk,
        "kind": "HOURS_PROOF",
        "content": PHOTO,
        "name": "学时.jpg",
    }
    with pytest.raises(TooLate) as refused:
        applying.attach_material(**upload)
    admitted(bench, [refused.value], now=now)
    applying.attach_material(**upload)
    deadline = ledger.find("hours_proof", row)
    assert deadline.late_admission is not None
    assert deadline.met_late


def test_an_exam_plan_names_every_late_day_at_once(bench):
    near, next_day = bench.session(), bench.session(day=EXAM_ON + timedelta(days=1))
    plan = planning.save_exam_plan(
        actor=bench.officer(), now=moment(TODAY), title="考试计划", session_ids=[near.pk, next_day.pk]
    )
    filing = {"actor": bench.officer(), "now": moment(date(2026, 4, 13)), "plan_id": plan.pk}
    with pytest.raises(TooLate) as refused:
        planning.file_exam_plan(**filing)
    assert [one.event_on for one in refused.value.also] == [next_day.starts_on]
    rows = admitted(bench, [refused.value], by="shi-kaowu", now=filing["now"])
    filed = planning.file_exam_plan(**filing)
    assert ledger.find("exam_plan", filed).late_admission == rows[0]
    assert LateAdmission.objects.filter(used_at__isnull=False).count() == 2


def test_an_exam_moved_earlier_makes_a_draft_late_for_its_new_day(bench):
    session = bench.session()
    (row,) = bench.drafts(bench.plan(size=1), session)
    now = moment(date(2026, 4, 7))
    ExamSession.objects.filter(pk=session.pk).update(starts_on=date(2026, 4, 13))
    (refused,) = refusals(submit(bench, [row], now=now))
    assert refused.event_on == date(2026, 4, 13)
    admitted(bench, [refused], now=now)
    assert submit(bench, [row], now=now)[0].ok


def test_the_sweep_leaves_an_admitted_draft_alone_until_the_admission_ends(bench, at):
    session = bench.session()
    (row,) = bench.drafts(bench.plan(size=1), session)
    until = date(2026, 4, 10)
    admitted(bench, refusals(submit(bench, [row])), until=until)
    for now, kept in ((LATE, True), (moment(until, 23, 59), True), (moment(until + timedelta(days=1), 0, 1), False)):
        at(now)
        assert sweep(now=now).failed == []
        assert (ExamApplication.objects.get(pk=row.pk).wished_session == session) is kept, now


def test_a_class_is_submitted_late_in_a_constant_number_of_statements(bench, django_assert_max_num_queries):
    session = bench.session()
    for size in (2, 12):
        rows = bench.drafts(bench.plan(size=size), session)
        with django_assert_max_num_queries(40):
            refused = refusals(submit(bench, rows))
        admitted(bench, refused)
        with django_assert_max_num_queries(130):
            assert all(result.ok for result in submit(bench, rows))
