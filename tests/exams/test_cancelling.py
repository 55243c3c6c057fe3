"""取消场次: everybody goes to the pool, nothing is lost, everything booked is free again (rules 2.2)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.dossiers import completeness, sealing
from approvals.dossiers.opening import plans_in
from approvals.dossiers.sections import contents
from approvals.models import Dossier
from certification.deadlines import sweep
from certification.deadlines.models import Deadline
from certification.notices.models import Notice
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, NotPermitted, Refusal, WrongState
from exams.applications import applying, obligations
from exams.models import (
    Candidate,
    ExamApplication,
    ExamPlan,
    ExamPlanItem,
    ExamSession,
    Part,
    PersonSlot,
    Result,
    RoomTime,
    RoomUse,
    Seat,
    StaffAssignment,
)
from exams.plans import planning
from exams.scores import results
from exams.sessions import assigning, cancelling
from exams.states import ApplicationState, CandidateState, ExamPlanState, SessionState
from exams.todo import lines
from tests.exams.conftest import EXAM_ON, TODAY
from tests.exams.test_moving import NOW, staffed
from tests.factories import at as moment

REASON = "台风预警，考点停用。"


def cancel(bench, session, *, now=NOW, by=None, fingerprint=None, reason=REASON):
    session = ExamSession.objects.select_related("job_type__group", "organiser").get(pk=session.pk)
    if fingerprint is None:
        fingerprint = cancelling.preview(session, now=now).fingerprint
    return cancelling.cancel_session(
        actor=bench.user(by) if by else bench.officer(session.job_type.category),
        now=now,
        session_id=session.pk,
        reason=reason,
        fingerprint=fingerprint,
    )


def test_everybody_goes_to_the_pool_with_reviews_and_materials_and_everything_booked_is_free(bench):
    session = bench.ready(size=3)
    staffed(bench, session)
    states = set(ExamApplication.objects.values_list("pk", "state", "first_submitted_at"))
    Notice.objects.all().delete()
    cancel(bench, session)
    session.refresh_from_db()
    assert session.state == SessionState.CANCELLED
    assert {row.state for row in bench.candidates(session)} == {CandidateState.MOVED}
    assert set(ExamApplication.objects.values_list("pk", "state", "first_submitted_at")) == states
    pool = assigning.pool(session.organiser, today=NOW.date())
    assert {row.pk for row in pool} == {pk for pk, _state, _at in states}
    for booked in (Seat, RoomTime, PersonSlot):
        assert not booked.objects.exists()
    assert not RoomUse.objects.in_force().exists()
    assert not StaffAssignment.objects.filter(ended_at__isnull=True).exists()
    rows = Deadline.objects.open().filter(rule__code__in=obligations.ANCHORED_TO_EXAM)
    assert not rows.exists()
    assert not Deadline.objects.open().filter(rule__code="exam_plan").exists()
    told = set(Notice.objects.values_list("recipient__username", flat=True))
    assert {"jigou", "shi-jiankao", "shi-kaoping", "sheng-kaowu"} <= told
    assert TransitionLog.objects.about(session).get(name="cancel").reason == REASON


def test_the_filed_plan_becomes_a_new_version_and_can_be_answered(bench):
    session, other = bench.session(), bench.session(day=date(2026, 4, 29))
    plan = planning.save_exam_plan(
        actor=bench.officer(), now=NOW, title="四月考试计划", session_ids=[session.pk, other.pk]
    )
    planning.file_exam_plan(actor=bench.officer(), now=NOW, plan_id=plan.pk)
    cancel(bench, session)
    plan.refresh_from_db()
    assert (plan.version, plan.state) == (2, ExamPlanState.FILED)
    assert Deadline.objects.open().of("exam_plan", [plan]).get().anchor_on == date(2026, 4, 29)
    planning.acknowledge_exam_plan(actor=bench.user("sheng-kaowu"), now=moment(date(2026, 4, 20)), plan_id=plan.pk)
    assert ExamPlanItem.objects.filter(session=session).exists()


def test_a_drafted_plan_loses_the_session_and_a_returned_one_is_filed_without_it(bench):
    session, other = bench.session(), bench.session(day=date(2026, 4, 29))
    draft = planning.save_exam_plan(actor=bench.officer(), now=NOW, title="草稿", session_ids=[session.pk])
    cancel(bench, session)
    assert not draft.items.exists()
    assert not Deadline.objects.open().of("exam_plan", [draft]).exists()
    third = bench.session(day=date(2026, 4, 28))
    plan = planning.save_exam_plan(actor=bench.officer(), now=NOW, title="退回", session_ids=[third.pk, other.pk])
    planning.file_exam_plan(actor=bench.officer(), now=NOW, plan_id=plan.pk)
    planning.return_exam_plan(actor=bench.user("sheng-kaowu"), now=NOW, plan_id=plan.pk, reason="补备用考场")
    cancel(bench, third)
    plan = planning.save_exam_plan(
        actor=bench.officer(), now=NOW, title="退回", session_ids=[other.pk], plan_id=plan.pk
    )
    planning.file_exam_plan(actor=bench.officer(), now=NOW, plan_id=plan.pk)
    states = dict(ExamSession.objects.filter(plan_item__plan=plan).values_list("pk", "state"))
    assert states == {third.pk: SessionState.CANCELLED, other.pk: SessionState.PLANNED}


def test_drafts_that_named_it_choose_another(bench):
    session, other = bench.session(), bench.session(day=date(2026, 4, 29))
    drafts = bench.drafts(bench.plan(size=2), session)
    cancel(bench, session)
    assert not ExamApplication.objects.filter(wished_session__isnull=False).exists()
    assert not Deadline.objects.open().of("materials_initial", drafts).exists()
    chosen = applying.choose_session(
        actor=bench.user("jigou"), now=NOW, application_ids=[row.pk for row in drafts], session_id=other.pk
    )
    assert all(result.ok for result in chosen)


def test_the_institution_is_asked_for_another_session(bench):
    session = bench.session()
    plan = bench.plan(size=2)
    bench.drafts(plan, session)
    cancel(bench, session)
    (line,) = [line for line in lines(bench.user("jigou"), NOW) if line.title == "选择考试场次"]
    assert (line.count, str(plan)) == (2, line.subject)


def test_a_retake_is_a_retake_again_and_keeps_the_part_that_was_passed(bench):
    session = bench.ready(size=1)
    bench.held(session)
    (candidate,) = bench.candidates(session)
    bench.enter(session, Part.THEORY, [results.Row(candidate.pk, score=Decimal(90))])
    bench.check(session, Part.THEORY)
    bench.enter(session, Part.PRACTICAL, [bench.practical(candidate, scores=(10, 10, 10, 10))])
    bench.check(session, Part.PRACTICAL)
    bench.release(session)
    again = moment(EXAM_ON + timedelta(days=5))
    second, third = (bench.session(day=day, now=again) for day in (date(2026, 5, 20), date(2026, 6, 10)))
    ids = [candidate.application_id]
    officer = bench.officer()
    (done,) = assigning.assign_to_session(actor=officer, now=again, application_ids=ids, session_id=second.pk)
    assert done.ok
    cancel(bench, second, now=again)
    assert {row.pk for row in assigning.pool(second.organiser, today=again.date())} == set(ids)
    # The materials day of the third session has passed: a retake is free of it (rules 2.7).
    late = moment(date(2026, 6, 8))
    (done,) = assigning.assign_to_session(actor=officer, now=late, application_ids=ids, session_id=third.pk)
    assert done.ok, done.refusal
    (place,) = bench.candidates(third)
    assert place.retake
    assert list(Result.objects.filter(candidate=place).values_list("part", flat=True)) == [Part.THEORY]


def test_the_dossier_records_it_and_can_be_sealed_at_once(bench):
    session = bench.ready(size=1)
    cancel(bench, session)
    session.refresh_from_db()
    dossier = Dossier.objects.get(session=session)
    entries = completeness.check(session, list(plans_in(session)), whole=True)
    assert [entry.title for entry in entries if entry.plan is None and not entry.complete] == []
    found = contents(session, list(plans_in(session)), whole=True, masked=False)
    assert REASON in str([section.rows for section in found.sections])
    sealed = sealing.seal(actor=bench.officer(), now=NOW, dossier_id=dossier.pk)
    assert sealed.sealed_at == NOW


def test_who_may_not_and_when_not(bench):
    session = bench.session()
    fingerprint = cancelling.preview(session, now=NOW).fingerprint
    for username in ("sheng-kaowu", "sheng-fuze", "shi-shenhe", "jigou"):
        with pytest.raises(NotPermitted):
            cancel(bench, session, by=username, fingerprint=fingerprint)
    with pytest.raises(Incomplete):
        cancel(bench, session, reason="  ")
    cancel(bench, session, fingerprint=fingerprint)
    with pytest.raises(WrongState):
        cancel(bench, session, fingerprint=fingerprint)
    held = bench.held(bench.ready(size=1))
    with pytest.raises(WrongState):
        cancelling.preview(held, now=moment(EXAM_ON, 9))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wait=st.integers(0, 36), cleared=st.booleans(), planned=st.booleans(), seated=st.booleans(), swept=st.booleans())
def test_the_preview_is_the_result(bench, wait, cleared, planned, seated, swept):
    sid = transaction.savepoint()
    try:
        session = bench.session()
        submitted = bench.submitted(bench.plan(size=2), session)
        if cleared:
            bench.clear(submitted)
        drafts = bench.drafts(bench.plan(size=1), session)
        if planned:
            bench.planned(session)
        if seated:
            bench.rooms(session)
            bench.seated(session)
        now = moment(TODAY + timedelta(days=wait))
        if swept:
            sweep.sweep(now=now)
        session.refresh_from_db()
        foreseen = cancelling.preview(session, now=now)
        inside = set(Candidate.objects.filter(session=session, state__in=["LISTED", "ADMITTED"]))
        before = set(Deadline.objects.open().values_list("pk", flat=True))
        states = set(ExamApplication.objects.values_list("pk", "state"))
        done = cancel(bench, session, now=now, fingerprint=foreseen.fingerprint)
        assert set(foreseen.candidates) == set(done.left) == inside
        after = set(Deadline.objects.open().values_list("pk", flat=True))
        assert before - after == {row.pk for row in foreseen.ending} == {row.pk for row in done.ended}
        assert after <= before
        assert set(ExamApplication.objects.values_list("pk", "state")) == states
        named = [row for row in drafts if row.state == ApplicationState.DRAFT]
        assert {row.pk for row in foreseen.drafts} <= {row.pk for row in named}
        assert not ExamApplication.objects.filter(wished_session=session, state="DRAFT").exists()
    finally:
        transaction.savepoint_rollback(sid)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_cancelled_twice_is_cancelled_once(self, bench, at_once):
        session = bench.ready(size=2)
        fingerprint = cancelling.preview(session, now=NOW).fingerprint
        outcomes = at_once(*[lambda: cancel(bench, session, fingerprint=fingerprint)] * 2)
        assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
        assert TransitionLog.objects.about(session).filter(name="cancel").count() == 1

    def test_cancelling_and_assigning_leave_nobody_in_a_cancelled_session(self, bench, at_once):
        session = bench.session(practical=True)
        first = bench.session(day=date(2026, 4, 29))
        applications = bench.submitted(bench.plan(size=2), first)
        ids = [row.pk for row in bench.candidates(first)]
        assigning.move_to_pool(actor=bench.officer(), now=NOW, candidate_ids=ids, reason="改期")
        fingerprint = cancelling.preview(session, now=NOW).fingerprint
        outcomes = at_once(
            lambda: cancel(bench, session, fingerprint=fingerprint),
            lambda: assigning.assign_to_session(
                actor=bench.officer(),
                now=NOW,
                application_ids=[row.pk for row in applications],
                session_id=session.pk,
            ),
        )
        assert not [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, Refusal)]
        session.refresh_from_db()
        inside = Candidate.objects.filter(session=session, state__in=["LISTED", "ADMITTED"]).count()
        assert (session.state, inside) in {(SessionState.CANCELLED, 0), (SessionState.ANNOUNCED, 2)}
        anchored = Deadline.objects.open().filter(rule__code__in=obligations.ANCHORED_TO_EXAM)
        assert anchored.exists() == (inside > 0)


class TestPages:
    def test_preview_with_numbers_confirmation_and_what_is_seen_after(self, client, bench):
        session = bench.ready(size=2)
        client.force_login(bench.officer())
        url = reverse("exams:session_cancel", args=[session.pk])
        page = client.get(url)
        assert "<strong>2</strong> 名考生转入待安排考试" in page.content.decode()
        assert client.post(url, {"reason": "", "fingerprint": ""}).status_code == 422
        fingerprint = page.context["preview"].fingerprint
        done = client.post(url, {"reason": REASON, "fingerprint": fingerprint}, follow=True)
        assert "场次已取消" in done.content.decode()
        assert "已取消" in client.post(url, {"reason": REASON, "fingerprint": ""}, follow=True).content.decode()
        client.force_login(bench.user("jigou"))
        assert REASON in client.get(reverse("exams:session_detail", args=[session.pk])).content.decode()
        client.force_login(bench.user("sheng-kaowu"))
        plan = ExamPlan.objects.get()
        assert REASON in client.get(reverse("exams:plan_detail", args=[plan.pk])).content.decode()
