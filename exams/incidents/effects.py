"""What incidents do to results, and what stands above exams and is told of it.

``approvals`` registers one follower in ``AppConfig.ready``: it says whether results may still be changed, and proposes
the bar that a decision names. exams never imports it.
"""

from typing import Protocol

from certification.organisations.access import may
from certification.refusals import raise_if
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
