"""Results (rules 8): theory then practical, entered by one person, checked by another, then released."""

from collections.abc import Iterable

from django.urls import reverse
from simple_history.utils import bulk_create_with_history

from certification.deadlines import ledger
from certification.notices.sending import notify_role
from certification.organisations import access, offices, separation
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.refusals import Incomplete, Problem, WrongState
from certification.workflow import activity, apply, apply_one, lock, log
from exams import standards
from exams.applications import obligations
from exams.models import Candidate, ExamSession, Part, Result, SessionPart
from exams.rooms.seating import locked_session
from exams.scores.rows import Row
from exams.scores.sheets import Sheet
from exams.scores.standing import IN_THE_WAY, differences, due_parts, results_of
from exams.states import CANDIDATE, EXAMINED, RESULT, SESSION, CandidateState, ResultState, SessionState

# What one person says of a result.
SAID = ("absent", "score", "subscores", "veto", "drawn")
CHECKED = ("checked_by", "checked_on_behalf_of", "checked_at")


@activity
def enter_results(*, actor, now, session_id: int, part: str, rows: Iterable[Row]) -> list[Result]:
    """Enter or correct results of one part, on or after its day; all or nothing.

    Raises WrongState before that day, Incomplete with every problem of every row: not in this session, outside 0 to
    100, subscores that do not add up, practical without theory passed and checked, already checked.
    """
    access.require(actor, "exams.results.enter")
    session = held_session(actor, session_id)
    separation.require(actor, Capacity.ENTERS_RESULTS, session)
    part = Part(part)
    _require_day_come(session, part, now)
    rows = [row.with_total() for row in rows]
    sheet = Sheet(session, part, lock(Result.objects.filter(candidate__session=session)))
    problems = [problem for place, row in enumerate(rows, 1) for problem in sheet.problems(row.number or place, row)]
    if len({row.candidate_id for row in rows}) != len(rows):
        problems.append(Problem("同一考生出现多次。", code="twice"))
    if problems:
        raise Incomplete(problems)
    new, changed = [], []
    for row in rows:
        result = sheet.results.get(row.candidate_id)
        (changed if result else new).append(_filled(result or Result(), row, part, sheet, actor, now))
    if new:
        bulk_create_with_history(new, Result, default_user=actor, default_change_reason="录入成绩", default_date=now)
        log(new, "enter", actor=actor, now=now)
    apply(
        RESULT,
        "correct",
        changed,
        actor=actor,
        now=now,
        fields=(*SAID, "passed", "cancelled", "entered_by", "entered_on_behalf_of", "entered_at"),
    )
    return [*new, *changed]


@activity
def check_results(*, actor, now, session_id: int, part: str) -> list[Result]:
    """Confirm all entered results of one part, by another person than who entered them (rules 4.3).

    Raises Incomplete while somebody who sat the part has no result, or one that differs from the second reading or
    contradicts the records of the exam day; SeparationBreach for who entered any.
    """
    access.require(actor, "exams.results.check")
    session = held_session(actor, session_id)
    separation.require(actor, Capacity.CHECKS_RESULTS, session)
    found = [row for row in differences(session) if row.column == part and row.code in IN_THE_WAY]
    if found:
        raise Incomplete(found)
    results = lock(Result.objects.filter(candidate__session=session, part=part, state=ResultState.ENTERED))
    if not results:
        raise WrongState(f"{Part(part).label}没有待复核的成绩。")

    def change(row: Result) -> None:
        row.checked_by, row.checked_on_behalf_of, row.checked_at = actor, actor.acting_for, now

    made = apply(RESULT, "check", results, actor=actor, now=now, change=change, fields=CHECKED)
    return [result.row for result in made]


