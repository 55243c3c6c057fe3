"""The recipients' answers: one receipt, or many at once with a result for each."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from certification.portal.confirm import confirm_page
from certification.refusals import Refusal
from certification.selection import ticked
from training.forms.reasons import ReasonForm
from training.models import PlanReceipt
from training.notifying import plan_url
from training.plans import acknowledging


@require_POST
def acknowledge_many(request):
    """Acknowledge the chosen receipts; the answer is a page with a result per row."""
    chosen = ticked(request.POST, "receipt")
    if not chosen:
        messages.warning(request, "没有选择培训计划。")
        return redirect("training:plan_list")
    try:
        results = acknowledging.acknowledge_many(actor=request.user, receipt_ids=chosen)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("training:plan_list")
    plans = _plans_of(results)
    rows = [(plans[result.row.pk], result) for result in results]
    done = sum(result.ok for result in results)
    return render(request, "training/acknowledged.html", {"rows": rows, "done": done, "left": len(rows) - done})


@require_POST
def receipt_acknowledge(request, pk: int):
    """Acknowledge one receipt."""
    receipt = _receipt(request, pk)
    try:
        acknowledging.acknowledge(actor=request.user, receipt_id=receipt.pk)
        messages.success(request, f"已签收：{receipt.plan}。")
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(plan_url(receipt.plan_id))


@require_http_methods(["GET", "POST"])
def receipt_return(request, pk: int):
    """Return the plan with a reason."""
    return _answer_with_reason(
        request,
        _receipt(request, pk),
        acknowledging.return_plan,
        title="退回培训计划",
        label="退回",
        consequence="计划退回期间不能开班。培训机构可以在开班前一日 24:00 前修改并重新报备，首次报备时间不变。",
    )


@require_http_methods(["GET", "POST"])
def receipt_reject(request, pk: int):
    """Reject the plan with a reason."""
    return _answer_with_reason(
        request,
        _receipt(request, pk),
        acknowledging.reject,
        title="不予报备",
        label="不予报备",
        consequence="该班不得开班，也不能再修改；培训机构须另行报备。省厅考试中心的意见优先于设区市的意见。",
    )


def _receipt(request, pk: int) -> PlanReceipt:
    receipts = PlanReceipt.objects.visible_to(request.user).filter(recipient=request.user.organisation_id)
    return get_object_or_404(receipts.select_related("plan__institution", "plan__job_type"), pk=pk)


def _plans_of(results) -> dict:
    receipts = PlanReceipt.objects.filter(pk__in=[result.row.pk for result in results])
    return {row.pk: row.plan for row in receipts.select_related("plan__institution", "plan__job_type")}


def _answer_with_reason(request, receipt: PlanReceipt, act, *, title: str, label: str, consequence: str):
    form = ReasonForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            act(actor=request.user, receipt_id=receipt.pk, reason=form.cleaned_data["reason"])
            messages.success(request, f"已{label}：{receipt.plan}。")
            return redirect(plan_url(receipt.plan_id))
        except Refusal as refused:
            refusal = refused
    return confirm_page(
        request,
        title=title,
        sentence=f"将对{receipt.plan.institution}的“{receipt.plan}”（回执 {receipt.number}）作出“{label}”的处理。",
        consequences=[consequence, "理由将通知培训机构并留存记录。"],
        action_label=label,
        cancel_url=plan_url(receipt.plan_id),
        subject=receipt.plan,
        form=form,
        refusal=refusal,
    )
