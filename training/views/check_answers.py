"""What follows a spot check: the institution answers, whoever checked confirms or returns."""

from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from certification import clock
from certification.forms import placed
from certification.inspections.forms import AnswerForm, ConfirmForm, ReturnForm
from certification.portal.confirm import confirm_and_act
from certification.refusals import Refusal
from certification.rulebook import lookup
from training.models import SpotCheck
from training.spot_checks import recording
from training.spot_checks.spot_check_notices import check_url
from training.views.checks import visible_checks


@require_http_methods(["GET", "POST"])
def check_answer(request, pk: int):
    """Say what was done about the findings, with evidence."""
    check = get_object_or_404(visible_checks(request.user), pk=pk)
    if check.plan.institution_id != request.user.organisation_id:
        raise Http404
    form = AnswerForm(request.POST or None, request.FILES or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            recording.answer(actor=request.user, check_id=check.pk, **form.cleaned_data)
            messages.success(request, "整改情况已报送，等待复核。")
            return redirect(check_url(check))
        except Refusal as refused:
            refusal = placed(form, refused)
    findings = check.findings.exclude(grade="").order_by("pk")
    context = {"check": check, "form": form, "refusal": refusal, "findings": findings}
    status = 422 if refusal or (form.is_bound and form.errors) else 200
    return render(request, "training/check_answer.html", context, status=status)


@require_http_methods(["GET", "POST"])
def check_confirm(request, pk: int):
    """The remedy is good."""
    check = _to_judge(request, pk)
    form = ConfirmForm(request.POST or None)
    return _judge(
        request,
        check,
        form,
        recording.confirm,
        title="确认整改合格",
        sentence=f"将确认{check.plan.institution}就检查 {check.number} 的整改合格，检查办结。",
        consequences=["结果将通知培训机构，并记入班级档案。"],
        label="确认合格",
        danger=False,
    )


@require_http_methods(["GET", "POST"])
def check_return(request, pk: int):
    """The remedy is not good; the time runs anew."""
    check = _to_judge(request, pk)
    edition = lookup.edition_on(clock.today())
    form = ReturnForm(
        request.POST or None, checklist=recording.CHECKLIST, edition=edition, initial={"remedy": check.remedy_rule}
    )
    return _judge(
        request,
        check,
        form,
        recording.return_answer,
        title="退回整改",
        sentence=f"将把检查 {check.number} 退回{check.plan.institution}继续整改。",
        consequences=["整改时限自今天起重新计算，今天不计入。", "意见将通知培训机构并留存记录。"],
        label="退回整改",
        danger=True,
    )


def _to_judge(request, pk: int) -> SpotCheck:
    check = get_object_or_404(visible_checks(request.user), pk=pk)
    if check.organisation_id != request.user.organisation_id:
        raise Http404
    return check


def _judge(request, check: SpotCheck, form, act, *, label: str, **page):
    return confirm_and_act(
        request,
        partial(act, actor=request.user, check_id=check.pk),
        done=f"已{label}：{check.number}。",
        action_label=label,
        cancel_url=check_url(check),
        subject=check.number,
        form=form,
        **page,
    )
