"""Clocks of a decision that stand still for a hearing or an expert appraisal, and go on again (行政许可法第四十五条).

Both act on many people at once with a result per person, and doing the same twice changes nothing: what stands still
already (or goes on already) as wanted is left as it is, and whoever comes second with something else is told so. The
person is locked before the clocks, as the decision does it, so that nothing is decided while a clock stands still.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from approvals.clocks import clock_notices
from approvals.licences.licensing import locked_applicants
from approvals.models import LicenceApplicant
from approvals.states import ENDED, IN_DECISION, LICENCE
from certification import clock
from certification.deadlines import pauses
from certification.deadlines.models import Pause
from certification.organisations import access
from certification.organisations.models import User
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.workdays.wording import full_day
from certification.workflow import Result, activity, apply, log

ACTION = "approvals.pause_clocks"
CLAUSE = "行政许可法第四十五条"


@activity
def pause(
    *, actor, now, applicant_ids: Iterable[int], kind: str, reason: str, expected_on: date | None
) -> list[Result]:
    """Let the promise and the statutory limit of each person stand still from today on; today does not count.

    ``expected_on``: by when it should be over, which the applicant is told with the reason. A result per person, in
    order of their ids; refused per person: not accepted yet or decided already, standing still already. Raises
    NotPermitted, DoesNotExist, Incomplete.
    """
    access.require(actor, ACTION)
    today = clock.day_of(now)
    reason = _checked(kind, reason, expected_on, today)
    applicants = locked_applicants(actor, applicant_ids)
    standing = pauses.running(applicants)
    results, free = [], []
    for applicant in applicants:
        running = standing.get(applicant.pk)
        if running and _is_same(running, actor, kind, reason, expected_on):
            results.append(Result(applicant, from_state=applicant.state, detail={"repeated": True}))
        elif obstacle := _not_to_pause(applicant, running):
            results.append(Result(applicant, obstacle, applicant.state))
        else:
            free.append(applicant)
    if free:
        detail = {"kind": Pause.Kind(kind).label}
        results += apply(LICENCE, "pause", free, actor=actor, now=now, reason=reason, detail=detail)
        started = pauses.pause(free, kind=kind, reason=reason, expected_on=expected_on, now=now, actor=actor)
        clock_notices.tell_paused(free, started, actor=actor, now=now)
    return sorted(results, key=lambda result: result.row.pk)


@activity
def resume(*, actor, now, applicant_ids: Iterable[int], last_day: date, outcome: str) -> list[Result]:
    """Let the clocks go on: ``last_day`` is the last that does not count, ``outcome`` what came of the hearing or
    appraisal. A result per person; refused per person: does not stand still, ``last_day`` before the first day or after
    today. Raises NotPermitted, DoesNotExist, Incomplete.
    """
    access.require(actor, ACTION)
    outcome = outcome.strip()
    if not outcome:
        raise Incomplete([_problem("outcome", "请写明听证或者鉴定、评审的结果。")], clause=CLAUSE)
    applicants = locked_applicants(actor, applicant_ids)
    standing = pauses.running(applicants)
    ended = _last_ended(applicants)
    results, free = [], []
    for applicant in applicants:
        running, before = standing.get(applicant.pk), ended.get(applicant.pk)
        if running is None and before and (before.ends_on, before.ended_by_id) == (last_day, actor.pk):
            results.append(Result(applicant, from_state=applicant.state, detail={"repeated": True}))
        elif obstacle := _not_to_resume(applicant, running, before, last_day, clock.day_of(now)):
            results.append(Result(applicant, obstacle, applicant.state))
        else:
            free.append(applicant)
            results.append(Result(applicant, from_state=applicant.state))
    if free:
        rows = pauses.resume(free, last_day=last_day, now=now, actor=actor)
        detail = {"until": full_day(last_day)}
        log(free, "resume", actor=actor, now=now, reason=outcome, detail=detail)
        stopped = [standing[applicant.pk] for applicant in free]
        clock_notices.tell_resumed(free, stopped, rows, last_day, outcome, actor=actor, now=now)
    return results


def standing_still(applicants: Sequence[LicenceApplicant]) -> dict[int, Refusal]:
    """Why nothing can be decided about those whose clocks stand still, by applicant id. One query."""
    return {
        pk: WrongState(
            f"自{full_day(running.starts_on)}起中止计算期限（{running.get_kind_display()}），尚未恢复，不能作出决定。",
            code="standing_still",
            clause=CLAUSE,
            advice="取得听证笔录或者鉴定、评审结论后，请先恢复计算。",
        )
        for pk, running in pauses.running(applicants).items()
    }


def _checked(kind: str, reason: str, expected_on: date | None, today: date) -> str:
    reason, problems = reason.strip(), []
    if kind not in Pause.Kind.values:
        problems.append(_problem("kind", "请选择中止计算的事由。"))
    if not reason:
        problems.append(_problem("reason", "请写明中止计算的理由。"))
    if expected_on is None:
        problems.append(_problem("expected_on", "请填写预计结束日期：所需时间应当书面告知申请人。"))
    elif expected_on < today:
        problems.append(_problem("expected_on", f"预计结束日期不能早于今天（{full_day(today)}）。", "out_of_range"))
    if problems:
        raise Incomplete(problems, clause=CLAUSE)
    return reason


def _problem(field: str, message: str, code: str = "required") -> Problem:
    return Problem(message, code=code, field=field)


def _is_same(running: Pause, actor: User, kind: str, reason: str, expected_on: date | None) -> bool:
    wanted = (actor.pk, kind, reason, expected_on)
    return wanted == (running.started_by_id, running.kind, running.reason, running.expected_on)


def _not_to_pause(applicant: LicenceApplicant, running: Pause | None) -> Refusal | None:
    if applicant.state not in IN_DECISION:
        return not_in_decision(applicant, "中止计算期限", CLAUSE)
    if running:
        return WrongState(
            f"“{applicant}”已由{running.started_by}自{full_day(running.starts_on)}起中止计算"
            f"（{running.get_kind_display()}）。",
            code="paused_already",
            clause=CLAUSE,
            advice="不必重复办理；事由不同的，请先恢复计算。",
        )
    return None


def not_in_decision(applicant: LicenceApplicant, what: str, clause: str) -> WrongState:
    """What is not accepted has no clock of its decision yet, what is decided has none any more."""
    label = applicant.get_state_display()
    if applicant.state in ENDED:
        return WrongState(f"“{applicant}”{label}，申请已经办结，不能{what}。", clause=clause, advice="请刷新后查看。")
    if applicant.accepted_at is None:
        return WrongState(
            f"“{applicant}”{label}，决定期限自受理起算，不能{what}。", clause=clause, advice="请先决定是否受理。"
        )
    return WrongState(f"“{applicant}”{label}，已经作出决定，不能{what}。", clause=clause, advice="请刷新后查看。")


def _not_to_resume(
    applicant: LicenceApplicant, running: Pause | None, before: Pause | None, last_day: date, today: date
) -> Refusal | None:
    if running is None:
        by = f"，已由{before.ended_by}恢复（中止至{full_day(before.ends_on)}）" if before else ""
        return WrongState(
            f"“{applicant}”不在中止计算期间{by}。", code="not_paused", clause=CLAUSE, advice="请刷新后查看。"
        )
    if not running.starts_on <= last_day <= today:
        message = f"“{applicant}”中止的最后一日应在{full_day(running.starts_on)}至今天（{full_day(today)}）之间。"
        return Incomplete([_problem("last_day", message, "out_of_range")], clause=CLAUSE)
    return None


def _last_ended(applicants: Sequence[LicenceApplicant]) -> dict[int, Pause]:
    ended = Pause.objects.about(list(applicants)).filter(ends_on__isnull=False).select_related("ended_by__person")
    return {row.subject_id: row for row in ended.order_by("ended_at", "pk")}


def last_day_default(running: Iterable[Pause], now: datetime) -> date:
    """The last day that does not count where nobody says otherwise: the one expected, unless it lies ahead."""
    expected = [row.expected_on for row in running if row.expected_on]
    return min([*expected, clock.day_of(now)])
