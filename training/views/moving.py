"""变更开班日期: the days, the preview of what they move, and the confirmation."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from certification import clock
from certification.deadlines import move_preview
from certification.refusals import Refusal
from training.forms.filters import visible_plans
from training.forms.moving import DaysForm
from training.models import TrainingPlan
from training.plans import moving
from training.plans.moving import DAYS


@require_http_methods(["GET", "POST"])
def plan_move(request, pk: int):
    """Ask for the days; show what they move; move exactly that. ``?class_start=`` alone (from a refusal) moves the
    end by as much."""
    plan = get_object_or_404(
        visible_plans(request.user)
        .filter(institution=request.user.organisation_id)
        .select_related("job_type__group", "institution", "rule_edition", "organiser"),
        pk=pk,
    )
    if not moving.may_move(plan, today=clock.today()):
        messages.info(request, f"“{plan}”{plan.get_state_display()}，不能变更开班日期。")
        return redirect("training:plan_detail", plan.pk)
    asked = request.POST if request.method == "POST" else request.GET
    form = DaysForm(asked if all(name in asked for name in DAYS[:2]) else None, initial=_initial(plan))
    refusal = preview = None
    if form.is_bound and form.is_valid():
        try:
            if request.method == "POST":
                return _moved(request, plan, form)
            preview = moving.preview(plan, form.days(), now=clock.now())
        except Refusal as refused:
            refusal = refused
            preview = _again(plan, form) if request.method == "POST" else None
    context = {
        "plan": plan,
        "form": form,
        "preview": preview,
        "lines": preview.lines if preview else [],
        "refusal": refusal,
    }
    refused = refusal is not None or (form.is_bound and bool(form.errors))
    return render(request, "training/plan_move.html", context, status=422 if refused else 200)


def _moved(request, plan: TrainingPlan, form: DaysForm):
    done = moving.move_class(
        actor=request.user, plan_id=plan.pk, days=form.days(), fingerprint=request.POST.get("fingerprint", "")
    )
    late = move_preview.late(done.moves)
    messages.success(
        request,
        f"已变更为“{done.plan}”（第 {done.plan.version} 版），{sum(one.moved for one in done.moves)} 项时限变动"
        f"{f'，{late} 项因此逾期' if late else ''}，已通知接收单位。",
    )
    return redirect("training:plan_detail", plan.pk)


def _again(plan: TrainingPlan, form: DaysForm) -> moving.Preview | None:
    """The preview as it is now, beside the refusal; None where these days cannot be."""
    plan.refresh_from_db()
    try:
        return moving.preview(plan, form.days(), now=clock.now())
    except Refusal:
        return None


def _initial(plan: TrainingPlan) -> dict:
    return {name: getattr(plan, name) for name in DAYS}
