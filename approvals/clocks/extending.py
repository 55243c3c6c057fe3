"""The one extension of the statutory limit (行政许可法第四十二条): proposed by whoever handles the case, approved or
declined by the provincial head, who never prepares what they approve; the applicant is told with the reason.

The rule's extension days come on top of the limit; the promise is not extended. A second extension is impossible: the
deadline refuses it, and so does the database.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from simple_history.utils import bulk_create_with_history

from approvals.cases import take
from approvals.clocks import clock_notices
from approvals.clocks.pausing import not_in_decision
from approvals.licences.licensing import DECISION_STATUTORY, locked_applicants
from approvals.models import ExtensionProposal, LicenceApplicant
from approvals.states import EXTENSION, IN_DECISION, ExtensionState
from certification.deadlines import ledger, pauses
from certification.notices.sending import notify, notify_role
from certification.notices.subjects import Cases
from certification.organisations import access, separation
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.rulebook import lookup
from certification.workdays.wording import full_day
from certification.workflow import Result, activity, apply, apply_one, lock, log

PROPOSE = "approvals.propose_extension"
APPROVE = "approvals.approve_extension"
CLAUSE = "行政许可法第四十二条"


@activity
def propose(*, actor, now, applicant_ids: Iterable[int], reason: str) -> list[Result]:
    """Ask the head to extend the statutory limit of each person, with the reason that the applicant will be told.

    A result per person, with the proposal as its row where it was made. Refused per person: not accepted or decided
    already, extended or proposed before, the limit is over. Raises NotPermitted, DoesNotExist, Incomplete.
    """
    access.require(actor, PROPOSE)
    reason = _required(reason, "请写明延长的理由：批准后将告知申请人。")
    applicants = locked_applicants(actor, applicant_ids)
    obstacles = separation.breaches(actor, Capacity.PROPOSES_EXTENSION, applicants) | obstacles_for(applicants, now)
    waiting = _waiting(applicants)
    results, free = [], []
    for applicant in applicants:
        proposal = waiting.get(applicant.pk)
        if proposal and (proposal.proposed_by_id, proposal.reason) == (actor.pk, reason):
            results.append(Result(proposal, detail={"repeated": True}))
        elif obstacle := obstacles.get(applicant.pk) or _waits_already(proposal):
            results.append(Result(applicant, obstacle, applicant.state))
        else:
            free.append(applicant)
    if free:
        due = ledger.find_all(DECISION_STATUTORY, free)
        proposals = [
            ExtensionProposal(
                applicant=row,
                reason=reason,
                proposed_by=actor,
                proposed_on_behalf_of=actor.acting_for,
                proposed_at=now,
                due_before=due[row.pk].due_on,
            )
            for row in free
        ]
        bulk_create_with_history(proposals, ExtensionProposal, default_user=actor, default_date=now)
        log(free, "propose_extension", actor=actor, now=now, reason=reason)
        log(proposals, "propose", actor=actor, now=now, reason=reason)
        _tell_heads(proposals, now=now)
        results += [Result(row) for row in proposals]
    return sorted(results, key=lambda result: getattr(result.row, "applicant_id", result.row.pk))


@activity
def approve(*, actor, now, proposal_ids: Iterable[int], reason: str) -> list[Result]:
    """Approve: the statutory limit grows by the days of the law, once, and the applicant is told. A result per
    proposal. The provincial head alone, never what they proposed or prepared themselves. Raises NotPermitted,
    DoesNotExist, Incomplete."""
    access.require(actor, APPROVE)
    reason = _required(reason, "请填写审批意见。")
    proposals, applicants = _locked(actor, proposal_ids)
    obstacles = obstacles_for(list(applicants.values()), now)
    breaches = breaches_of(proposals, actor)
    extended = extension_days(now)
    days = {
        row.subject_id: (row.due_on, found.due_on)
        for row, found in pauses.after_extension(DECISION_STATUTORY, applicants.values())
    }

    def check(row: ExtensionProposal) -> None:
        if refusal := breaches.get(row.pk) or obstacles.get(row.applicant_id):
            raise refusal

    def change(row: ExtensionProposal) -> None:
        _sign(row, reason, actor=actor, now=now)
        row.days = extended
        row.due_before, row.due_after = days[row.applicant_id]

    fields = (*SIGNED, "days", "due_before", "due_after")
    results = apply(
        EXTENSION, "approve", proposals, actor=actor, now=now, reason=reason, check=check, change=change, fields=fields
    )
    made = [result.row for result in results if result.ok]
    for told, rows in _by_reason(made).items():
        subjects = [applicants[row.applicant_id] for row in rows]
        pauses.extend(DECISION_STATUTORY, subjects, reason=told, now=now, actor=actor)
        log(subjects, "extend", actor=actor, now=now, reason=told, detail={"days": rows[0].days})
    clock_notices.tell_extended([applicants[row.applicant_id] for row in made], made, actor=actor, now=now)
    _tell_proposers(made, "已批准延长期限", now=now)
    return results


@activity
def decline(*, actor, now, proposal_ids: Iterable[int], reason: str) -> list[Result]:
    """Decline, with a reason; nothing moves. A result per proposal. Rights and separation as in ``approve``."""
    access.require(actor, APPROVE)
    reason = _required(reason, "请写明不批准延长的理由。")
    proposals, applicants = _locked(actor, proposal_ids)
    breaches = breaches_of(proposals, actor)

    def check(row: ExtensionProposal) -> None:
        if refusal := breaches.get(row.pk):
            raise refusal

    def change(row: ExtensionProposal) -> None:
        _sign(row, reason, actor=actor, now=now)

    results = apply(
        EXTENSION, "decline", proposals, actor=actor, now=now, reason=reason, check=check, change=change, fields=SIGNED
    )
    made = [result.row for result in results if result.ok]
    subjects = [applicants[row.applicant_id] for row in made]
    log(subjects, "decline_extension", actor=actor, now=now, reason=reason)
    _tell_proposers(made, "不批准延长期限", now=now)
    return results


@activity
def withdraw(*, actor, now, proposal_id: int) -> ExtensionProposal:
    """Take a proposal back before the head has decided. Raises NotPermitted, DoesNotExist, WrongState."""
    access.require(actor, PROPOSE)
    (proposal,), applicants = _locked(actor, [proposal_id])
    apply_one(EXTENSION, "withdraw", proposal, actor=actor, now=now)
    log(applicants.values(), "withdraw_extension", actor=actor, now=now)
    return proposal


SIGNED = ("decided_by", "decided_on_behalf_of", "decided_at", "decision_reason")


def _sign(row: ExtensionProposal, reason: str, *, actor, now) -> None:
    row.decided_by, row.decided_on_behalf_of = actor, actor.acting_for
    row.decided_at, row.decision_reason = now, reason


def lapse(applicants: Sequence[LicenceApplicant], *, actor, now) -> None:
    """End what waits for the head about people who were decided on; inside the activity that decided."""
    rows = lock(ExtensionProposal.objects.filter(applicant__in=applicants, state=ExtensionState.REQUESTED))
    apply(EXTENSION, "lapse", rows, actor=actor, now=now)


def obstacles_for(applicants: Sequence[LicenceApplicant], now) -> dict[int, Refusal]:
    """Why the limit of these people cannot be extended at ``now``, by applicant id."""
    found: dict[int, Refusal] = {
        row.pk: not_in_decision(row, "延长期限", CLAUSE) for row in applicants if row.state not in IN_DECISION
    }
    rest = [row for row in applicants if row.pk not in found]
    return found | pauses.extension_obstacles(DECISION_STATUTORY, rest, now)


def breaches_of(proposals: Sequence[ExtensionProposal], actor) -> dict[int, Refusal]:
    """Who proposed, accepted, checked, reviewed or decides does not approve (rules 4, 4a): by person."""
    return dict(separation.breaches(actor, Capacity.EXTENDS, proposals))


def extension_days(now) -> int:
    """By how many working days the law lets the limit be extended."""
    return lookup.values("deadline", DECISION_STATUTORY, lookup.edition_on(now.date()))["extension_days"]


RELATED = (
    "proposed_by__person",
    "proposed_on_behalf_of__person",
    "decided_by__person",
    "decided_on_behalf_of__person",
    "applicant__batch__organiser",
    "applicant__candidate__application__person",
    "applicant__candidate__application__job_type",
    "applicant__candidate__application__institution",
)


def _locked(actor, proposal_ids) -> tuple[list[ExtensionProposal], dict[int, LicenceApplicant]]:
    """The proposals with their applicants, these locked first, as whoever decides on them does."""
    ids = list(proposal_ids)
    people = ExtensionProposal.objects.visible_to(actor).filter(pk__in=ids).values_list("applicant", flat=True)
    applicants = {row.pk: row for row in locked_applicants(actor, people)}
    return take(ExtensionProposal.objects.select_related(*RELATED), actor, ids), applicants


def _waiting(applicants: Sequence[LicenceApplicant]) -> dict[int, ExtensionProposal]:
    rows = ExtensionProposal.objects.filter(applicant__in=applicants, state=ExtensionState.REQUESTED)
    return {
        row.applicant_id: row for row in rows.select_related("proposed_by__person", "proposed_on_behalf_of__person")
    }


def _waits_already(proposal: ExtensionProposal | None) -> Refusal | None:
    if proposal is None:
        return None
    return WrongState(
        f"“{proposal}”已由{proposal.proposed_by_name}提请延长，正在等待省级负责人批准。",
        code="proposed_already",
        clause=CLAUSE,
        advice="理由有变化的，请先撤回原提请。",
    )


def _by_reason(proposals: Iterable[ExtensionProposal]) -> dict[str, list[ExtensionProposal]]:
    found: dict[str, list[ExtensionProposal]] = defaultdict(list)
    for row in proposals:
        found[row.reason].append(row)
    return found


def _tell_heads(proposals: Sequence[ExtensionProposal], *, now) -> None:
    first = min(proposals, key=lambda row: row.due_before)
    notify_role(
        Role.PROVINCIAL_HEAD,
        Organisation.objects.provincial_centre(),
        title=f"提请延长决定期限：{_named(proposals)}",
        body=f"法定时限最早{full_day(first.due_before)} 24:00 届满。理由：{first.reason}",
        url=clock_notices.desk_url("extensions"),
        about=_people(proposals),
        now=now,
    )


def _tell_proposers(proposals: Sequence[ExtensionProposal], words: str, *, now) -> None:
    by_user = defaultdict(list)
    for row in proposals:
        by_user[row.proposed_by].append(row)
    for user, rows in by_user.items():
        body = f"审批意见：{rows[0].decision_reason}"
        url = clock_notices.clocks_url(rows[0].applicant) if len(rows) == 1 else clock_notices.desk_url("extensions")
        notify([user], title=f"{words}：{_named(rows)}", body=body, url=url, about=_people(rows), now=now)


def _people(proposals: Sequence[ExtensionProposal]) -> Cases:
    return Cases(LicenceApplicant, [row.applicant_id for row in proposals])


def _named(proposals: Sequence[ExtensionProposal]) -> str:
    return str(proposals[0]) if len(proposals) == 1 else f"{proposals[0]}等 {len(proposals)} 人"


def _required(text: str, message: str) -> str:
    if not text.strip():
        raise Incomplete([Problem(message, code="required", field="reason")], clause=CLAUSE)
    return text.strip()
