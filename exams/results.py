"""Results (rules 8): theory then practical, entered by one person, checked by another, then released."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.urls import reverse
from simple_history.utils import bulk_create_with_history

from certification.deadlines import ledger
from certification.notices.sending import notify_role
from certification.organisations import access, separation
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.refusals import Incomplete, Problem, WrongState
from certification.workflow import activity, apply, apply_one, lock, log
from exams import obligations, standards
from exams.models import Candidate, ExamSession, Part, Result, SessionPart
from exams.seating import locked_session
from exams.states import CANDIDATE, EXAMINED, RESULT, SESSION, CandidateState, ResultState, SessionState


@dataclass(frozen=True)
class Row:
    """What was entered for one candidate in one part: absent, or a score; for the practical part its subscores,
    which add up to the score, and whether the veto item ended it."""

    candidate_id: int
    absent: bool = False
    score: Decimal | None = None
    subscores: dict[str, Decimal] = field(default_factory=dict)
    veto: bool = False


@activity
def enter_results(*, actor, now, session_id: int, part: str, rows: Iterable[Row]) -> list[Result]:
    """Enter or correct results of one part, on or after its day; all or nothing.

    Raises WrongState before that day, Incomplete with every problem of every row: not in this session, outside 0 to
    100, subscores that do not add up, practical without theory passed and checked, already checked.
    """
    access.require(actor, "exams.results.enter")
    session = _held_session(actor, session_id)
    separation.require(actor, Capacity.ENTERS_RESULTS, session)
    part = Part(part)
    _require_day_come(session, part, now)
    rows = [_with_total(row) for row in rows]
    sheet = _Sheet(session, part)
    problems = [problem for number, row in enumerate(rows, 1) for problem in sheet.problems(number, row)]
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
        fields=("absent", "score", "subscores", "veto", "passed", "entered_by", "entered_at"),
    )
    return [*new, *changed]


@activity
def check_results(*, actor, now, session_id: int, part: str) -> list[Result]:
    """Confirm all entered results of one part, by another person than who entered them (rules 4.3).

    Raises Incomplete while somebody who sat the part has no result, SeparationBreach for who entered any.
    """
    access.require(actor, "exams.results.check")
    session = _held_session(actor, session_id)
    separation.require(actor, Capacity.CHECKS_RESULTS, session)
    missing = [row for row in differences(session) if row.column == part and row.code == "missing"]
    if missing:
        raise Incomplete(missing)
    results = lock(Result.objects.filter(candidate__session=session, part=part, state=ResultState.ENTERED))
    if not results:
        raise WrongState(f"{Part(part).label}没有待复核的成绩。")

    def change(row: Result) -> None:
        row.checked_by, row.checked_at = actor, now

    made = apply(RESULT, "check", results, actor=actor, now=now, change=change, fields=("checked_by", "checked_at"))
    return [result.row for result in made]


@activity
def send_back(*, actor, now, session_id: int, part: str, reason: str) -> list[Result]:
    """Send the results of one part back to who enters them, with a reason, before release."""
    access.require(actor, "exams.results.check")
    if not reason.strip():
        raise Incomplete([Problem("请填写退回原因。", field="reason")])
    session = _held_session(actor, session_id)
    separation.require(actor, Capacity.CHECKS_RESULTS, session)
    own = Result.objects.filter(candidate__session=session, part=part, carried_from__isnull=True)
    checked = lock(own.filter(state=ResultState.CHECKED))

    def change(row: Result) -> None:
        row.checked_by = row.checked_at = None

    made = apply(
        RESULT,
        "send_back",
        checked,
        actor=actor,
        now=now,
        reason=reason,
        change=change,
        fields=("checked_by", "checked_at"),
    )
    log([session], "send_back_results", actor=actor, now=now, reason=reason, detail={"part": part})
    notify_role(
        _clerk_role(session),
        session.organiser,
        title=f"场次{session.number}{Part(part).label}成绩退回录入",
        body=reason,
        url=reverse("exams:results", args=[session.pk]),
        now=now,
    )
    return [result.row for result in made]


@activity
def release_results(*, actor, now, session_id: int) -> ExamSession:
    """Release everything: each candidate passes, fails or was absent. Raises Incomplete with all differences."""
    access.require(actor, "exams.results.check")
    session = _held_session(actor, session_id)
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


def differences(session: ExamSession) -> list[Problem]:
    """What stands between the results and their release, one line per candidate and part: missing, not checked,
    practical without theory, entered and checked by one person."""
    found = []
    results = _results_of(session)
    for candidate in examinees(session):
        for part in due_parts(candidate, results.get(candidate.pk, {})):
            result = results.get(candidate.pk, {}).get(part)
            if result is None:
                found.append(_difference(candidate, part, "missing", "未录入成绩"))
            elif result.state == ResultState.ENTERED:
                found.append(_difference(candidate, part, "unchecked", "成绩未复核"))
        found += _superfluous(candidate, results.get(candidate.pk, {}))
    return found


def examinees(session: ExamSession) -> list[Candidate]:
    """Candidates admitted to the session (before or after release), in the order of their tickets."""
    rows = Candidate.objects.filter(session=session, state__in=[CandidateState.ADMITTED, *EXAMINED])
    return list(
        rows.select_related("application__person", "application__institution", "application__rule_edition").order_by(
            "ticket_number", "pk"
        )
    )


def due_parts(candidate: Candidate, results: dict[str, Result]) -> list[Part]:
    """The parts in which the candidate must have a result: practical only once theory is passed."""
    parts = standards.parts_for(candidate.application.kind, candidate.application.rule_edition)
    due = []
    for part in parts:
        due.append(part)
        result = results.get(part)
        if result is None or not result.passed:
            break
    return due


def _held_session(actor, session_id: int) -> ExamSession:
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


class _Sheet:
    """The candidates and results of one part as they stand, locked, and what may be entered for them."""

    def __init__(self, session: ExamSession, part: Part):
        self.part = part
        self.candidates = {row.pk: row for row in examinees(session)}
        rows = Result.objects.filter(candidate__session=session)
        self.results: dict[int, Result] = {}
        self.theory: dict[int, Result] = {}
        for result in lock(rows):
            if result.part == part:
                self.results[result.candidate_id] = result
            if result.part == Part.THEORY:
                self.theory[result.candidate_id] = result

    def problems(self, number: int, row: Row) -> list[Problem]:
        """Everything wrong with one row."""
        candidate = self.candidates.get(row.candidate_id)
        if candidate is None:
            return [Problem("该考生不在本场次的准考名单中。", code="not_admitted", row=number)]
        messages = [*self._standing(candidate), *self._values(candidate, row)]
        name = candidate.application.person.name
        field_ = f"candidate-{candidate.pk}"
        return [
            Problem(f"{name}：{text}", code=code, row=number, field=field_, column=self.part.label)
            for code, text in messages
        ]

    def _standing(self, candidate: Candidate) -> list[tuple[str, str]]:
        found = []
        application = candidate.application
        if self.part not in standards.parts_for(application.kind, application.rule_edition):
            found.append(("no_such_part", f"{application.get_kind_display()}不考{self.part.label}。"))
        result = self.results.get(candidate.pk)
        if result is not None and result.state != ResultState.ENTERED:
            found.append(("already_checked", "成绩已复核，如需更正请复核人退回。"))
        if self.part == Part.PRACTICAL and not self._theory_passed(candidate):
            found.append(("theory_first", "理论成绩合格并复核后方可录入实操成绩。"))
        return found

    def _theory_passed(self, candidate: Candidate) -> bool:
        theory = self.theory.get(candidate.pk)
        return theory is not None and theory.passed and theory.state != ResultState.ENTERED

    def _values(self, candidate: Candidate, row: Row) -> list[tuple[str, str]]:
        if row.absent:
            return [("absent_with_score", "缺考不应有成绩。")] if row.score is not None or row.veto else []
        standard = standards.part_standard(self.part, candidate.application.rule_edition)
        if row.score is None:
            return [("missing", "请录入成绩或勾选缺考。")]
        found = []
        if not 0 <= row.score <= standard.total or row.score != round(row.score, 1):
            found.append(("out_of_range", f"成绩应在 0 至 {standard.total} 之间，最多一位小数。"))
        codes = [subject.code for subject in standard.subjects]
        if codes and row.subscores and set(row.subscores) != set(codes):
            found.append(("subscores_incomplete", f"请录入全部分项成绩（{'、'.join(codes)}）。"))
        if codes and not row.subscores:
            found.append(("subscores_missing", f"请录入分项成绩（{'、'.join(codes)}）。"))
        if any(value < 0 for value in row.subscores.values()):
            found.append(("out_of_range", "分项成绩不能为负数。"))
        if row.subscores and sum(row.subscores.values()) != row.score:
            found.append(("sum", "分项成绩之和与总成绩不一致。"))
        if row.veto and not standard.veto:
            found.append(("no_veto", "该科目不设否决项。"))
        return found


def _with_total(row: Row) -> Row:
    """A practical row may leave its score to the sum of its subscores."""
    if row.absent or row.score is not None or not row.subscores:
        return row
    return Row(row.candidate_id, score=sum(row.subscores.values()), subscores=row.subscores, veto=row.veto)


def _filled(result: Result, row: Row, part: Part, sheet: _Sheet, actor, now) -> Result:
    standard = standards.part_standard(part, sheet.candidates[row.candidate_id].application.rule_edition)
    result.candidate_id = row.candidate_id
    result.part = part
    result.absent = row.absent
    result.score = None if row.absent else row.score
    result.subscores = {code: str(value) for code, value in row.subscores.items()}
    result.veto = row.veto
    result.passed = not row.absent and not row.veto and row.score >= standard.pass_mark
    result.entered_by, result.entered_at = actor, now
    return result


def _results_of(session: ExamSession) -> dict[int, dict[str, Result]]:
    found: dict[int, dict[str, Result]] = {}
    for result in Result.objects.filter(candidate__session=session).order_by("pk"):
        found.setdefault(result.candidate_id, {})[result.part] = result
    return found


def _superfluous(candidate: Candidate, results: dict[str, Result]) -> list[Problem]:
    """Practical results of somebody whose theory was corrected to a failure afterwards."""
    due = due_parts(candidate, results)
    return [
        _difference(candidate, Part(part), "superfluous", "理论未合格，不应有实操成绩")
        for part in results
        if part not in due
    ]


def _difference(candidate: Candidate, part: Part, code: str, text: str) -> Problem:
    name = candidate.application.person.name
    return Problem(
        f"{name}（{candidate.ticket_number}）{part.label}：{text}。", code=code, column=part.value, value=name
    )


def _by_outcome(session: ExamSession) -> dict[str, list[Candidate]]:
    """Locked candidates by the transition that their results call for."""
    results = _results_of(session)
    admitted = Candidate.objects.filter(session=session, state=CandidateState.ADMITTED)
    outcomes: dict[str, list[Candidate]] = {}
    for candidate in lock(admitted.select_related("application__rule_edition")):
        own = results.get(candidate.pk, {})
        last = own[due_parts(candidate, own)[-1]]
        name = "pass" if last.passed else "be_absent" if last.absent else "fail"
        outcomes.setdefault(name, []).append(candidate)
    return outcomes


def _clerk_role(session: ExamSession) -> Role:
    city = session.organiser.kind == "CITY_BUREAU"
    return Role.CITY_RESULTS_CLERK if city else Role.PROVINCIAL_RESULTS_CLERK


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
            now=now,
        )
