"""One person at a time: entering somebody by form, taking somebody out, putting one in another's place."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from certification import clock
from certification.portal.confirm import confirm_page
from certification.refusals import Incomplete, Refusal
from training.forms.reasons import ReasonForm
from training.forms.trainees import TraineeForm
from training.models import Trainee, TrainingPlan
from training.rosters import submitting
from training.rosters.roster_columns import roster_columns
from training.rosters.submitting import Entered
from training.states import TraineeState
from training.views.rosters import own_plan


@require_http_methods(["GET", "POST"])
def trainee_enter(request, pk: int):
    """Add one person to the class's roster."""
    return _enter(request, own_plan(request, pk))


@require_http_methods(["GET", "POST"])
def trainee_substitute(request, pk: int):
    """Put another person in a trainee's place; after the roster has closed by a late admission."""
    trainee = _own_trainee(request, pk)
    return _enter(request, own_plan(request, trainee.plan_id), trainee)


@require_http_methods(["GET", "POST"])
def trainee_withdraw(request, pk: int):
    """Take a trainee out of the class."""
    trainee = _own_trainee(request, pk)
    plan = trainee.plan
    form = ReasonForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            version = submitting.withdraw_trainee(
                actor=request.user, trainee_id=trainee.pk, reason=form.cleaned_data["reason"]
            )
            messages.success(request, f"{trainee}已退班，名单第 {version.version} 版共 {version.headcount} 人。")
            return redirect("training:roster", plan.pk)
        except Refusal as refused:
            refusal = refused
    closed = submitting.closed(plan, now=clock.now())
    return confirm_page(
        request,
        title="退班",
        sentence=f"{trainee}将退出“{plan}”，生成新一版名单并报接收单位。",
        consequences=["名单已截止，退班后补入他人须经逾期特批。"] if closed else [],
        action_label="退班",
        cancel_url=reverse("training:trainee", args=[trainee.pk]),
        subject=trainee,
        form=form,
        refusal=refusal,
    )


def _enter(request, plan: TrainingPlan, instead_of: Trainee | None = None):
    columns = roster_columns(clock.today(), plan.job_type.name)
    form = TraineeForm(request.POST or None, columns=columns, with_reason=instead_of is not None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            entered = submitting.enter_trainee(
                actor=request.user,
                plan_id=plan.pk,
                record=form.record,
                instead_of=instead_of.pk if instead_of else None,
                reason=form.cleaned_data.get("reason", ""),
            )
            _tell(request, entered, form, instead_of)
            return redirect("training:roster", plan.pk)
        except Incomplete as incomplete:
            others = form.say(incomplete.problems)
            refusal = Incomplete(others) if others else None
        except Refusal as refused:
            refusal = refused
    context = {
        "plan": plan,
        "form": form,
        "refusal": refusal,
        "instead_of": instead_of,
        "closed": None if refusal else submitting.closed(plan, now=clock.now()),
        "title": f"替换{instead_of}" if instead_of else "录入学员",
    }
    return render(request, "training/trainee_form.html", context, status=422 if refusal or form.errors else 200)


def _tell(request, entered: Entered, form: TraineeForm, instead_of: Trainee | None) -> None:
    done = f"{form.record['name']}{f'替换{instead_of}' if instead_of else ''}，已列入名单"
    version = entered.roster
    messages.success(request, f"{done}。名单第 {version.version} 版共 {version.headcount} 人。")
    for warning in entered.warnings:
        messages.warning(request, f"请核对{warning.column}：{warning.message}")


def _own_trainee(request, pk: int) -> Trainee:
    trainees = Trainee.objects.visible_to(request.user).select_related("person", "plan__job_type", "plan__rule_edition")
    trainee = get_object_or_404(trainees, pk=pk)
    if trainee.plan.institution_id != request.user.organisation_id or trainee.state != TraineeState.ENROLLED:
        raise Http404
    return trainee
