"""How the scores of a session stand: who must have one, who has, and what still keeps them from being released."""

from collections import defaultdict
from collections.abc import Iterable

from certification.refusals import Problem
from exams import standards
from exams.incidents.effects import unsettled as unsettled_incidents
from exams.models import Candidate, ExamSession, Part, Result, ResultReading
from exams.scores import day_records
from exams.scores.day_records import DayRecords, Said
from exams.scores.rows import differing
from exams.states import EXAMINED, CandidateState, ResultState

# Those about the scores themselves: a part with one of them is not confirmed.
IN_THE_WAY = ("missing", "reading", "unread", "signed_in", "not_in_room", "cancelled", "not_cancelled")


def differences(session: ExamSession) -> list[Problem]:
    """What stands between the scores and their release, one line per candidate and part: missing, not checked,
    different from the second reading, against the records of the exam day, practical without theory."""
    found = []
    results, readings, said = results_of(session), _readings(session), day_records.of(session)
    unsettled = unsettled_incidents(session.pk)
    for candidate in examinees(session):
        if candidate.pk in unsettled:
            text = f"异常情况{unsettled[candidate.pk]}尚未处理"
            found.append(_difference(candidate, Part.THEORY, "incident_open", text))
        own = results.get(candidate.pk, {})
        for part in due_parts(candidate, own):
            result = own.get(part)
            if result is None:
                found.append(_difference(candidate, part, "missing", "未录入成绩"))
                continue
            if result.state == ResultState.ENTERED:
                found.append(_difference(candidate, part, "unchecked", "成绩未复核"))
            if result.carried_from_id is None:
                found += _against_reading(candidate, part, result, readings.get((candidate.pk, part)))
                found += _against_the_day(candidate, part, result, said)
        found += _superfluous(candidate, own)
    return found


def examinees(session: ExamSession) -> list[Candidate]:
    """Candidates admitted to the session (before or after release), in the order of their tickets."""
    rows = Candidate.objects.filter(session=session, state__in=[CandidateState.ADMITTED, *EXAMINED])
    return list(
        rows.select_related("application__person", "application__institution", "application__rule_edition").order_by(
            "ticket_number", "pk"
        )
    )


def to_be_scored(session: ExamSession, part: str) -> list[Candidate]:
    """Who is to have a score in ``part`` of the session, in the order of their tickets: not whose score is carried over
    from an earlier session, and in practice not who has not passed the theory, as far as it is entered."""
    results = results_of(session)
    return [row for row in examinees(session) if _is_scored(results.get(row.pk, {}), part)]


def _is_scored(own: dict[str, Result], part: str) -> bool:
    result, theory = own.get(part), own.get(Part.THEORY)
    if result is not None and result.carried_from_id:
        return False
    return part != Part.PRACTICAL or theory is None or theory.passed


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


def results_of(session: ExamSession) -> dict[int, dict[str, Result]]:
    """Every result of the session: candidate id → part → result. One query."""
    return by_candidate(Result.objects.filter(candidate__session=session).order_by("pk"))


def by_candidate(results: Iterable[Result]) -> dict[int, dict[str, Result]]:
    """The results of each candidate, by part."""
    found: dict[int, dict[str, Result]] = defaultdict(dict)
    for result in results:
        found[result.candidate_id][result.part] = result
    return found


def _readings(session: ExamSession) -> dict[tuple[int, str], ResultReading]:
    rows = ResultReading.objects.filter(candidate__session=session)
    return {(row.candidate_id, row.part): row for row in rows}


def _against_reading(candidate: Candidate, part: Part, result: Result, reading: ResultReading | None) -> list[Problem]:
    if result.state == ResultState.RELEASED:
        return []
    if reading is None:
        required = standards.second_reading_required(candidate.application.rule_edition)
        return [_difference(candidate, part, "unread", "没有复核人的核对成绩")] if required else []
    return [
        _difference(candidate, part, "reading", f"{name}录入{entered or '空'}，复核人核对{read or '空'}")
        for name, entered, read in differing(result, reading)
    ]


def _against_the_day(candidate: Candidate, part: Part, result: Result, said: DayRecords) -> list[Problem]:
    record = said.get((candidate.pk, part))
    if result.cancelled and (record is None or record.said is not Said.CANCELLED):
        return [_difference(candidate, part, "not_cancelled", "取消成绩的违纪处理已撤销，成绩应当更正")]
    if record is None or result.state == ResultState.RELEASED:
        return []
    why = f"（{record.reason}）" if record.reason else ""
    if record.said is Said.CANCELLED and not result.cancelled:
        return [_difference(candidate, part, "cancelled", f"违纪处理取消成绩{why}，录入的成绩应当更正")]
    if record.said is Said.PRESENT and result.absent:
        return [_difference(candidate, part, "signed_in", f"录入缺考，而签到记录为已到考{why}")]
    if record.said is Said.ABSENT and not result.absent:
        return [_difference(candidate, part, "not_in_room", f"录入成绩，而签到记录为未到考{why}")]
    return []


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
