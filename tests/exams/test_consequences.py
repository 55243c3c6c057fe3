"""What missed deadlines do, by the sweep, and what keeps the province and the city on their days (rules 2.5, 2.8)."""

from datetime import date

import pytest

from certification.catalogue.models import ApplicationKind
from certification.deadlines import ledger
from certification.deadlines.models import Deadline
from certification.deadlines.sweep import sweep
from certification.notices.models import Notice
from exams.applications import applying, obligations
from exams.models import Candidate, Seat
from exams.sessions import assigning
from exams.states import ApplicationState as A
from exams.states import CandidateState
from tests.exams.conftest import EXAM_ON, PHOTO, TODAY
from tests.factories import at as moment

# Working days before Wednesday 2026-04-15: one is 04-14, three 04-10, five 04-08.
ONE, THREE = date(2026, 4, 14), date(2026, 4, 10)


def swept(at, day):
    at(moment(day, 0, 1))
    done = sweep(now=moment(day, 0, 1))
    assert done.failed == []
    return done


def due(rule, row):
    return ledger.find(rule, row).due_on


def test_deadlines_of_each_route_open_with_the_session(bench):
    session = bench.session()
    (initial,) = bench.submitted(bench.plan(size=1), session)
    assert (due("preliminary_review", initial), due("final_review", initial)) == (THREE, ONE)
    assert ledger.find("direct_review", initial) is None
    (renewal,) = bench.submitted(bench.plan(ApplicationKind.RENEWAL, size=1))
    assert ledger.find("city_review_report", renewal) is None
    assigning.assign_to_session(
        actor=bench.officer(), now=moment(TODAY), application_ids=[renewal.pk], session_id=session.pk
    )
    assert (due("city_review_report", renewal), due("hours_proof", renewal)) == (ONE, ONE)
    province = bench.session(code="0801")
    (direct,) = bench.submitted(bench.plan(size=1, code="0801"), province)
    assert direct.state == A.DIRECT_REVIEW
    assert due("direct_review", direct) == ONE


def test_each_tier_meets_its_own_deadline(bench):
    session = bench.session()
    (row,) = bench.submitted(bench.plan(size=1), session)
    bench.move("forward", [row])
    assert ledger.find("preliminary_review", row).met_at is not None
    assert ledger.find("final_review", row).met_at is None
    bench.move("return_to_city", [row], by="sheng-shenhe", reason="请核对学历")
    # What the city forwarded in time stays so; its answer is in time until the province's own day (rules 2.8).
    assert ledger.find("preliminary_review", row).met_at == moment(TODAY)
    assert ledger.find("final_review", row).met_at is None
    bench.move("forward", [row])
    bench.move("clear", [row], by="sheng-shenhe")
    assert ledger.find("final_review", row).met_at is not None


def test_not_cleared_in_time_carries_over_and_everybody_is_told(bench, at):
    session = bench.session()
    kept, late = bench.submitted(bench.plan(size=2), session)
    bench.clear([kept])
    bench.rooms(session)
    bench.seated(session)
    swept(at, EXAM_ON)
    states = {row.application_id: row.state for row in bench.candidates(session)}
    assert states == {kept.pk: CandidateState.ADMITTED, late.pk: CandidateState.MOVED}
    late.refresh_from_db()
    assert late.state == A.PRELIMINARY_REVIEW
    told = set(Notice.objects.values_list("recipient__username", flat=True))
    assert {"jigou", "shi-kaowu", "shi-shenhe", "sheng-shenhe"} <= told
    again = swept(at, EXAM_ON)
    assert again.followed_up == 0


def test_a_missed_city_review_warns_and_may_still_be_sent(bench, at):
    session = bench.session()
    (row,) = bench.submitted(bench.plan(size=1), session)
    swept(at, date(2026, 4, 11))
    assert Notice.objects.filter(recipient__username="sheng-shenhe").exists()
    (result,) = bench.move("forward", [row], now=moment(date(2026, 4, 11)))
    assert result.ok
    assert Candidate.objects.get().state == CandidateState.LISTED


def test_no_proof_of_hours_takes_the_admission_away(bench, at):
    session = bench.session(practical=False)
    with_proof, without = bench.submitted(bench.plan(ApplicationKind.RENEWAL, size=2))
    assigning.assign_to_session(
        actor=bench.officer(),
        now=moment(TODAY),
        application_ids=[with_proof.pk, without.pk],
        session_id=session.pk,
    )
    bench.move("clear", [with_proof, without])
    applying.attach_material(
        actor=bench.user("jigou"),
        now=moment(ONE, 23, 59),
        application_id=with_proof.pk,
        kind="HOURS_PROOF",
        content=PHOTO,
        name="学时.jpg",
    )
    swept(at, EXAM_ON)
    assert ledger.find(obligations.HOURS_PROOF, with_proof).met_at is not None
    assert ledger.find(obligations.HOURS_PROOF, without).breached_at is not None
    bench.rooms(session)
    done = bench.seated(session, now=moment(EXAM_ON, 1))
    assert [refusal.code for _row, refusal in done.unseated] == ["hours_unconfirmed", "hours_unconfirmed"]


def test_the_proof_of_hours_is_refused_a_minute_late(bench):
    session = bench.session(practical=False)
    (row,) = bench.submitted(bench.plan(ApplicationKind.RENEWAL, size=1))
    assigning.assign_to_session(
        actor=bench.officer(), now=moment(TODAY), application_ids=[row.pk], session_id=session.pk
    )
    with pytest.raises(Exception, match="学时证明") as refused:
        applying.attach_material(
            actor=bench.user("jigou"),
            now=moment(EXAM_ON, 0, 0),
            application_id=row.pk,
            kind="HOURS_PROOF",
            content=PHOTO,
            name="学时.jpg",
        )
    assert refused.value.code == "too_late"


def test_an_objection_takes_the_seat_and_a_refusal_ends_the_case(bench):
    session = bench.session(practical=False)
    (row,) = bench.submitted(bench.plan(ApplicationKind.RENEWAL, size=1))
    bench.give_papers([row], now=moment(TODAY), later=True)
    assigning.assign_to_session(
        actor=bench.officer(), now=moment(TODAY), application_ids=[row.pk], session_id=session.pk
    )
    bench.move("clear", [row])
    bench.rooms(session)
    assert len(bench.seated(session).seated) == 1
    bench.move("object", [row], by="sheng-shenhe", reason="证书已过期")
    assert not Seat.objects.exists()
    assert ledger.find("city_review_report", row).met_at is None
    bench.move("propose_refusal", [row], reason="证书已过期")
    bench.move("refuse", [row], by="sheng-shenhe", reason="证书已过期")
    assert Candidate.objects.get().state == CandidateState.WITHDRAWN
    assert not Deadline.objects.unmet().exists()
