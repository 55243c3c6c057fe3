"""Approving drafts of decisions, or sending them back: the second official, or the head (行政许可法第三十四条).

An approved draft is the decision, in the same transaction: it meets everything that a decision meets, once more, and
both names stand on it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.urls import reverse

from approvals.cases import take
from approvals.licences import deciding
from approvals.licences.approving import APPROVE, CONFIRM, SIGNED, Approval, Needs, sign
from approvals.licences.licensing import locked_applicants
from approvals.models import DecisionOutcome, DecisionProposal, LicenceApplicant
from approvals.states import PROPOSAL, ProposalState
from certification.notices.sending import Message, send
from certification.organisations import access, separation
from certification.organisations.access import may
from certification.organisations.models import User
from certification.organisations.separation import Capacity
from certification.refusals import Incomplete, NotPermitted, Problem, Refusal, raise_if
from certification.workflow import Result, activity, apply, log


@activity
def approve(*, actor, now, proposal_ids: Iterable[int], opinion: str = "") -> list[Result]:
    """Approve drafts and so decide: numbers, certificates, letters and clocks as in ``deciding``. A result per draft,
    in order of their ids; one that was answered meanwhile, or against which something stands by now, is refused alone.

    Raises NotPermitted, DoesNotExist.
    """
    access.require(actor, CONFIRM)
    found = DecisionProposal.objects.visible_to(actor).filter(pk__in=list(proposal_ids))
    applicants = {row.pk: row for row in locked_applicants(actor, found.values_list("applicant", flat=True))}
    drafts = _drafts(actor, proposal_ids)
    waiting = [row for row in drafts if row.state == ProposalState.PROPOSED]
    obstacles = _against(waiting, applicants, actor, now)
    decided = _decide(waiting, applicants, obstacles, actor=actor, now=now)

    def check(draft: DecisionProposal) -> None:
        raise_if(decided.get(draft.applicant_id))

    return apply(
        PROPOSAL,
        "approve",
        drafts,
        actor=actor,
        now=now,
        reason=opinion.strip(),
        check=check,
        change=lambda row: sign(row, actor=actor, now=now, opinion=opinion.strip()),
        fields=SIGNED,
    )


@activity
def send_back(*, actor, now, proposal_ids: Iterable[int], opinion: str) -> list[Result]:
    """Give drafts back with the reason, and tell who drafted them; a result per draft. Raises Incomplete."""
    access.require(actor, CONFIRM)
    opinion = opinion.strip()
    if not opinion:
        raise Incomplete([Problem("请写明退回的理由。", code="required", field="opinion")])
    drafts = _drafts(actor, proposal_ids)
    kept = not_theirs(drafts, actor)
    results = apply(
        PROPOSAL,
        "send_back",
        drafts,
        actor=actor,
        now=now,
        reason=opinion,
        check=lambda row: raise_if(kept.get(row.pk)),
        change=lambda row: sign(row, actor=actor, now=now, opinion=opinion),
        fields=SIGNED,
    )
    made = [result.row for result in results if result.ok]
    log([row.applicant for row in made], "send_back_decision", actor=actor, now=now, reason=opinion)
    send([_sent_back(row, opinion) for row in made], now=now)
    return results


def _sent_back(draft: DecisionProposal, opinion: str) -> Message:
    return Message(
        recipient_id=draft.proposed_by_id,
        title=f"拟办意见被退回：{draft.applicant}（{draft.get_outcome_display()}）",
        body=f"退回理由：{opinion}",
        url=reverse("approvals:applicant", args=[draft.applicant_id]),
        about=draft.applicant,
    )


def _drafts(actor, proposal_ids: Iterable[int]) -> list[DecisionProposal]:
    related = ("applicant__candidate__application__person", "proposed_by__person", "proposed_on_behalf_of__person")
    return take(DecisionProposal.objects.select_related(*related), actor, proposal_ids)


def not_theirs(drafts: Iterable[DecisionProposal], actor) -> dict[int, Refusal]:
    """Which drafts ``actor`` cannot answer, and why: draft id → refusal. The head approves where the head is asked, and
    nobody confirms a draft of their own."""
    drafts = list(drafts)
    found: dict[int, Refusal] = dict(separation.breaches(actor, Capacity.CONFIRMS, drafts))
    if not may(actor, APPROVE):
        found |= {row.pk: _head_asked(row) for row in drafts if row.needs == Needs.HEAD}
    return found


def _head_asked(draft: DecisionProposal) -> NotPermitted:
    return NotPermitted(f"“{draft}”的拟办意见须由省级负责人批准。", clause="方案三（四）")


def _against(drafts: Sequence[DecisionProposal], applicants, actor, now) -> dict[int, Refusal]:
    """What stands against each draft by now: applicant id → refusal. What would stop the one who drafted it stops it,
    too."""
    found: dict[int, Refusal] = {}
    by_drafter: dict[tuple[int, int | None], list[DecisionProposal]] = defaultdict(list)
    for draft in drafts:
        by_drafter[draft.proposed_by_id, draft.proposed_on_behalf_of_id].append(draft)
    people = [(actor, drafts), *((_as_then(rows[0]), rows) for rows in by_drafter.values())]
    for who, rows in people:
        for outcome, judge in _JUDGES.items():
            concerned = [applicants[row.applicant_id] for row in rows if row.outcome == outcome]
            found = judge(concerned, who, now) | found
    theirs = {row.pk: row.applicant_id for row in drafts}
    return found | {theirs[pk]: refusal for pk, refusal in not_theirs(drafts, actor).items()}


_JUDGES = {
    DecisionOutcome.GRANTED: deciding.grant_obstacles,
    DecisionOutcome.REFUSED: lambda rows, who, now: deciding.refusal_obstacles(rows, who, now, drafts=False),
}


def _as_then(draft: DecisionProposal) -> User:
    """Who drafted it, acting for whom they then acted for."""
    who = draft.proposed_by
    who.acting_for = draft.proposed_on_behalf_of
    return who


def _decide(
    drafts: Sequence[DecisionProposal],
    applicants: Mapping[int, LicenceApplicant],
    obstacles: Mapping[int, Refusal],
    *,
    actor,
    now,
) -> dict[int, Refusal]:
    """Make the decisions; what was refused: applicant id → refusal."""
    approvals = {row.applicant_id: Approval(row.proposed_by, row.proposed_on_behalf_of) for row in drafts}
    granting = [applicants[row.applicant_id] for row in drafts if row.outcome == DecisionOutcome.GRANTED]
    results = deciding.grant_locked(granting, obstacles, approvals, actor=actor, now=now)
    refused = {result.row.pk: result.refusal for result in results if not result.ok}
    for draft in (row for row in drafts if row.outcome == DecisionOutcome.REFUSED):
        row = applicants[draft.applicant_id]
        try:
            raise_if(obstacles.get(row.pk))
            texts = {"facts": draft.facts, "basis": draft.basis, "reasons": draft.reasons}
            deciding.refuse_locked(row, texts, approvals[row.pk], actor=actor, now=now)
        except Refusal as refusal:
            refused[row.pk] = refusal
    return refused
