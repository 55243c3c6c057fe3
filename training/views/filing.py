"""Writing a plan, looking at its route, filing it, taking it back."""

from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods

from certification import clock
from certification.deadlines.due import due, earliest_event, require_in_time
from certification.organisations.routing import route_for
from certification.portal.confirm import confirm_page
from certification.refusals import Incomplete, Refusal, TooLate
from training import samples
from training.forms.filters import visible_plans
from training.forms.plans import PlanForm, typed_of_plan
from training.forms.reasons import ReasonForm
from training.models import TrainingPlan
from training.notifying import plan_url
from training.plans import filing, moving, starting
from training.plans.changes import changes
from training.states import PlanState


@require_http_methods(["GET", "POST"])
def plan_create(request):
    """A new plan; saving makes the draft. The planner's address comes with its days filled in."""
    if request.method == "POST":
        return _save(request, None)
    filled = {"entry_key": uuid4(), "online_hours": 0, **starting.initial(request.GET)}
    form = PlanForm(initial=filled, today=clock.today(), institution=request.user.organisation)
    return _show_form(request, form, None)


@require_http_methods(["GET", "POST"])
def plan_edit(request, pk: int):
    """A draft, or a returned plan, as it was typed last. ``?class_start=`` puts another class start into the form."""
    plan = _own_plan(request, pk)
    if plan.state not in (PlanState.DRAFT, PlanState.RETURNED):
        messages.info(request, f"该计划{plan.get_state_display()}，不能修改。")
        return redirect("training:plan_detail", plan.pk)
    if request.method == "POST":
        return _save(request, plan)
    typed = {**typed_of_plan(plan), **_moved_start(request, plan)}
    return _show_form(
        request, PlanForm(initial=typed, today=clock.today(), institution=request.user.organisation), plan
    )


@require_http_methods(["GET", "POST"])
def plan_file(request, pk: int):
    """Before filing: who receives the plan, by when, what is pointed out; then filing it."""
    plan = _own_plan(request, pk)
    if plan.state not in (PlanState.DRAFT, PlanState.RETURNED):
        messages.info(request, f"该计划{plan.get_state_display()}，没有重复报备。")
        return redirect("training:plan_detail", plan.pk)
    form = PlanForm(typed_of_plan(plan), today=clock.today())
    form.is_valid()
    refusal = None
    if request.method == "POST":
        try:
            return _filed(request, plan, form)
        except Incomplete:
            return redirect("training:plan_edit", plan.pk)
        except Refusal as refused:
            refusal = refused
    return _show_route(request, plan, form, refusal)


@require_http_methods(["GET", "POST"])
def plan_withdraw(request, pk: int):
    """Take a draft or a filed plan back."""
    plan = _own_plan(request, pk)
    was_filed = plan.filed_at is not None
    form = ReasonForm(request.POST or None) if was_filed else None
    refusal = None
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            reason = form.cleaned_data["reason"] if form else ""
            filing.withdraw_plan(actor=request.user, plan_id=plan.pk, reason=reason)
            messages.success(request, f"已撤回：{plan}。")
            return redirect("training:plan_list")
        except Refusal as refused:
            refusal = refused
    consequences = ["接收单位将收到撤回通知；已报的学员名单一并失效，学员可以列入其他班级。"] if was_filed else []
    return confirm_page(
        request,
        title="撤回培训计划",
        sentence=f"将撤回“{plan}”，撤回后不能恢复。",
        consequences=consequences,
        action_label="撤回",
        cancel_url=plan_url(plan),
        subject=plan,
        form=form,
        refusal=refusal,
    )


def _own_plan(request, pk: int) -> TrainingPlan:
    plans = visible_plans(request.user).filter(institution=request.user.organisation_id)
    return get_object_or_404(plans.select_related("job_type__group", "institution__territory"), pk=pk)


