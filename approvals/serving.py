"""Service (送达) of decisions: how, when, by whom, with what evidence (行政许可法第四十四条)."""

from collections.abc import Iterable

from simple_history.utils import bulk_update_with_history

from approvals import letters
from approvals.cases import take
from approvals.licensing import SERVICE, locked_applicants
from approvals.models import Decision
from approvals.states import LICENCE
from certification.deadlines import ledger
from certification.organisations import access
from certification.refusals import Incomplete, Problem
from certification.workflow import Result, activity, apply

ACTION = "approvals.serve_decisions"


@activity
def serve(*, actor, now, decision_ids: Iterable[int], method: str, evidence: str) -> list[Result]:
    """Record that the decisions were served, with the evidence (who received it, receipt number). A result per person.

    What has no letter yet gets it first: nothing is served that is not on paper.
    """
    access.require(actor, ACTION)
    evidence = evidence.strip()
    problems = []
    if method not in Decision.ServiceMethod.values:
        problems.append(Problem("请选择送达方式。", code="required", field="method"))
    if not evidence:
        problems.append(Problem("请填写送达凭证（签收人、回证编号等）。", code="required", field="evidence"))
    if problems:
        raise Incomplete(problems)
    wanted = Decision.objects.visible_to(actor).filter(pk__in=list(decision_ids)).order_by("pk")
    applicants = locked_applicants(actor, wanted.values_list("applicant", flat=True))
    decisions = {row.applicant_id: row for row in take(Decision.objects.all(), actor, decision_ids)}
    results = apply(LICENCE, "serve", applicants, actor=actor, now=now, reason=evidence)
    served = [decisions[result.row.pk] for result in results if result.ok]
    for decision in served:
        if decision.letter_id is None:
            decision.letter = letters.write_letter(actor=actor, now=now, decision_id=decision.pk)
        decision.served_at, decision.served_by = now, actor
        decision.service_method, decision.service_evidence = method, evidence
    if served:
        bulk_update_with_history(
            served,
            Decision,
            ["served_at", "served_by", "service_method", "service_evidence"],
            default_user=actor,
            default_change_reason="送达",
            default_date=now,
        )
    ledger.meet(SERVICE, [result.row for result in results if result.ok], now=now, actor=actor)
    return results
