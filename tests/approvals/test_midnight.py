"""Every rule at midnight in Asia/Shanghai: 23:59 of its last day is in time, 00:01 of the next day is not (rules 2.5).

The clock passes midnight, the sweep runs, then somebody acts. What comes too late is refused, is taken and marked late,
or finds that the case has been moved; what only warns changes nothing. Nothing is ever approved because time ran out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

import pytest

from approvals.licences import acceptance, deciding, licensing, serving
from approvals.models import Decision, LicenceApplicant, Review
from approvals.reviews import reviewing
from certification.catalogue.models import ApplicationKind
from certification.deadlines import ledger
from certification.deadlines.models import Deadline
from certification.deadlines.sweep import sweep
from certification.inspections.checklists import Finding
from certification.refusals import TooLate
from certification.rulebook import lookup
from certification.spreadsheets.columns import Record
from exams.applications import applying
from exams.models import Candidate, ExamApplication, ExamPlan, Part, Result
from exams.plans import planning
from exams.scores import rechecks
from exams.scores.rows import Row
from exams.sessions import assigning
from exams.states import CandidateState
from exams.tours import touring
from tests.approvals.cases import make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, RELEASED, SUBMITTED, granted, ids_of, reconciled, submitted
from tests.exams.conftest import CLASS_START, EXAM_ON, PHOTO, TODAY, Bench
from tests.factories import at as moment
from tests.factories import working_day
from tests.training.conftest import VALUES, record
from training.models import TrainingPlan
from training.plans import acknowledging, filing
from training.plans.plan_entry import TeacherEntry
from training.rosters import submitting

RENEWAL = ApplicationKind.RENEWAL


@pytest.fixture
def bench(world, at) -> Bench:
    at(moment(TODAY))
    return Bench(world, count(1))


@dataclass
class Obligation:
    """What has to be done, and by which moment: ``act(now)`` does it; ``check_late`` looks at what came of lateness."""

    last_day: date
    act: Callable
    check_late: Callable[[], None] = lambda: None


def _open(rule: str) -> Deadline:
    return Deadline.objects.get(rule__code=rule, closed_at=None)


# Training


def plan_filing(bench) -> Obligation:
    draft = filing.save_draft(
        actor=bench.user("jigou"),
        now=moment(date(2026, 3, 2)),
        teachers=[TeacherEntry(one.name, one.number, "电工基础") for one in bench.world.invented(1)],
        **VALUES,
        job_type=bench.world.job_type("0101"),
    )

    def act(now):
        return filing.file_plan(actor=bench.user("jigou"), now=now, plan_id=draft.pk)

    return Obligation(date(2026, 4, 9), act, lambda: _still(TrainingPlan, draft, "DRAFT"))


def plan_answer(bench) -> Obligation:
    plan = plan_filing(bench).act(moment(date(2026, 3, 2)))
    reviewer = bench.user("shi-shenhe")
    acknowledging.return_plan(
        actor=reviewer,
        now=moment(date(2026, 3, 3)),
        receipt_id=plan.receipts.get(recipient=reviewer.organisation).pk,
        reason="师资不足",
    )

    def act(now):
        return filing.refile_plan(actor=bench.user("jigou"), now=now, plan_id=plan.pk)

    return Obligation(VALUES["class_start"] - timedelta(days=1), act, lambda: _still(TrainingPlan, plan, "RETURNED"))


def roster(bench) -> Obligation:
    act_of_filing = plan_filing(bench)
    plan = act_of_filing.act(moment(date(2026, 3, 2)))
    rows: list[Record] = [record(3, one) for one in bench.world.invented(1)]

    def act(now):
        return submitting.submit_roster(actor=bench.user("jigou"), now=now, plan_id=plan.pk, records=rows)

    return Obligation(VALUES["class_start"], act, lambda: _none(plan.rosters))


# Examinations


def materials_initial(bench) -> Obligation:
    session = bench.session()
    (row,) = bench.drafts(bench.plan(size=1), session)
    return Obligation(date(2026, 4, 8), _submit(bench, row, session), lambda: _kept_in_draft(row))


def materials_renewal(bench) -> Obligation:
    (row,) = bench.drafts(bench.plan(RENEWAL, size=1))
    return Obligation(CLASS_START, _submit(bench, row), lambda: _kept_in_draft(row))


def exam_plan(bench) -> Obligation:
    session = bench.session()
    plan = planning.save_exam_plan(actor=bench.officer(), now=moment(TODAY), title="考试计划", session_ids=[session.pk])

    def act(now):
        return planning.file_exam_plan(actor=bench.officer(), now=now, plan_id=plan.pk)

    return Obligation(date(2026, 4, 8), act, lambda: _still(ExamPlan, plan, "DRAFT"))


def exam_plan_answer(bench) -> Obligation:
    plan = bench.planned(bench.session())
    planning.return_exam_plan(actor=bench.user("sheng-kaowu"), now=moment(TODAY), plan_id=plan.pk, reason="请补充")

    def act(now):
        return planning.file_exam_plan(actor=bench.officer(), now=now, plan_id=plan.pk)

    return Obligation(EXAM_ON - timedelta(days=1), act, lambda: _still(ExamPlan, plan, "RETURNED"))


def hours_proof(bench) -> Obligation:
    session = bench.session(practical=False)
    row = _renewal_in(bench, session)
    bench.move("clear", [row])
    bench.rooms(session)

    def act(now):
        return applying.attach_material(
            actor=bench.user("jigou"),
            now=now,
            application_id=row.pk,
            kind="HOURS_PROOF",
            content=PHOTO,
            name="学时.jpg",
        )

    def nobody_admitted():
        done = bench.seated(session, now=moment(EXAM_ON, 0, 2))
        assert [refusal.code for _row, refusal in done.unseated] == ["hours_unconfirmed"]

    return Obligation(date(2026, 4, 14), act, nobody_admitted)


# Reviews


def preliminary_review(bench) -> Obligation:
    session = bench.session()
    (row,) = bench.submitted(bench.plan(size=1), session)
    return Obligation(date(2026, 4, 10), _review(bench, row, "PRELIMINARY", "shi-shenhe"), _marked_late)


def city_review_report(bench) -> Obligation:
    row = _renewal_in(bench, bench.session(practical=False))
    act = _review(bench, row, "CITY_REVIEW", "shi-shenhe", conditional=True)
    return Obligation(date(2026, 4, 14), act, _marked_late)


def final_review(bench) -> Obligation:
    session = bench.session()
    (row,) = bench.submitted(bench.plan(size=1), session)
    bench.move("forward", [row])
    return Obligation(date(2026, 4, 14), _review(bench, row, "FINAL", "sheng-shenhe"), _moved_to_the_pool)


def direct_review(bench) -> Obligation:
    session = bench.session(code="0801")
    (row,) = bench.submitted(bench.plan(size=1, code="0801"), session)
    return Obligation(date(2026, 4, 14), _review(bench, row, "DIRECT", "sheng-shenhe"), _moved_to_the_pool)


# After the exam


def exam_held(bench) -> Obligation:
    """Sixty calendar days from 9 March end on 8 May; the session is held on the day on which somebody acts."""
    sessions = {day: bench.session(day=day) for day in (date(2026, 5, 8), date(2026, 5, 9))}
    rows = {day: bench.submitted(bench.plan(size=1), session)[0] for day, session in sessions.items()}
    for day, session in sessions.items():
        bench.clear([rows[day]])
        bench.planned(session)
        bench.rooms(session)
        bench.seated(session)

    def act(now):
        held = bench.held(sessions[now.date()], now=now)
        ledger.close("exam_held", [row for day, row in rows.items() if day != now.date()], now=now, reason="另一场次")
        return held

    return Obligation(date(2026, 5, 8), act)


def results_release(bench) -> Obligation:
    session = bench.ready(size=1)
    bench.held(session)
    (candidate,) = bench.candidates(session)
    bench.enter(session, "THEORY", [Row(candidate.pk, score=Decimal(90))])
    bench.check(session, "THEORY")
    bench.enter(session, "PRACTICAL", [bench.practical(candidate)])
    bench.check(session, "PRACTICAL")
    return Obligation(date(2026, 4, 29), lambda now: bench.release(session, now=now))


def score_recheck(bench) -> Obligation:
    obligation = results_release(bench)
    obligation.act(moment(EXAM_ON, 20))
    asked_at = moment(date(2026, 4, 16))
    (result,) = Result.objects.filter(part=Part.PRACTICAL)
    asked = rechecks.request(actor=bench.user("jigou"), now=asked_at, result_id=result.pk, reason="评分表漏计。")
    rechecks.find(actor=bench.user("shi-luru"), now=asked_at, recheck_id=asked.pk, finding="没有漏计。")

    def act(now):
        return rechecks.answer(actor=bench.user("shi-fuhe"), now=now, recheck_id=asked.pk, text="核查无误。")

    return Obligation(date(2026, 4, 30), act)


def tour(remedy: str, last_day: date) -> Callable[[Bench], Obligation]:
    """What was found on an inspection tour on the day of the exam is mended within the days of ``remedy``."""

    def make(bench) -> Obligation:
        session = bench.ready(size=1)
        bench.held(session)
        findings = (Finding("staff", "SERIOUS", "监考员只有一人到岗。"),)
        common = {"session_id": session.pk, "findings": findings, "remedy": remedy}
        row = touring.record(actor=bench.user("sheng-xunkao"), now=moment(EXAM_ON, 10), **common)

        def act(now):
            return touring.answer(actor=bench.officer(), now=now, tour_id=row.pk, text="已补派监考员。")

        return Obligation(last_day, act)

    return make


def licence_submission(bench) -> Obligation:
    group = _examined(bench)
    officer = bench.user("shi-kaowu")
    batch = licensing.prepare(actor=officer, now=RELEASED, session_id=group.session.pk)

    def act(now):
        return licensing.submit(actor=officer, now=now, batch_id=batch.pk, receipt_number="PT2026-1")

    return Obligation(_open("licence_submission").due_on, act)


def acceptance_of_a_licence(bench) -> Obligation:
    batch = submitted(bench.world, _examined(bench))

    def act(now):
        return acceptance.accept(actor=bench.user("sheng-shouli"), now=now, applicant_ids=ids_of(batch))

    last_day = _open("acceptance").due_on
    assert last_day == working_day(SUBMITTED.date(), 5)
    return Obligation(last_day, act, lambda: _undecided("SUBMITTED"))


def decision(bench) -> Obligation:
    batch = reconciled(bench.world, _examined(bench))

    def act(now):
        return deciding.grant(actor=bench.user("sheng-shenpi"), now=now, applicant_ids=ids_of(batch))

    last_day = _open("decision").due_on
    assert last_day == working_day(SUBMITTED.date(), 10)
    return Obligation(last_day, act, _never_decided)


def service(bench) -> Obligation:
    batch = granted(bench.world, _examined(bench))

    def act(now):
        return serving.serve(
            actor=bench.user("sheng-shouli"),
            now=now,
            decision_ids=list(Decision.objects.filter(applicant__batch=batch).values_list("pk", flat=True)),
            method="THROUGH_INSTITUTION",
            evidence="回证第1号",
        )

    last_day = _open("service").due_on
    assert last_day == working_day(DECIDED.date(), 10)
    return Obligation(last_day, act)


# Rule, how the obligation comes about, and what lateness does: REFUSED, MARKED late and taken, or MOVED to the pool.
REFUSED, MARKED, MOVED = "refused", "marked late", "moved to the pool"
TABLE = (
    ("plan_filing", plan_filing, REFUSED),
    ("plan_answer", plan_answer, REFUSED),
    ("roster", roster, REFUSED),
    ("materials_initial", materials_initial, REFUSED),
    ("materials_renewal", materials_renewal, REFUSED),
    ("exam_plan", exam_plan, REFUSED),
    ("exam_plan_answer", exam_plan_answer, REFUSED),
    ("hours_proof", hours_proof, REFUSED),
    ("preliminary_review", preliminary_review, MARKED),
    ("city_review_report", city_review_report, MARKED),
    ("final_review", final_review, MOVED),
    ("direct_review", direct_review, MOVED),
    ("exam_held", exam_held, MARKED),
    ("results_release", results_release, MARKED),
    ("score_recheck", score_recheck, MARKED),
    ("tour_urgent", tour("tour_urgent", date(2026, 4, 20)), MARKED),
    ("tour_serious", tour("tour_serious", date(2026, 4, 22)), MARKED),
    ("tour_ordinary", tour("tour_ordinary", date(2026, 4, 29)), MARKED),
    ("licence_submission", licence_submission, MARKED),
    ("acceptance", acceptance_of_a_licence, MARKED),
    ("decision", decision, MARKED),
    ("service", service, MARKED),
)
NAMES = [rule for rule, *_more in TABLE]
# The statutory twin of the promise, and the remedies of spot checks (tests/training/test_spot_checks.py).
ELSEWHERE = {"decision_statutory", "remedy_urgent", "remedy_serious", "remedy_ordinary"}


@pytest.mark.parametrize(("rule", "make", "late_is"), TABLE, ids=NAMES)
def test_a_minute_before_midnight_is_in_time(bench, at, rule, make, late_is):
    obligation = make(bench)
    last_minute = at(moment(obligation.last_day, 23, 59))
    assert sweep(now=last_minute).failed == []
    assert not Deadline.objects.filter(rule__code=rule, breached_at__isnull=False).exists()
    _done(obligation.act(last_minute))
    met = Deadline.objects.filter(rule__code=rule, met_at=last_minute)
    assert {(row.due_on, row.state_at(last_minute)) for row in met} == {(obligation.last_day, Deadline.State.MET)}


@pytest.mark.parametrize(("rule", "make", "late_is"), TABLE, ids=NAMES)
def test_a_minute_after_midnight_is_not(bench, at, rule, make, late_is):
    obligation = make(bench)
    too_late = at(moment(obligation.last_day + timedelta(days=1), 0, 1))
    opened_before = Deadline.objects.filter(rule__code=rule, closed_at=None).exists()
    assert sweep(now=too_late).failed == []
    breached = Deadline.objects.filter(rule__code=rule, breached_at=too_late)
    assert breached.exists() is opened_before
    if rule == "decision":
        obligation.check_late()
    if late_is is REFUSED:
        with pytest.raises(TooLate):
            _done(obligation.act(too_late))
        assert not Deadline.objects.filter(rule__code=rule, met_at__isnull=False).exists()
    else:
        _done(obligation.act(too_late))
    if late_is is MARKED:
        met = Deadline.objects.filter(rule__code=rule, met_at=too_late)
        assert {row.state_at(too_late) for row in met} == {Deadline.State.MET_LATE}
    if rule not in ("decision", "acceptance"):
        obligation.check_late()


def test_the_table_names_every_deadline_rule(bench):
    assert {rule.code for rule in lookup.rules(TODAY, "deadline")} - set(NAMES) == ELSEWHERE


def _done(result):
    """Raise the refusal of the first row of a bulk result."""
    for row in result if isinstance(result, list) else ():
        if row.refusal:
            raise row.refusal
    return result


def _submit(bench, row, session=None):
    def act(now):
        if session and not ExamApplication.objects.get(pk=row.pk).wished_session_id:
            _done(
                applying.choose_session(
                    actor=bench.user("jigou"), now=now, application_ids=[row.pk], session_id=session.pk
                )
            )
        return applying.submit_applications(actor=bench.user("jigou"), now=now, application_ids=[row.pk])

    return act


def _review(bench, row, stage: str, by: str, **kwargs):
    def act(now):
        return reviewing.review(
            actor=bench.user(by), now=now, application_ids=[row.pk], stage=stage, outcome="PASS", **kwargs
        )

    return act


def _renewal_in(bench, session) -> ExamApplication:
    (row,) = bench.submitted(bench.plan(RENEWAL, size=1))
    (done,) = assigning.assign_to_session(
        actor=bench.officer(), now=moment(TODAY), application_ids=[row.pk], session_id=session.pk
    )
    assert done.ok, done.refusal
    return row


def _examined(bench):
    group = make_group(bench.world, 1, state="CLEARED")
    take_exam(bench.world, group)
    return group


def _still(model, row, state: str) -> None:
    assert model.objects.get(pk=row.pk).state == state


def _none(rows) -> None:
    assert not rows.exists()


def _kept_in_draft(row) -> None:
    """Nothing of the draft is lost; it names no session any more."""
    row = ExamApplication.objects.get(pk=row.pk)
    assert (row.state, row.wished_session) == ("DRAFT", None)
    assert row.materials.filter(replaced_at=None).exists()


def _marked_late() -> None:
    assert Review.objects.get().late
    assert Candidate.objects.get().state == CandidateState.LISTED


def _moved_to_the_pool() -> None:
    assert Candidate.objects.get().state == CandidateState.MOVED


def _undecided(state: str) -> None:
    assert set(LicenceApplicant.objects.values_list("state", flat=True)) == {state}


def _never_decided() -> None:
    assert not Decision.objects.exists()
