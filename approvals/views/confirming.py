"""Drafts of decisions on screen (拟办意见): who waits for a second official or the head, approving, sending back."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.forms.licences import AnswerForm
from approvals.licences import approving
from approvals.licences import confirming as desk
from approvals.licences.licensing import DECISION
from approvals.models import DecisionProposal
from approvals.states import ProposalState
from approvals.views.selection import show_results
from certification.deadlines import ledger
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal.confirm import confirm_page
from certification.refusals import Incomplete
from certification.selection import ticked

RELATED = (
    "applicant__batch",
    "applicant__candidate__application__person",
    "applicant__candidate__application__job_type",
    "proposed_by__person",
    "proposed_on_behalf_of__person",
    "answered_by__person",
    "answered_on_behalf_of__person",
)


@require_safe
def confirming(request):
    """Drafts that wait, the oldest first, with what keeps this person from answering; or those answered."""
    return _show(request)


@require_POST
def confirm(request):
    """Approve or send back what was ticked, with a result per draft."""
    back = reverse("approvals:confirming")
    ids, form = ticked(request.POST, "ids"), AnswerForm(request.POST)
    if not ids:
        messages.warning(request, "请先勾选要办理的拟办意见。")
        return redirect(back)
    if not form.is_valid():
        return _show(request, form=form, chosen=ids, status=422)
    approves = request.POST.get("outcome") == "approve"
    act, title, done = (
        (desk.approve, "批准拟办意见", "已批准并作出决定") if approves else (desk.send_back, "退回拟办意见", "已退回")
    )
    try:
        results = act(actor=request.user, proposal_ids=ids, **form.cleaned_data)
    except ObjectDoesNotExist:
        raise Http404 from None
    except Incomplete as refusal:
        form.show(refusal.problems)
        return _show(request, form=form, chosen=ids, status=422)
    return show_results(request, results, title=title, back=back, done=done)


@require_http_methods(["GET", "POST"])
def withdraw(request, pk: int):
    """Take one's own draft back."""
    rows = DecisionProposal.objects.visible_to(request.user).select_related(*RELATED)
    draft, refusal = get_object_or_404(rows, pk=pk), None
    back = reverse("approvals:applicant", args=[draft.applicant_id])
    if request.method == "POST":
        (result,) = approving.withdraw(actor=request.user, proposal_ids=[pk])
        if result.ok:
            messages.success(request, "已撤回拟办意见。")
            return redirect(back)
        refusal = result.refusal
    return confirm_page(
        request,
        title="撤回拟办意见",
        sentence=f"撤回对{draft}{draft.get_outcome_display()}的拟办意见。",
        action_label="撤回",
        cancel_url=back,
        subject=draft,
        refusal=refusal,
        danger=False,
    )


def _show(request, *, form=None, chosen=(), status: int = 200):
    answered = request.GET.get("tab") == "answered"
    rows = DecisionProposal.objects.visible_to(request.user).select_related(*RELATED)
    waiting = rows.filter(state=ProposalState.PROPOSED)
    if answered:
        page = keyset_page(request, rows.exclude(state=ProposalState.PROPOSED), ("-pk",))
    else:
        page = keyset_page(request, waiting, ("pk",))
    clocks = {} if answered else ledger.find_all(DECISION, [row.applicant for row in page])
    kept = {} if answered else desk.not_theirs(page.rows, request.user)
    context = {
        "page": page,
        "rows": [(row, clocks.get(row.applicant_id), kept.get(row.pk)) for row in page],
        "answered": answered,
        "chosen": set(chosen),
        "form": form or AnswerForm(),
        "is_head": may(request.user, approving.APPROVE),
        "any_free": not answered and any(row.pk not in kept for row in page),
    }
    return render(request, "approvals/licences/confirming.html", context, status=status)
