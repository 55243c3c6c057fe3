"""What follows from an incident (rules 8): an officer proposes it, a named head decides, apart from who proposed and
who reported; the candidate may have it reviewed by another.
"""

from datetime import date, timedelta

from certification import clock
from certification.organisations import access, separation
from certification.organisations.separation import Capacity
from certification.refusals import Incomplete, Problem, WrongState
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from certification.workflow import activity, apply_one
from exams.day_states import INCIDENT
from exams.incidents import acts, effects
from exams.incidents.acts import Act
from exams.incidents.incident_notices import (
    tell_decided,
    tell_dismissed,
    tell_proposed,
    tell_review_asked,
    tell_sent_back,
)
from exams.incidents.reporting import locked_incident
from exams.models import Effect, Incident, IncidentKind

PROPOSE = "exams.incident.propose"
DECIDE = "exams.incident.decide"
REVIEW = "exams.incident.review"


@activity
def propose(*, actor, now, incident_id: int, effect: str, proposal: str, barred: bool = False) -> Incident:
    """The organiser's officer puts before the head what should follow; what concerns nobody's results is settled with
    it at once.

    Raises Incomplete: an effect that the act does not have, no facts, or the candidate not heard; SeparationBreach.
    """
    access.require(actor, PROPOSE)
    incident = locked_incident(actor, incident_id)
    access.require_own(actor, incident.session.organiser_id)
    if incident.candidate:
        separation.require(actor, Capacity.PROPOSES_PENALTY, incident)
    act = acts.of(lookup.edition_on(incident.session.starts_on)).get(incident.act)
    problems = _proposal_problems(incident, act, effect, barred, proposal)
    if problems:
        raise Incomplete(problems, clause=incident.clause)
    settles = incident.candidate is None or incident.kind in (IncidentKind.EMERGENCY, IncidentKind.EQUIPMENT)

    def change(row: Incident) -> None:
        row.effect, row.barred, row.proposal = effect, barred, proposal.strip()
        row.proposed_by, row.proposed_on_behalf_of, row.proposed_at = actor, actor.acting_for, now

    apply_one(
        INCIDENT,
        "settle" if settles else "propose",
        incident,
        actor=actor,
        now=now,
        reason=proposal.strip(),
        change=change,
        fields=("effect", "barred", "proposal", "proposed_by", "proposed_on_behalf_of", "proposed_at"),
    )
    if not settles:
        tell_proposed(incident, now=now)
    return incident


@activity
def decide(*, actor, now, incident_id: int, decision: str) -> Incident:
    """The organiser's head decides as it was proposed: results become void, a bar is proposed where it was named,
    institution and officers are told. The days for a review begin when the candidate is (``tell``).

    Raises Incomplete, NotPermitted, SeparationBreach (who proposed, staffed or reported does not decide), WrongState.
    """
    incident = _to_decide(actor, incident_id, decision)

    def change(row: Incident) -> None:
        _sign(row, decision, actor=actor, now=now)

    apply_one(INCIDENT, "decide", incident, actor=actor, now=now, reason=decision.strip(), change=change, fields=SIGNED)
    effects.carry_out(incident, actor=actor, now=now, reason=f"{incident.number} {incident.act_text}")
    if incident.barred:
        effects.propose_bar(incident, now=now)
    tell_decided(incident, incident.get_effect_display(), now=now)
    return incident


@activity
def dismiss(*, actor, now, incident_id: int, decision: str) -> Incident:
    """The head finds that nothing follows. Raises as ``decide``."""
    incident = _to_decide(actor, incident_id, decision)

    def change(row: Incident) -> None:
        _sign(row, decision, actor=actor, now=now)

    apply_one(
        INCIDENT, "dismiss", incident, actor=actor, now=now, reason=decision.strip(), change=change, fields=SIGNED
    )
    tell_dismissed(incident, now=now)
    return incident


@activity
def send_back(*, actor, now, incident_id: int, decision: str) -> Incident:
    """The head wants more to be found out before deciding. Raises as ``decide``."""
    incident = _to_decide(actor, incident_id, decision)
    apply_one(INCIDENT, "send_back", incident, actor=actor, now=now, reason=decision.strip())
    tell_sent_back(incident, now=now)
    return incident