def _save(request, plan: TrainingPlan | None):
    """Keep what was typed, whatever it is; on 提交 go on to the route, or show everything that is wrong."""
    form = PlanForm(request.POST, today=clock.today(), institution=request.user.organisation)
    form.is_valid()
    try:
        saved = filing.save_draft(
            actor=request.user,
            plan_id=plan.pk if plan else None,
            entry_key=None if plan else form.cleaned_data.get("entry_key"),
            typed=form.typed,
            **form.values,
        )
    except Refusal as refusal:
        return _show_form(request, form, plan, refusal)
    if "submit" not in request.POST:
        messages.success(request, "草稿已保存。")
        return redirect("training:plan_edit", saved.pk)
    form.show(_problems(saved, form))
    if form.errors:
        return _show_form(request, form, saved)
    return redirect("training:plan_file", saved.pk)


def _problems(plan: TrainingPlan, form: PlanForm):
    return filing.filing_check(_as_typed(plan, form), now=clock.now()).problems


def _as_typed(plan: TrainingPlan, form: PlanForm) -> TrainingPlan:
    """The plan with the form's values, not to be saved: what it would be once filed."""
    for name, value in form.values.items():
        setattr(plan, name, filing.column_value(name, value))
    return plan


def _moved_start(request, plan: TrainingPlan) -> dict[str, str]:
    """Another class start from the address; the end moves with it, so that the class keeps its length."""
    try:
        start = parse_date(request.GET.get("class_start", ""))
    except ValueError:
        start = None
    if start is None:
        return {}
    moved = {"class_start": start.isoformat()}
    if plan.class_start and plan.class_end and start > plan.class_start:
        moved["class_end"] = (plan.class_end + (start - plan.class_start)).isoformat()
    return moved


def _show_form(request, form: PlanForm, plan: TrainingPlan | None, refusal: Refusal | None = None):
    context = {
        "form": form,
        "plan": plan,
        "refusal": refusal,
        "earliest": earliest_event(filing.PLAN_FILING, clock.today()),
        "sample_teacher": samples.teacher() if settings.CLOCK_MAY_MOVE else None,
        "returns": _returns(plan),
    }
    status = 422 if refusal or (form.is_bound and form.errors) else 200
    return render(request, "training/plan_form.html", context, status=status)


def _returns(plan: TrainingPlan | None):
    """What the recipients found, while the plan is returned."""
    if plan is None or plan.state != PlanState.RETURNED:
        return []
    return plan.receipts.exclude(reason="").select_related("recipient").order_by("pk")


def _filed(request, plan: TrainingPlan, form: PlanForm):
    if plan.state == PlanState.RETURNED:
        values = form.values
        filed = filing.refile_plan(actor=request.user, plan_id=plan.pk, teachers=form.teachers, **values)
    else:
        filed = filing.file_plan(actor=request.user, plan_id=plan.pk)
    numbers = "、".join(filed.receipts.order_by("pk").values_list("number", flat=True))
    messages.success(request, f"已报备，报备编号 {filed.number}，回执编号 {numbers}。")
    return redirect("training:plan_detail", filed.pk)


def _show_route(request, plan: TrainingPlan, form: PlanForm, refusal: Refusal | None):
    now = clock.now()
    before = TrainingPlan.objects.select_related("job_type", "variant").get(pk=plan.pk)
    typed = _as_typed(plan, form)
    check = filing.filing_check(typed, now=now)
    if form.errors or check.problems:
        return redirect("training:plan_edit", plan.pk)
    route = in_time = None
    try:
        route = route_for(typed.job_type, plan.institution, now.date())
        in_time = require_in_time(
            filing.PLAN_FILING,
            typed.class_start,
            now=plan.filed_at or now,
            edition=plan.rule_edition,
            subject=plan,
            acting_at=now,
        )
    except Refusal as refused:
        refusal = refusal or refused
    context = {
        "plan": typed,
        "route": route,
        "check": check,
        "refusal": refusal,
        "earliest": refusal.earliest if isinstance(refusal, TooLate) else None,
        "admitted": in_time.admitted if in_time else None,
        "due": due(filing.PLAN_FILING, typed.class_start, edition=plan.rule_edition),
        "changes": changes(before, typed) if plan.state == PlanState.RETURNED else [],
        "teachers": form.teachers,
        "lines": moving.lines_by(typed, now=now) if plan.filed_at else [],
    }
    return render(request, "training/plan_file.html", context, status=422 if refusal else 200)
