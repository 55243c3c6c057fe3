"""用系统生成的学时证明: proofs made of attendance, attached to one application or to all of a class."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from certification.refusals import Refusal
from certification.selection import ticked
from exams.materials import generated_hours
from exams.models import ExamApplication
from exams.states import OPEN
from exams.views.classes import own_plan
from training.models import TrainingPlan

# So many refusals are said one by one.
SAID = 5


@require_POST
def application_hours(request, pk: int):
    """Attach the proof to one application."""
    application = get_object_or_404(_own(request), pk=pk)
    _use(request, [application.pk])
    return redirect("exams:application_detail", application.pk)


@require_POST
def class_hours(request, plan_id: int):
    """Attach the proofs of those who were ticked, or of everybody in the class with an application under way; many are
    made by the background."""
    plan = own_plan(request, plan_id)
    rows = _own(request).filter(plan=plan, state__in=OPEN)
    if chosen := ticked(request.POST, "application"):
        rows = rows.filter(pk__in=chosen)
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    if not ids:
        raise Http404
    if len(ids) > generated_hours.AT_ONCE:
        _ask(request, plan, ids)
    else:
        _use(request, ids)
    return redirect("exams:class_applications", plan.pk)


def _own(request):
    return ExamApplication.objects.visible_to(request.user).filter(institution=request.user.organisation_id)


def _ask(request, plan: TrainingPlan, ids: list[int]) -> None:
    try:
        generated_hours.ask(actor=request.user, plan=plan, application_ids=ids)
    except Refusal as refusal:
        messages.error(request, str(refusal))


def _use(request, ids: Iterable[int]) -> None:
    try:
        results = generated_hours.use_generated_proofs(actor=request.user, application_ids=ids)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return
    attached = sum(result.ok for result in results)
    refused = [result.refusal for result in results if not result.ok]
    if attached:
        messages.success(request, f"已为 {attached} 人附上系统生成的学时证明。")
    for refusal in refused[:SAID]:
        messages.warning(request, str(refusal))
    if len(refused) > SAID:
        messages.warning(request, f"另有 {len(refused) - SAID} 人没有附上，见班级的考勤学时。")
