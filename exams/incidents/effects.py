"""What incidents do to results, and what stands above exams and is told of it.

``approvals`` registers one follower in ``AppConfig.ready``: it says whether results may still be changed, and proposes
the bar that a decision names. exams never imports it.
"""

from collections.abc import Collection, Iterable
from typing import Protocol

from certification.organisations.access import may
from certification.refusals import Refusal, raise_if
from certification.workflow import apply_one, lock
from exams.day_states import OPEN_INCIDENTS, STANDING_INCIDENTS
from exams.models import Candidate, Effect, ExamSession, Incident, Part, Result
from exams.standards import part_standard
from exams.states import CANDIDATE, CandidateState


class Follower(Protocol):
    """What stands above exams. Runs inside the transaction of the decision."""

    def settled(self, candidate: Candidate):
        """Why the candidate's results can no longer be changed (a Refusal), or None."""

    def propose_bar(self, incident: Incident, *, now) -> None:
        """Propose what the decided incident calls for."""


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Let ``follower`` be asked and told; call in AppConfig.ready."""
    if follower not in _followers:
        _followers.append(follower)


def propose_bar(incident: Incident, *, now) -> None:
    """Tell what stands above that the decision names a bar."""
    for follower in _followers:
        follower.propose_bar(incident, now=now)


def require_changeable(candidate: Candidate) -> None:
    """Raise what stands above has to say against changing the results of ``candidate``."""
    for follower in _followers:
        raise_if(follower.settled(candidate))


def void_parts(session_id: int) -> dict[tuple[int, str], Incident]:
    """Whose result of which part is void by a decision that stands, also while it is reviewed: (candidate id, part) →
    the latest such incident. One query."""
    rows = Incident.objects.filter(
        session=session_id, state__in=STANDING_INCIDENTS, effect__in=[Effect.VOID_PART, Effect.VOID_ALL]
    )
    found = {}
    for row in rows.order_by("pk"):
        parts = [row.part] if row.effect == Effect.VOID_PART and row.part else Part.values
        found |= {(row.candidate_id, part): row for part in parts}
    return found


def unsettled(session_id: int) -> dict[int, str]:
    """Candidates with an incident that nobody settled: their results wait. Candidate id → number. One query."""
    rows = Incident.objects.filter(session=session_id, state__in=OPEN_INCIDENTS, candidate__isnull=False)
    return dict(rows.order_by("-pk").values_list("candidate", "number"))


def against_licence(candidates: Iterable[Candidate]) -> dict[int, Refusal]:
    """Whose exam bears no licence (yet): the outcome is a pass no more, a score that counts was declared void, here or
    in the session that it was carried from, or an incident there is not settled. Candidate id → refusal. Three
    queries."""
    rows = {row.pk: row for row in candidates}
    states = dict(Candidate.objects.filter(pk__in=rows).values_list("pk", "state"))
    results = list(Result.objects.filter(candidate__in=rows).select_related("carried_from").order_by("pk"))
    sat_in = {(row.pk, row.pk) for row in rows.values()}
    sat_in |= {(row.candidate_id, row.carried_from.candidate_id) for row in results if row.carried_from}
    waiting = _open_of({sat for _candidate, sat in sat_in})
    found = {}
    for row in results:
        if (row.carried_from or row).cancelled:
            found.setdefault(row.candidate_id, _void(rows[row.candidate_id], row))
    for pk, row in rows.items():
        if states[pk] != CandidateState.PASSED:
            label = CandidateState(states[pk]).label
            found.setdefault(
                pk, Refusal(f"“{row}”考试结果为“{label}”，不能准予许可。", code="not_passed", clause="规则 8")
            )
    for pk, sat in sorted(sat_in):
        if sat in waiting:
            found.setdefault(pk, _unsettled(rows[pk], waiting[sat]))
    return found


def _open_of(candidate_ids: Collection[int]) -> dict[int, str]:
    rows = Incident.objects.filter(candidate__in=candidate_ids, state__in=OPEN_INCIDENTS)
    return dict(rows.order_by("-pk").values_list("candidate", "number"))


def _void(candidate: Candidate, result: Result) -> Refusal:
    return Refusal(
        f"“{candidate}”的{result.get_part_display()}成绩已因考试异常情况的处理决定无效，不能准予许可。",
        code="score_void",
        clause="规则 8",
        advice="如不予许可，请写明事实、依据和理由。",
    )


def _unsettled(candidate: Candidate, number: str) -> Refusal:
    return Refusal(
        f"“{candidate}”的考试异常情况{number}尚未处理，不能准予许可。",
        code="incident_open",
        clause="规则 8",
        advice="请待异常情况作出处理决定。",
    )


def incidents_of(user, session: ExamSession) -> list[Incident]:
    """The incidents of a session that ``user`` may see, for its pages."""
    if not may(user, "exams.incident.view"):
        return []
    rows = Incident.objects.visible_to(user).filter(session=session)
    return list(rows.for_display().order_by("happened_at", "pk"))


def carry_out(incident: Incident, *, actor, now, reason: str) -> None:
    """A decision was made or revoked: the candidate's results and outcome follow what stands now.

    Raises what stands above has to say against it, once the results are released.
    """
    if incident.candidate_id is None or incident.effect == Effect.NONE:
        return
    (candidate,) = lock(Candidate.objects.filter(pk=incident.candidate_id).select_related("application__rule_edition"))
    if candidate.examined:
        require_changeable(candidate)
    void = {part for candidate_id, part in void_parts(incident.session_id) if candidate_id == candidate.pk}
    for result in lock(Result.objects.filter(candidate=candidate, carried_from__isnull=True)):
        # Where a cancelled score was never entered there is none to give back: whoever enters is told.
        cancelled = result.part in void or (result.score is None and not result.absent)
        standard = part_standard(result.part, candidate.application.rule_edition)
        passed = not cancelled and standard.passed_with(result)
        if (cancelled, passed) != (result.cancelled, result.passed):
            result.cancelled, result.passed = cancelled, passed
            result._history_user, result._history_date, result._change_reason = actor, now, reason[:100]
            result.save(update_fields=["cancelled", "passed"])
    _follow(candidate, bool(void), actor=actor, now=now, reason=reason)


def _follow(candidate: Candidate, void: bool, *, actor, now, reason: str) -> None:
    """The outcome of somebody whose results were released already."""
    if candidate.state == CandidateState.PASSED and void:
        apply_one(CANDIDATE, "void", candidate, actor=actor, now=now, reason=reason)
    elif candidate.state == CandidateState.FAILED and not void:
        results = list(Result.objects.filter(candidate=candidate))
        if results and all(result.passed for result in results):
            apply_one(CANDIDATE, "restore", candidate, actor=actor, now=now, reason=reason)
