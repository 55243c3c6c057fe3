"""Re-checking a released score at the candidate's request: asked for by the institution, looked into by one person of
the organiser, answered by another (rules 4.3). The score stands until the answer; nothing follows from silence.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.urls import reverse

from certification import clock
from certification.deadlines import ledger
from certification.notices.sending import notify_role
from certification.organisations import access, offices, separation
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.records.models.numbers import next_number
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.workdays import calendars
from certification.workdays.counting import Calendar
from certification.workdays.wording import plain_day
from certification.workflow import activity, apply, apply_one, lock, log
from exams import standards
from exams.incidents import effects
from exams.models import Candidate, ExamApplication, Part, Result, ScoreRecheck
from exams.scores.rows import Row, differing
from exams.scores.sheets import Sheet
from exams.scores.standing import due_parts
from exams.states import CANDIDATE, IN_SESSION, RECHECK, RESULT, CandidateState, RecheckState, ResultState

DEADLINE = "score_recheck"
REQUEST, VIEW = "exams.recheck.request", "exams.recheck.view"


@activity
def request(*, actor, now, result_id: int, reason: str) -> ScoreRecheck:
    """Ask to have a released score re-checked, once, within the edition's working days after its release.

    Raises Incomplete without a reason, WrongState where it is not released, was carried over, was asked for before or
    comes too late.
    """
    access.require(actor, REQUEST)
    if not reason.strip():
        raise Incomplete([Problem("请写明申请复核的理由。", code="required", field="reason")])
    visible = Result.objects.filter(candidate__in=Candidate.objects.visible_to(actor))
    (result,) = lock(visible.filter(pk=result_id)) or [None]
    if result is None:
        raise Result.DoesNotExist
    application = _application(result)
    access.require_own(actor, application.institution_id)
    if refusal := not_open(result, now.date()):
        raise refusal
    recheck = ScoreRecheck(
        result=result,
        number=f"CF-{now.year}-{next_number('CF', now.year):05d}",
        reason=reason.strip(),
        requested_by=actor,
        requested_at=now,
        before=kept(result),
    )
    recheck._history_date = now
    recheck.save(force_insert=True)
    log([recheck], "request", actor=actor, now=now, reason=reason)
    organiser = result.candidate.session.organiser
    ledger.open_deadline(
        DEADLINE,
        recheck,
        event_on=now.date(),
        responsible=organiser,
        institution=application.institution,
        organiser=organiser,
        now=now,
        edition=application.rule_edition,
    )
    _tell(offices.results_clerk(organiser), organiser, f"成绩复核申请{recheck.number}待核查", recheck, now)
    return recheck


def not_open(result: Result, today: date, calendar: Calendar | None = None) -> Refusal | None:
    """Why no re-check of the result can be asked for on ``today``; None where one can. Pass the ``calendar`` where many
    are asked about."""
    if result.state != ResultState.RELEASED or result.carried_from_id:
        return WrongState("该成绩不是本场次公布的成绩，不能申请复核。", code="not_released")
    if any(each.state != RecheckState.WITHDRAWN for each in result.rechecks.all()):
        return WrongState("该科成绩已经申请过复核。", code="asked_before", clause="规则 8")
    last = last_day(result, calendar)
    if today > last:
        return WrongState(f"申请复核应在{plain_day(last)} 24:00 前提出，现已逾期。", code="too_late", clause="规则 8")
    return None


def last_day(result: Result, calendar: Calendar | None = None) -> date:
    """The last day on which a re-check of the released result can be asked for."""
    released = clock.day_of(result.released_at)
    days = standards.recheck_days(result.candidate.application.rule_edition)
    return (calendar or calendars.current()).shift(released, days).date


@activity
def find(*, actor, now, recheck_id: int, finding: str, row: Row | None = None) -> ScoreRecheck:
    """Say what the original records show, and the score that follows where it is another than the released one.

    Raises Incomplete without a finding or with a score that cannot be, WrongState where it is not waiting for this.
    """
    access.require(actor, "exams.results.enter")
    recheck = _locked(actor, recheck_id)
    candidate = recheck.result.candidate
    separation.require(actor, Capacity.INVESTIGATES_RECHECK, recheck)
    problems = [] if finding.strip() else [Problem("请写明核查情况。", code="required", field="finding")]
    if row is not None:
        row = replace(row.with_total(), candidate_id=candidate.pk)
        problems += _wrong(recheck.result, row)
    if problems:
        raise Incomplete(problems)

    def change(found: ScoreRecheck) -> None:
        found.finding, found.found_at = finding.strip(), now
        found.found_by, found.found_on_behalf_of = actor, actor.acting_for
        found.corrected = kept(row) if row is not None and differing(row, recheck.result) else {}

    fields = ("finding", "corrected", "found_by", "found_on_behalf_of", "found_at")
    apply_one(RECHECK, "find", recheck, actor=actor, now=now, reason=finding, change=change, fields=fields)
    organiser = candidate.session.organiser
    _tell(offices.results_checker(organiser), organiser, f"成绩复核申请{recheck.number}待审定", recheck, now)
    return recheck


@activity
def answer(*, actor, now, recheck_id: int, text: str) -> ScoreRecheck:
    """Confirm what was found, by another person: the score stands, or is corrected with everything that follows.

    Raises SeparationBreach for whoever looked into it or entered the score; WrongState where the exam's outcome would
    change under a retake that is arranged or a licence that was granted.
    """
    access.require(actor, "exams.results.check")
    recheck = _locked(actor, recheck_id)
    separation.require(actor, Capacity.ANSWERS_RECHECK, recheck)
    if not text.strip():
        raise Incomplete([Problem("请写明答复。", code="required", field="text")])
    if recheck.corrected and recheck.state == RecheckState.FOUND:
        _correct(recheck, actor=actor, now=now)
    name = "correct" if recheck.corrected else "uphold"
    return _end(name, recheck, text, actor=actor, now=now)


@activity
def send_back(*, actor, now, recheck_id: int, reason: str) -> ScoreRecheck:
    """What was found does not convince: it is looked into again."""
    access.require(actor, "exams.results.check")
    recheck = _locked(actor, recheck_id)
    separation.require(actor, Capacity.ANSWERS_RECHECK, recheck)
    _require_reason(reason)
    apply_one(RECHECK, "send_back", recheck, actor=actor, now=now, reason=reason)
    organiser = recheck.result.candidate.session.organiser
    _tell(offices.results_clerk(organiser), organiser, f"成绩复核申请{recheck.number}退回重新核查", recheck, now)
    return recheck


@activity
def decline(*, actor, now, recheck_id: int, reason: str) -> ScoreRecheck:
    """Turn the request down without looking into it, with the reason told to the institution."""
    access.require(actor, "exams.results.check")
    recheck = _locked(actor, recheck_id)
    separation.require(actor, Capacity.ANSWERS_RECHECK, recheck)
    _require_reason(reason)
    return _end("decline", recheck, reason, actor=actor, now=now)


@activity
def withdraw(*, actor, now, recheck_id: int, reason: str) -> ScoreRecheck:
    """The institution takes the request back; another may be made while the days for it run."""
    access.require(actor, REQUEST)
    recheck = _visible(actor, recheck_id)
    access.require_own(actor, _application(recheck.result).institution_id)
    _require_reason(reason)
    apply_one(RECHECK, "withdraw", recheck, actor=actor, now=now, reason=reason)
    ledger.close(DEADLINE, [recheck], now=now, reason="撤回申请")
    return recheck


def _correct(recheck: ScoreRecheck, *, actor, now) -> None:
    """Change the released score, and the outcome of the exam where it follows from it."""
    result = recheck.result
    (candidate,) = lock(Candidate.objects.filter(pk=result.candidate_id).select_related("application__rule_edition"))
    row = _row(recheck.corrected, candidate.pk)
    standard = standards.part_standard(result.part, candidate.application.rule_edition)
    passes = not result.cancelled and standard.passed_with(row)
    if passes != result.passed:
        _require_free(candidate)

    def change(found: Result) -> None:
        row.put_into(found)
        found.passed = passes

    fields = ("absent", "score", "veto", "subscores", "passed")
    detail = {"recheck": recheck.number}
    apply_one(RESULT, "recheck", result, actor=actor, now=now, change=change, fields=fields, detail=detail)
    own = {each.part: each for each in Result.objects.filter(candidate=candidate)}
    name, state = _outcome(candidate, own)
    if state != candidate.state:
        if candidate.state == CandidateState.PASSED:
            effects.require_changeable(candidate)
        apply(CANDIDATE, name, [candidate], actor=actor, now=now, reason=f"成绩复核{recheck.number}", detail=detail)


def _outcome(candidate: Candidate, own: dict[str, Result]) -> tuple[str, CandidateState]:
    last = own.get(due_parts(candidate, own)[-1])
    if last is None:
        # A part that was never sat because the one before had failed: the exam is not passed by that.
        return "recheck_fail", CandidateState.FAILED
    if last.passed:
        return "recheck_pass", CandidateState.PASSED
    if last.absent:
        return "recheck_absent", CandidateState.ABSENT
    return "recheck_fail", CandidateState.FAILED


def _require_free(candidate: Candidate) -> None:
    """A retake that is arranged already would rest on the old score."""
    later = Candidate.objects.filter(application=candidate.application_id, state__in=IN_SESSION)
    if found := later.select_related("session").first():
        raise WrongState(
            f"该考生已安排在场次{found.session.number}补考。",
            code="retake_arranged",
            advice="更正后是否合格有变的，请先由考务人员将其转入待安排。",
        )


def _wrong(result: Result, row: Row) -> list[Problem]:
    session = result.candidate.session
    sheet = Sheet(session, Part(result.part), list(Result.objects.filter(candidate__session=session)))
    return [replace(problem, field="", row=None) for problem in sheet.problems(0, row, reading=True)]


def _end(name: str, recheck: ScoreRecheck, text: str, *, actor, now) -> ScoreRecheck:
    def change(found: ScoreRecheck) -> None:
        found.answer, found.answered_at = text.strip(), now
        found.answered_by, found.answered_on_behalf_of = actor, actor.acting_for

    fields = ("answer", "answered_by", "answered_on_behalf_of", "answered_at")
    apply_one(RECHECK, name, recheck, actor=actor, now=now, reason=text, change=change, fields=fields)
    ledger.meet(DEADLINE, [recheck], now=now, actor=actor)
    institution = _application(recheck.result).institution
    title = f"成绩复核申请{recheck.number}已答复：{recheck.get_state_display()}"
    _tell(Role.INSTITUTION_FILER, institution, title, recheck, now, body=recheck.answer)
    return recheck


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Incomplete([Problem("请填写原因。", code="required", field="reason")])


def _visible(actor, recheck_id: int) -> ScoreRecheck:
    rows = ScoreRecheck.objects.visible_to(actor).filter(pk=recheck_id)
    found = lock(rows.select_related("result__candidate__session__organiser"))
    if not found:
        raise ScoreRecheck.DoesNotExist
    return found[0]


def _locked(actor, recheck_id: int) -> ScoreRecheck:
    recheck = _visible(actor, recheck_id)
    access.require_own(actor, recheck.result.candidate.session.organiser_id)
    (recheck.result,) = lock(
        Result.objects.filter(pk=recheck.result_id).select_related(
            "candidate__session__organiser", "candidate__application__person", "candidate__application__rule_edition"
        )
    )
    return recheck


def _application(result: Result) -> ExamApplication:
    return ExamApplication.objects.select_related("institution", "rule_edition").get(pk=result.candidate.application_id)


def _tell(role: Role, organisation, title: str, recheck: ScoreRecheck, now, *, body: str = "") -> None:
    url = reverse("exams:recheck", args=[recheck.pk])
    notify_role(role, organisation, title=title, body=body, url=url, about=recheck, now=now)


def kept(said: Row | Result) -> dict:
    """A score as a request keeps it."""
    return {
        "absent": said.absent,
        "score": None if said.score is None else str(said.score),
        "subscores": {code: str(value) for code, value in said.subscores.items()},
        "veto": said.veto,
    }


def _row(kept: dict, candidate_id: int) -> Row:
    return Row(
        candidate_id,
        absent=kept["absent"],
        score=None if kept["score"] is None else Decimal(kept["score"]),
        subscores={code: Decimal(value) for code, value in kept["subscores"].items()},
        veto=kept["veto"],
    )


def words(kept: dict) -> str:
    """A kept score in words, for pages."""
    if not kept:
        return ""
    if kept["absent"]:
        return "缺考"
    parts = "，".join(f"{code} {value}" for code, value in kept["subscores"].items())
    veto = "，否决项" if kept["veto"] else ""
    return f"{kept['score']}" + (f"（{parts}）" if parts else "") + veto
