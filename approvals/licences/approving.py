"""Which decisions need a second official or the head, and the drafts (拟办意见) that wait for them.

行政许可法第三十四条; rules ``two_officials`` and ``head_approval`` of the edition in force. A draft is no decision: the
clocks run on until it is approved, and nothing is approved because time ran out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count
from django.urls import reverse
from simple_history.utils import bulk_create_with_history

from approvals.cases import take
from approvals.models import DecisionProposal, LicenceApplicant
from approvals.states import PROPOSAL, ProposalState
from certification import clock
from certification.notices.sending import notify_role
from certification.organisations import access
from certification.organisations.models import Organisation, User
from certification.organisations.roles import Role
from certification.refusals import Refusal
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from certification.workflow import Result, activity, apply, lock, log

CONFIRM = "approvals.confirm_decisions"
APPROVE = "approvals.approve_decisions"
CLAUSE = "行政许可法第三十四条"
Needs = DecisionProposal.Needs


@dataclass(frozen=True)
class Approval:
    """Who drafted a decision that somebody else now approves."""

    proposed_by: User
    proposed_on_behalf_of: User | None


def needed(applicants: Sequence[LicenceApplicant], outcome: str, day: date) -> dict[int, Needs]:
    """Whose decision with ``outcome`` somebody else has to confirm: applicant id → who. One query."""
    edition = lookup.edition_on(day)
    head = lookup.values("decision", "head_approval", edition)
    second = lookup.values("decision", "two_officials", edition)["second_for"]
    rows = LicenceApplicant.objects.filter(batch__in={row.batch_id for row in applicants}).order_by()
    sizes = dict(rows.values_list("batch").annotate(count=Count("pk")))
    found: dict[int, Needs] = {}
    for row in applicants:
        if outcome in head["always_for"] or sizes[row.batch_id] > head["above"]:
            found[row.pk] = Needs.HEAD
        elif outcome in second:
            found[row.pk] = Needs.SECOND
    return found


def waiting(applicants: Sequence[LicenceApplicant]) -> dict[int, Refusal]:
    """Who has a draft that waits for approval, as what stands against deciding about them. One query."""
    rows = DecisionProposal.objects.filter(
        applicant__in=[row.pk for row in applicants], state=ProposalState.PROPOSED
    ).select_related("proposed_by__person", "proposed_on_behalf_of__person")
    return {row.applicant_id: _waits(row) for row in rows}


def checker_apart(day: date) -> bool:
    """Whether whoever checked scores and names is not to decide."""
    return lookup.values("decision", "two_officials", day)["checker_apart"]


def put_forward(
    applicants: Sequence[LicenceApplicant],
    needs: Mapping[int, Needs],
    outcome: str,
    *,
    actor,
    now,
    facts: str = "",
    basis: str = "",
    reasons: str = "",
) -> list[DecisionProposal]:
    """Keep a draft for each of the locked applicants and tell those who approve. Part of an activity."""
    if not applicants:
        return []
    drafts = [
        DecisionProposal(
            applicant=row,
            needs=needs[row.pk],
            outcome=outcome,
            facts=facts,
            basis=basis,
            reasons=reasons,
            proposed_by=actor,
            proposed_on_behalf_of=actor.acting_for,
            proposed_at=now,
        )
        for row in applicants
    ]
    bulk_create_with_history(drafts, DecisionProposal, default_user=actor, default_date=now)
    log(applicants, "propose_decision", actor=actor, now=now, reason=reasons, detail={"outcome": drafts[0].outcome})
    _tell_approvers(drafts, now=now)
    return drafts


@activity
def withdraw(*, actor, now, proposal_ids: Iterable[int]) -> list[Result]:
    """Take one's own drafts back while they wait; a result per draft."""
    access.require(actor, "approvals.decide_licences")
    drafts = take(DecisionProposal.objects.select_related("applicant__candidate"), actor, proposal_ids)

    def check(row: DecisionProposal) -> None:
        if row.proposed_by_id != actor.pk:
            raise Refusal(f"拟办意见由{row.proposed_by_name}提出，只能由本人撤回。", code="not_own")

    results = apply(PROPOSAL, "withdraw", drafts, actor=actor, now=now, check=check)
    log([r.row.applicant for r in results if r.ok], "withdraw_decision", actor=actor, now=now)
    return results


def end(applicants: Sequence[LicenceApplicant], *, actor, now, reason: str) -> None:
    """End the drafts that wait about people whose applications are over; inside the activity that ended these."""
    drafts = lock(DecisionProposal.objects.filter(applicant__in=applicants, state=ProposalState.PROPOSED))
    apply(PROPOSAL, "end", drafts, actor=actor, now=now, reason=reason)


SIGNED = ("answered_by", "answered_on_behalf_of", "answered_at", "opinion")


def sign(row: DecisionProposal, *, actor, now: datetime, opinion: str) -> None:
    """Put the answer's name and day on a draft."""
    row.answered_by, row.answered_on_behalf_of = actor, actor.acting_for
    row.answered_at, row.opinion = now, opinion


def _waits(row: DecisionProposal) -> Refusal:
    return Refusal(
        f"{row.proposed_by_name}已于{plain_day(clock.day_of(row.proposed_at))}拟办（{row.get_outcome_display()}），"
        f"等待{row.get_needs_display()}。",
        code="proposed",
        clause=CLAUSE if row.needs == Needs.SECOND else "方案三（四）",
        advice="批准或者退回以后才能另行处理。",
    )


def _tell_approvers(drafts: Sequence[DecisionProposal], *, now) -> None:
    centre = Organisation.objects.provincial_centre()
    roles = {Needs.HEAD: Role.PROVINCIAL_HEAD, Needs.SECOND: Role.PROVINCIAL_DECISION_MAKER}
    for needs, role in roles.items():
        named = [row for row in drafts if row.needs == needs]
        if named:
            notify_role(
                role,
                centre,
                title=f"拟办意见待{needs.label}：{named[0].get_outcome_display()}，{len(named)}人",
                body="、".join(str(row.applicant) for row in named[:20]),
                url=reverse("approvals:confirming"),
                about=[row.applicant for row in named],
                now=now,
            )
