"""Extensions of the statutory limit on screen: proposing, the head's decision, taking back."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import BadRequest, ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from approvals.clocks import extending
from approvals.forms.clocks import DecideForm, ProposeForm
from approvals.licences.licensing import DECISION_STATUTORY
from approvals.models import ExtensionProposal
from approvals.states import ExtensionState
from approvals.views.clocks import answered, place
from approvals.views.selection import chosen_people
from certification import clock
from certification.deadlines import pauses
from certification.portal.confirm import confirm_and_act
from certification.refusals import Refusal
from certification.selection import ticked

OUTCOMES = {
    "approve": ("批准延长", "已批准延长", extending.approve),
    "decline": ("不批准延长", "未批准", extending.decline),
}


@require_http_methods(["GET", "POST"])
def propose(request):
    """Show by how much the limit would grow, ask why, and put it before the head; a result per person."""
    rows = chosen_people(request)
    if not rows:
        return redirect(_desk())
    now = clock.now()
    obstacles = extending.obstacles_for(rows, now)
    form = ProposeForm(request.POST if "confirmed" in request.POST else None)
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            results = extending.propose(
                actor=request.user, applicant_ids=[row.pk for row in rows], reason=form.cleaned_data["reason"]
            )
        except ObjectDoesNotExist:
            raise Http404 from None
        except Refusal as found:
            refusal = place(form, found)
        else:
            if answer := answered(request, results, title="提请延长期限", done="已提请延长", back=_desk()):
                return answer
            refusal = results[0].refusal
    context = {
        "form": form,
        "rows": rows,
        "moves": _moves([row for row in rows if row.pk not in obstacles], {row.pk: row for row in rows}),
        "obstacles": [(row, obstacles[row.pk]) for row in rows if row.pk in obstacles],
        "days": extending.extension_days(now),
        "refusal": refusal,
        "back": reverse("approvals:clocks", args=[rows[0].pk]) if len(rows) == 1 else _desk(),
    }
    return render(request, "approvals/clocks/propose.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def decide(request):
    """The head approves or declines the proposals that the address names, by name; a result per proposal."""
    outcome = request.GET.get("outcome", "")
    if outcome not in OUTCOMES:
        raise BadRequest("决定无效")
    label, done, act = OUTCOMES[outcome]
    ids = list(dict.fromkeys(ticked(request.GET, "proposal")))
    proposals = ExtensionProposal.objects.visible_to(request.user).select_related(*extending.RELATED)
    rows = list(proposals.filter(pk__in=ids).order_by("pk"))
    if len(rows) != len(ids):
        raise Http404
    if not rows:
        messages.info(request, "请先勾选要决定的提请。")
        return redirect(_desk())
    form, refusal = DecideForm(request.POST or None), None
    if form.is_bound and form.is_valid():
        try:
            results = act(actor=request.user, proposal_ids=ids, reason=form.cleaned_data["reason"])
        except ObjectDoesNotExist:
            raise Http404 from None
        except Refusal as found:
            refusal = place(form, found)
        else:
            if answer := answered(request, results, title=label, done=done, back=_desk()):
                return answer
            refusal = results[0].refusal
    context = {
        "form": form,
        "rows": rows,
        "refusal": refusal,
        "refused": _refused(request, outcome, rows),
        "label": label,
        "approves": outcome == "approve",
        "moves": _moves([row.applicant for row in rows], {row.applicant_id: row.applicant for row in rows}),
        "days": extending.extension_days(clock.now()),
        "back": _desk(),
    }
    return render(request, "approvals/clocks/decide.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def withdraw(request, pk: int):
    """Take a proposal back before the head has decided."""
    proposal = get_object_or_404(
        ExtensionProposal.objects.visible_to(request.user).select_related(*extending.RELATED), pk=pk
    )
    return confirm_and_act(
        request,
        partial(extending.withdraw, actor=request.user, proposal_id=proposal.pk),
        done="已撤回提请。",
        title="撤回延长期限提请",
        sentence=f"撤回{proposal.proposed_by}对“{proposal}”提出的延长期限提请，省级负责人不再审批。",
        action_label="撤回",
        cancel_url=reverse("approvals:clocks", args=[proposal.applicant_id]),
        subject=proposal,
    )


def _desk() -> str:
    return f"{reverse('approvals:clock_desk')}?tab=extensions"


def _moves(applicants, names: dict) -> list[tuple]:
    """Applicant, deadline, the day that it would fall due."""
    found = pauses.after_extension(DECISION_STATUTORY, applicants)
    return [(names[row.subject_id], row, due.due_on) for row, due in found if not row.extension_days]


def _refused(request, outcome: str, rows: list[ExtensionProposal]) -> list[tuple[str, Refusal]]:
    """What stands against each, shown before anything is typed."""
    waiting = [row for row in rows if row.state == ExtensionState.REQUESTED]
    found = extending.breaches_of(waiting, request.user)
    if outcome == "approve":
        obstacles = extending.obstacles_for([row.applicant for row in waiting], clock.now())
        for row in waiting:
            if obstacle := obstacles.get(row.applicant_id):
                found.setdefault(row.pk, obstacle)
    return [(str(row), found[row.pk]) for row in rows if row.pk in found]
