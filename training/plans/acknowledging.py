"""签收、退回、不予报备: each recipient's answer to a filed plan, on its own receipt (rules 3).

Filing is no approval: the class may start unanswered. A return or rejection before class start stops it; the
province's word overrides the city's, whichever came first.
"""

from collections.abc import Iterable

from certification import clock
from certification.deadlines import ledger
from certification.organisations import access, separation
from certification.organisations.models import OrganisationKind
from certification.organisations.separation import Capacity
from certification.refusals import Incomplete, Problem, WrongState
from certification.workflow import Result, activity, apply, lock
from training import obligations
from training.cases import NotFound
from training.models import PlanReceipt, TrainingPlan
from training.notifying import tell_institution_answered
from training.plans.filing import reopen_roster_deadline
from training.states import PLAN, RECEIPT, PlanState, ReceiptState

ANSWER = "training.answer_plans"
WORDS = {"acknowledge": "签收", "return": "退回", "reject": "不予报备"}
# Plan state that an answer leads to, and the plan's transition to it.
LEADS_TO = {
    ReceiptState.ACKNOWLEDGED: "acknowledge",
    ReceiptState.RETURNED: "return",
    ReceiptState.REJECTED: "reject",
}


@activity
def acknowledge(*, actor, now, receipt_id: int) -> PlanReceipt:
    """Acknowledge one receipt; raises what ``acknowledge_many`` puts into its result."""
    return _one(_answer("acknowledge", [receipt_id], actor=actor, now=now))


@activity
def acknowledge_many(*, actor, now, receipt_ids: Iterable[int]) -> list[Result]:
    """Acknowledge many receipts in one pass; each gets its own result, in the order of the receipts' numbers.

    Refusals per receipt: WrongState (answered meanwhile, class has begun), NotPermitted (another's receipt),
    SeparationBreach (who teaches the class).
    """
    return _answer("acknowledge", receipt_ids, actor=actor, now=now)


@activity
def return_plan(*, actor, now, receipt_id: int, reason: str) -> PlanReceipt:
    """Return the plan to the institution with a reason, before class start; it may answer until the day before."""
    return _one(_answer("return", [receipt_id], actor=actor, now=now, reason=_required(reason, "退回")))


@activity
def reject(*, actor, now, receipt_id: int, reason: str) -> PlanReceipt:
    """Reject the plan for good, with a reason, before class start: the class may not be held."""
    return _one(_answer("reject", [receipt_id], actor=actor, now=now, reason=_required(reason, "不予报备")))


def plan_transition(receipts: Iterable[PlanReceipt]) -> str:
    """The plan's transition that follows from its receipts: by the province's answer, else by the city's; "" where
    nobody has answered."""
    answers = {receipt.recipient.kind: receipt.state for receipt in receipts}
    for kind in (OrganisationKind.PROVINCIAL_CENTRE, OrganisationKind.CITY_BUREAU):
        name = LEADS_TO.get(answers.get(kind, ReceiptState.RECEIVED))
        if name:
            return name
    return ""


def _answer(name: str, receipt_ids: Iterable[int], *, actor, now, reason: str = "") -> list[Result]:
    access.require(actor, ANSWER)
    plans, receipts, siblings = _locked(actor, set(receipt_ids))
    breaches = separation.breaches(actor, Capacity.REVIEWS, plans.values())

    def check(receipt: PlanReceipt) -> None:
        _require_may_answer(receipt, plans[receipt.plan_id], actor=actor, now=now)
        if breach := breaches.get(receipt.plan_id):
            raise breach

    def change(receipt: PlanReceipt) -> None:
        receipt.answered_by, receipt.answered_on_behalf_of = actor, actor.acting_for
        receipt.answered_at, receipt.reason = now, reason

    fields = ("answered_by", "answered_on_behalf_of", "answered_at", "reason")
    results = apply(
        RECEIPT, name, receipts, actor=actor, now=now, reason=reason, check=check, change=change, fields=fields
    )
    answered = [plans[result.row.plan_id] for result in results if result.ok]
    _move_plans(answered, siblings, actor=actor, now=now, reason=reason)
    if answered:
        tell_institution_answered(answered, actor.organisation, WORDS[name], reason, now=now)
    return results


def _locked(actor, receipt_ids: set[int]):
    """Plans first, then their receipts, as filing locks them, so that the two never wait for each other."""
    wanted = PlanReceipt.objects.visible_to(actor).filter(pk__in=receipt_ids)
    plan_ids = list(wanted.values_list("plan_id", flat=True))
    plans = {
        plan.pk: plan
        for plan in lock(
            TrainingPlan.objects.filter(pk__in=plan_ids).select_related(
                "institution", "organiser", "job_type", "rule_edition"
            )
        )
    }
    siblings = lock(PlanReceipt.objects.filter(plan__in=plans).select_related("recipient"))
    receipts = [receipt for receipt in siblings if receipt.pk in receipt_ids]
    if len(receipts) != len(receipt_ids):
        raise NotFound("没有找到所选的报备回执。")
    return plans, receipts, siblings


def _require_may_answer(receipt: PlanReceipt, plan: TrainingPlan, *, actor, now) -> None:
    access.require_own(actor, receipt.recipient_id)
    if plan.state == PlanState.WITHDRAWN:
        raise WrongState(f"“{plan}”已由培训机构撤回。")
    if now >= clock.start_of(plan.class_start):
        raise WrongState(
            f"“{plan}”已到开班日期，不能再签收、退回或者不予报备。",
            clause="规则 3",
            advice="发现问题的，请通过培训监管处理。",
        )


def _move_plans(plans: list[TrainingPlan], receipts: list[PlanReceipt], *, actor, now, reason: str) -> None:
    """Let the plans follow their receipts; where the province has spoken otherwise, the city's answer is only kept."""
    by_plan: dict[int, list[PlanReceipt]] = {}
    for receipt in receipts:
        by_plan.setdefault(receipt.plan_id, []).append(receipt)
    moving: dict[str, list[TrainingPlan]] = {}
    for plan in plans:
        name = plan_transition(by_plan[plan.pk])
        if name and PLAN[name].target != plan.state:
            moving.setdefault(name, []).append(plan)
    for name, moved in moving.items():
        was_rejected = [plan for plan in moved if plan.state == PlanState.REJECTED]
        for result in apply(PLAN, name, moved, actor=actor, now=now, reason=reason):
            if result.refusal:
                raise result.refusal
        if name == "reject":
            ledger.close(None, moved, now=now, reason="不予报备")
        elif name == "return":
            obligations.await_answers(moved, now=now)
        else:
            obligations.no_answer_due(moved, now=now, reason="已签收")
        for plan in was_rejected:
            reopen_roster_deadline(plan, now=now)


def _required(reason: str, action: str) -> str:
    if not reason.strip():
        raise Incomplete([Problem(f"请填写{action}理由。", code="required", field="reason")])
    return reason.strip()


def _one(results: list[Result]) -> PlanReceipt:
    (result,) = results
    if result.refusal:
        raise result.refusal
    return result.row
