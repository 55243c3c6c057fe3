"""常用理由: the list that reviewers choose from, kept by the provincial head."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from approvals.forms.reasons import ReasonForm
from approvals.models import ReasonText
from approvals.reviews import reasons as kept
from certification.organisations.access import may
from certification.portal import timeline
from certification.refusals import Incomplete


@require_safe
def reasons(request):
    """Every reason, those in use first."""
    rows = ReasonText.objects.select_related("kept_by__person").order_by(
        "-active", "outcome", "stage", "material", "pk"
    )
    return render(request, "approvals/reasons/list.html", {"rows": rows, "may_keep": may(request.user, kept.KEEP)})


@require_http_methods(["GET", "POST"])
def reason_create(request):
    """Add a reason."""
    return _edit(request, ReasonText(), "登记常用理由")


@require_http_methods(["GET", "POST"])
def reason_edit(request, pk: int):
    """Change or withdraw a reason; what was filed with it keeps its words."""
    return _edit(request, get_object_or_404(ReasonText, pk=pk), "更改常用理由")


def _edit(request, reason: ReasonText, title: str):
    form = ReasonForm(request.POST or None, instance=reason)
    if request.method == "POST" and form.is_valid():
        try:
            kept.keep(actor=request.user, reason_id=reason.pk, **form.cleaned_data)
        except Incomplete as incomplete:
            form.show(incomplete.problems)
        else:
            messages.success(request, "常用理由已保存，审核页面即时可选。")
            return redirect("approvals:reasons")
    context = {
        "form": form,
        "title": title,
        "entries": timeline.entries(reason) if reason.pk else [],
        "versions": reason.history.select_related("history_user__person").order_by("-history_date")
        if reason.pk
        else [],
    }
    return render(request, "approvals/reasons/form.html", context, status=422 if form.errors else 200)