@activity
def tell(*, actor, now, incident_id: int, told_on: date | None, told_how: str) -> Incident:
    """The candidate was told of the decision, when and how: from then on the days for a review count (calendar days,
    that day not among them). Raises Incomplete, NotPermitted, WrongState (nothing was decided, or they know it)."""
    access.require(actor, PROPOSE)
    incident = locked_incident(actor, incident_id)
    access.require_own(actor, incident.session.organiser_id)
    if incident.decided_by_id is None or incident.told_on is not None:
        raise WrongState(f"“{incident}”没有需要告知的处理决定，或者已经告知。", advice="请刷新后查看。")
    problems = [] if told_how.strip() else [Problem("请写明告知方式和凭证。", code="required", field="told_how")]
    if told_on is None or not clock.day_of(incident.decided_at) <= told_on <= clock.day_of(now):
        problems.append(Problem("告知日期应在决定之日至今天之间。", code="out_of_range", field="told_on"))
    if problems:
        raise Incomplete(problems)

    def change(row: Incident) -> None:
        row.told_on, row.told_how = told_on, told_how.strip()
        row.review_until = told_on + timedelta(days=acts.review_days(clock.day_of(row.decided_at)))

    fields = ("told_on", "told_how", "review_until")
    reason = f"{plain_day(told_on)}：{told_how.strip()}"
    apply_one(INCIDENT, "tell", incident, actor=actor, now=now, reason=reason, change=change, fields=fields)
    return incident


@activity
def ask_review(*, actor, now, incident_id: int, request: str) -> Incident:
    """The candidate asked, within the days of the setting since they were told, to have the decision reviewed; the
    officer writes it down. A review does not stop the decision, and takes nobody's right to appeal to law."""
    access.require(actor, PROPOSE)
    incident = locked_incident(actor, incident_id)
    access.require_own(actor, incident.session.organiser_id)
    if not request.strip():
        raise Incomplete([Problem("请写明复核请求和理由。", code="required", field="request")])
    if incident.review_until and clock.day_of(now) > incident.review_until:
        raise WrongState(
            f"申请复核的期限至{plain_day(incident.review_until)}，已过。",
            code="too_late",
            advice="本人仍可依法申请行政复议或者提起行政诉讼。",
        )

    def change(row: Incident) -> None:
        row.review_request = request.strip()

    apply_one(
        INCIDENT,
        "ask_review",
        incident,
        actor=actor,
        now=now,
        reason=request.strip(),
        change=change,
        fields=("review_request",),
    )
    tell_review_asked(incident, now=now)
    return incident


@activity
def review(*, actor, now, incident_id: int, upheld: bool, decision: str) -> Incident:
    """The provincial head upholds the decision or revokes it, never who made it. Revoked, the results stand again.

    Raises Incomplete, NotPermitted, SeparationBreach, WrongState.
    """
    access.require(actor, REVIEW)
    incident = locked_incident(actor, incident_id)
    if not decision.strip():
        raise Incomplete([Problem("请写明复核决定的理由。", code="required", field="decision")])
    separation.require(actor, Capacity.REVIEWS_PENALTY, incident)

    def change(row: Incident) -> None:
        row.review_decision, row.reviewed_at = decision.strip(), now
        row.reviewed_by, row.reviewed_on_behalf_of = actor, actor.acting_for

    fields = ("review_decision", "reviewed_by", "reviewed_on_behalf_of", "reviewed_at")
    name = "uphold" if upheld else "revoke"
    apply_one(INCIDENT, name, incident, actor=actor, now=now, reason=decision.strip(), change=change, fields=fields)
    if not upheld:
        effects.carry_out(incident, actor=actor, now=now, reason=f"{incident.number} 复核撤销")
    tell_decided(incident, incident.get_state_display(), now=now)
    return incident


def _to_decide(actor, incident_id: int, decision: str) -> Incident:
    access.require(actor, DECIDE)
    incident = locked_incident(actor, incident_id)
    access.require_own(actor, incident.session.organiser_id)
    if not decision.strip():
        raise Incomplete([Problem("请写明理由。", code="required", field="decision")])
    separation.require(actor, Capacity.DECIDES_PENALTY, incident)
    return incident


SIGNED = ("decision", "decided_by", "decided_on_behalf_of", "decided_at")


def _sign(incident: Incident, decision: str, *, actor, now) -> None:
    incident.decision, incident.decided_at = decision.strip(), now
    incident.decided_by, incident.decided_on_behalf_of = actor, actor.acting_for


def _proposal_problems(incident: Incident, act: Act | None, effect: str, barred: bool, proposal: str) -> list[Problem]:
    problems = [] if proposal.strip() else [Problem("请写明事实、依据和处理意见。", code="required", field="proposal")]
    allowed = act.effects if act else (Effect.NONE,)
    if effect not in allowed:
        problems.append(Problem("该情形不能作此处理。", field="effect"))
    if barred and not (act and act.bar):
        problems.append(Problem("该情形不提请禁考。", field="barred"))
    if incident.candidate_id and (effect != Effect.NONE or barred) and not incident.statement:
        problems.append(
            Problem("尚未记录考生的陈述申辩，不能提出处理意见。", field="proposal", advice="请先记录陈述。")
        )
    return problems
