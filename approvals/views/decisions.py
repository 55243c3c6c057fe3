"""Decisions: the decision maker's desk, the register of decisions, letters and service."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.forms.licences import DecisionFilter, RefusalForm, ServiceForm
from approvals.licences import approving, letters, serving
from approvals.licences import deciding as desk
from approvals.licences.licensing import APPLICANT_RELATED, DECISION, SERVICE
from approvals.models import Decision, DecisionOutcome, DecisionProposal, LicenceApplicant
from approvals.states import LicenceState
from approvals.views import papers
from approvals.views.selection import run_bulk
from certification import clock
from certification.deadlines import ledger
from certification.forms import placed
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.refusals import Incomplete, Refusal
from certification.selection import ticked


@require_safe
def deciding(request):
    """Who waits for a decision, the oldest receipt first, with what stands against each."""
    rows = LicenceApplicant.objects.visible_to(request.user).filter(state=LicenceState.RECONCILED)
    page = keyset_page(request, rows.select_related(*APPLICANT_RELATED), ("received_at", "pk"))
    obstacles = desk.obstacles_for(page.rows, request.user, clock.now())
    clocks = ledger.find_all(DECISION, page.rows)
    context = {"page": page, "rows": [(row, clocks.get(row.pk), obstacles.get(row.pk)) for row in page]}
    return render(request, "approvals/licences/deciding.html", context)


@require_POST
def grant(request):
    """Show whom it concerns; with ``confirmed`` grant to everyone who was ticked, with a result per row."""
    back = reverse("approvals:deciding")
    if "confirmed" in request.POST or not ticked(request.POST, "ids"):
        return run_bulk(
            request,
            lambda ids: desk.grant(actor=request.user, applicant_ids=ids),
            title="准予许可",
            back=back,
            done="已准予许可",
            then="准予的，由受理员送达决定书；拟办的，批准后才作出决定。",
        )
    rows = LicenceApplicant.objects.visible_to(request.user).filter(
        pk__in=ticked(request.POST, "ids"), state=LicenceState.RECONCILED
    )
    rows = list(rows.select_related(*APPLICANT_RELATED).order_by("pk"))
    if not rows:
        return redirect(back)
    obstacles = desk.obstacles_for(rows, request.user, clock.now())
    needs = approving.needed(rows, DecisionOutcome.GRANTED, clock.today())
    context = {
        "rows": [(row, obstacles.get(row.pk), needs.get(row.pk)) for row in rows],
        "free": len(rows) - len(obstacles),
        "drafted": sum(row.pk in needs and row.pk not in obstacles for row in rows),
        "back": back,
    }
    return render(request, "approvals/licences/grant.html", context)


@require_http_methods(["GET", "POST"])
def refuse(request, pk: int):
    """Refuse one person, with facts, basis and reasons."""
    applicant = get_object_or_404(
        LicenceApplicant.objects.visible_to(request.user).select_related(*APPLICANT_RELATED), pk=pk
    )
    form, refusal = RefusalForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            made = desk.refuse(actor=request.user, applicant_id=applicant.pk, **form.cleaned_data)
            if isinstance(made, DecisionProposal):
                messages.success(request, f"已拟办不予许可，等待{made.get_needs_display()}；批准后作出决定。")
            return redirect("approvals:applicant", made.applicant_id)
        except Refusal as caught:
            refusal = caught
    context = {
        "applicant": applicant,
        "application": applicant.candidate.application,
        "person": applicant.candidate.application.person,
        "needs": approving.needed([applicant], DecisionOutcome.REFUSED, clock.today()).get(applicant.pk),
        "form": form,
        "refusal": refusal,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "approvals/licences/refuse.html", context, status=status)


@require_safe
def decisions(request):
    """The register of decisions, the newest first; those to be served, the longest waiting first."""
    return _register(request)


@require_POST
def serve(request):
    """Record service for everyone who was ticked."""
    form, chosen = ServiceForm(request.POST), ticked(request.POST, "ids")

    def again(refusal: Incomplete | None = None):
        if refusal:
            placed(form, refusal)
        return _register(request, service=form, ticked=chosen, status=422)

    if not form.is_valid():
        return again()
    return run_bulk(
        request,
        lambda ids: serving.serve(actor=request.user, decision_ids=ids, **form.cleaned_data),
        title="送达",
        back=f"{reverse('approvals:decisions')}?served=no",
        done="已送达",
        then="准予许可的，本人可到窗口申领实体证书；考试组织单位办结后封存档案。",
        again=again,
    )


@require_safe
def letter(request, pk: int):
    """The letter of a decision; made now if the job has not made it yet. That its institution opened it is kept."""
    decision = get_object_or_404(Decision.objects.visible_to(request.user), pk=pk)
    serving.note_by(request.user, decision, serving.Kind.OPENED, now=clock.now())
    return papers.sent(request, letters.KIND, decision, back=reverse("approvals:decisions"))


def _register(request, *, service=None, ticked=(), status: int = 200):
    form = DecisionFilter(request.GET or None)
    rows = form.apply(Decision.objects.visible_to(request.user)).select_related(
        "applicant__candidate__application__person",
        "applicant__candidate__application__job_type",
        "applicant__candidate__application__institution",
        "letter",
    )
    page = keyset_page(request, rows, ("pk",) if form.asks_for_unserved else ("-pk",))
    clocks = ledger.find_all(SERVICE, [row.applicant for row in page])
    may_serve = may(request.user, serving.ACTION)
    context = {
        "form": form,
        "page": page,
        "rows": [(row, clocks.get(row.applicant_id)) for row in page],
        "service": (service or ServiceForm()) if may_serve else None,
        "ticked": set(ticked),
        "any_to_serve": may_serve and any(row.served_at is None for row in page),
    }
    return render(request, "approvals/licences/decisions.html", context, status=status)