@activity
def send_back(*, actor, now, session_id: int, part: str, reason: str) -> list[Result]:
    """Send the results of one part back to who enters them, with a reason, before release."""
    access.require(actor, "exams.results.check")
    if not reason.strip():
        raise Incomplete([Problem("请填写退回原因。", field="reason")])
    session = held_session(actor, session_id)
    separation.require(actor, Capacity.CHECKS_RESULTS, session)
    own = Result.objects.filter(candidate__session=session, part=part, carried_from__isnull=True)
    checked = lock(own.filter(state=ResultState.CHECKED))

    def change(row: Result) -> None:
        row.checked_by = row.checked_on_behalf_of = row.checked_at = None

    made = apply(
        RESULT,
        "send_back",
        checked,
        actor=actor,
        now=now,
        reason=reason,
        change=change,
        fields=CHECKED,
    )
    log([session], "send_back_results", actor=actor, now=now, reason=reason, detail={"part": part})
    notify_role(
        offices.results_clerk(session.organiser),
        session.organiser,
        title=f"场次{session.number}{Part(part).label}成绩退回录入",
        body=reason,
        url=reverse("exams:results", args=[session.pk]),
        about=session,
        now=now,
    )
    return [result.row for result in made]


@activity
def release_results(*, actor, now, session_id: int) -> ExamSession:
    """Release everything: each candidate passes, fails or was absent. Raises Incomplete with all differences."""
    access.require(actor, "exams.results.check")
    session = held_session(actor, session_id)
    separation.require(actor, Capacity.CHECKS_RESULTS, session)
    problems = differences(session)
    if problems:
        raise Incomplete(problems)
    results = lock(Result.objects.filter(candidate__session=session, state=ResultState.CHECKED))

    def change(row: Result) -> None:
        row.released_at = now

    apply(RESULT, "release", results, actor=actor, now=now, change=change, fields=("released_at",))
    for name, candidates in _by_outcome(session).items():
        apply(CANDIDATE, name, candidates, actor=actor, now=now)
    apply_one(SESSION, "release", session, actor=actor, now=now)
    ledger.meet(obligations.RESULTS_RELEASE, [session], now=now, actor=actor)
    _tell_institutions(session, now)
    return session


def held_session(actor, session_id: int) -> ExamSession:
    """The session, locked; raises WrongState unless the exam was held and nothing is released."""
    session = locked_session(actor, session_id)
    if session.state != SessionState.HELD:
        raise WrongState(
            f"场次{session.number}当前状态为“{session.get_state_display()}”，不能办理成绩。",
            advice="开考后、公布前方可录入和复核成绩。",
        )
    return session


def _require_day_come(session: ExamSession, part: Part, now) -> None:
    day = SessionPart.objects.filter(session=session, part=part).values_list("day", flat=True).first()
    if day and now.date() < day:
        raise WrongState(f"{part.label}考试在{day:%Y-%m-%d}，尚未进行，不能录入成绩。", code="too_early")


def _filled(result: Result, row: Row, part: Part, sheet: Sheet, actor, now) -> Result:
    standard = standards.part_standard(part, sheet.candidates[row.candidate_id].application.rule_edition)
    result.candidate_id = row.candidate_id
    result.part = part
    row.put_into(result)
    result.drawn = row.drawn
    result.cancelled = sheet.cancelled(row.candidate_id)
    result.passed = not result.cancelled and standard.passed_with(row)
    result.entered_by, result.entered_on_behalf_of, result.entered_at = actor, actor.acting_for, now
    return result


def _by_outcome(session: ExamSession) -> dict[str, list[Candidate]]:
    """Locked candidates by the transition that their results call for."""
    results = results_of(session)
    admitted = Candidate.objects.filter(session=session, state=CandidateState.ADMITTED)
    outcomes: dict[str, list[Candidate]] = {}
    for candidate in lock(admitted.select_related("application__rule_edition")):
        own = results.get(candidate.pk, {})
        last = own[due_parts(candidate, own)[-1]]
        name = "pass" if last.passed else "be_absent" if last.absent else "fail"
        outcomes.setdefault(name, []).append(candidate)
    return outcomes


def _tell_institutions(session: ExamSession, now) -> None:
    institutions = Organisation.objects.filter(
        pk__in=Candidate.objects.filter(session=session, state__in=EXAMINED).values("application__institution")
    )
    for institution in institutions.order_by("pk"):
        notify_role(
            Role.INSTITUTION_FILER,
            institution,
            title=f"场次{session.number}考试成绩已公布",
            url=reverse("exams:session_detail", args=[session.pk]),
            about=session,
            now=now,
        )
