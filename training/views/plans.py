"""Training plans: the list and the case."""

from dataclasses import dataclass

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from certification import clock
from certification.deadlines import ledger
from certification.notices import told
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal import timeline
from certification.rulebook import lookup
from training.forms.filters import TO_ANSWER, PlanFilter, visible_plans
from training.models import PlanReceipt, SignInSheet, TrainingPlan
from training.obligations import PLAN_ANSWER
from training.plans.acknowledging import ANSWER
from training.plans.filing import FILE, PLAN_FILING, ROSTER
from training.plans.moving import last_move, may_move
from training.plans.plan_checks import AREA, required_hours
from training.rosters.submitting import current_roster
from training.spot_checks.recording import INSPECT
from training.states import PLAN, RECEIPT, PlanState


@require_safe
def plan_list(request):
    """All plans that the person may see, the newest first; those to be answered by class start."""
    files, answers = may(request.user, FILE), may(request.user, ANSWER)
    form = PlanFilter(request.GET, receives=answers, files=files)
    plans = form.apply(visible_plans(request.user), request.user.organisation_id)
    order = ("class_start", "pk") if form.cleaned_data.get("answer") == TO_ANSWER else ("-pk",)
    receipts = PlanReceipt.objects.filter(recipient=request.user.organisation_id)
    plans = plans.prefetch_related(Prefetch("receipts", receipts, to_attr="own_receipts"))
    page = keyset_page(request, plans, order)
    rows = [_Row.of(plan, answers, clock.today()) for plan in page]
    context = {
        "form": form,
        "page": page,
        "rows": rows,
        "files": files,
        "answers": answers,
        "any_to_acknowledge": any(row.to_acknowledge for row in rows),
    }
    return render(request, "training/plan_list.html", context)


@dataclass(frozen=True)
class _Row:
    plan: TrainingPlan
    receipt: PlanReceipt | None
    to_acknowledge: bool

    @classmethod
    def of(cls, plan: TrainingPlan, answers: bool, today) -> "_Row":
        receipt = plan.own_receipts[0] if answers and plan.own_receipts else None
        return cls(plan, receipt, receipt is not None and _may_answer("acknowledge", receipt, plan, today))


@require_safe
def plan_detail(request, pk: int):
    """One plan with its receipts, teachers, roster and history."""
    plan = get_object_or_404(
        visible_plans(request.user).select_related("job_type__group", "institution__territory"), pk=pk
    )
    receipts = list(
        plan.receipts.select_related("recipient", "answered_by__person", "answered_on_behalf_of__person").order_by("pk")
    )
    own = next((receipt for receipt in receipts if receipt.recipient_id == request.user.organisation_id), None)
    filed = plan.filed_at is not None
    context = {
        "plan": plan,
        "receipts": receipts,
        "teachers": plan.teachers.select_related("person").order_by("pk"),
        "roster": current_roster(plan) if filed else None,
        "filing_deadline": ledger.find(PLAN_FILING, plan) if filed else None,
        "next_deadline": ledger.find(_next_rule(plan), plan) if filed else None,
        "required_hours": _required_hours(plan),
        "lesson_count": plan.lessons.standing().count(),
        "signed_count": SignInSheet.objects.filter(lesson__plan=plan, version=1).count(),
        "checks": plan.spot_checks.for_display().order_by("-pk"),
        "entries": _history(plan, receipts),
        "told": told.of(request.user, plan),
        "moved": last_move(plan) if filed else None,
        **_actions(request.user, plan, own),
    }
    return render(request, "training/plan_detail.html", context)


def _next_rule(plan: TrainingPlan) -> str:
    return PLAN_ANSWER if plan.state == PlanState.RETURNED else ROSTER


def _history(plan: TrainingPlan, receipts: list[PlanReceipt]) -> list[timeline.Entry]:
    """The steps of plan and receipts; an answer that moved both is told once."""
    entries = timeline.entries(plan, *receipts)
    return list({(entry.at, entry.who, entry.title.partition(" → ")[0]): entry for entry in entries}.values())


def _actions(user, plan: TrainingPlan, own: PlanReceipt | None) -> dict:
    """What this person may do with the plan now: the same questions that the activities ask."""
    today = clock.today()
    is_filer = may(user, FILE) and plan.institution_id == user.organisation_id
    begun = plan.filed_at is not None and plan.class_start <= today
    answers = own is not None and may(user, ANSWER)
    return {
        "own_receipt": own,
        "may_edit": is_filer and not begun and plan.state in (PlanState.DRAFT, PlanState.RETURNED),
        "may_withdraw": is_filer and not begun and PLAN.allows("withdraw", plan.state),
        "may_move": is_filer and may_move(plan, today=today),
        "may_submit_roster": is_filer and plan.is_standing,
        "may_check": begun and plan.is_standing and may(user, INSPECT),
        "may": {name: answers and _may_answer(name, own, plan, today) for name in ("acknowledge", "return", "reject")},
    }


def _may_answer(name: str, receipt: PlanReceipt, plan: TrainingPlan, today) -> bool:
    return plan.state != PlanState.WITHDRAWN and plan.class_start > today and RECEIPT.allows(name, receipt.state)


def _required_hours(plan: TrainingPlan) -> int | None:
    if plan.job_type is None or not plan.kind:
        return None
    edition = plan.rule_edition or lookup.edition_on(clock.today())
    return required_hours(plan.job_type, plan.kind, lookup.values(AREA, "hours", edition))
