"""Service of one decision (送达): what proves it, the receipt to sign, the signature."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.forms.licences import SignatureForm
from approvals.licences import letters, service_papers, serving
from approvals.licences.licensing import SERVICE
from approvals.models import Decision
from approvals.views.papers import unmade
from certification import clock
from certification.deadlines import ledger
from certification.documents.responses import pdf_response
from certification.forms import placed
from certification.organisations.access import may
from certification.records import accesses
from certification.refusals import Refusal


@require_safe
def service(request, pk: int):
    """Everything that proves service of one decision; that its institution looked is kept."""
    decision = _decision(request, pk)
    serving.note_by(request.user, decision, serving.Kind.SEEN, now=clock.now())
    return _show(request, decision)


@require_POST
def sign(request, pk: int):
    """Note that the letter was signed for."""
    decision = _decision(request, pk)
    form, refusal = SignatureForm(request.POST, request.FILES), None
    if form.is_valid():
        try:
            serving.sign_for(actor=request.user, decision_id=decision.pk, **form.cleaned_data)
        except ObjectDoesNotExist:
            raise Http404 from None
        except Refusal as found:
            refusal = placed(form, found)
        else:
            messages.success(request, f"已登记{decision.applicant}签收{decision.number}。")
            return redirect("approvals:service", decision.pk)
    return _show(request, decision, form=form, refusal=refusal, status=422)


@require_safe
def paper(request, pk: int):
    """The receipt (送达回证), to be signed or as it was signed."""
    decision = _decision(request, pk)
    try:
        content = service_papers.render(decision)
    except Refusal as refusal:
        return unmade(request, refusal, title="送达回证", back=reverse("approvals:service", args=[decision.pk]))
    accesses.take_out(decision, actor=request.user, now=clock.now(), what="送达回证", persons=1)
    return pdf_response(content, "receipt.pdf")


def _decision(request, pk: int) -> Decision:
    rows = Decision.objects.visible_to(request.user).select_related(
        *letters.RELATED, "letter", "served_by__person", "decided_by__person", "decided_on_behalf_of__person"
    )
    return get_object_or_404(rows, pk=pk)


def _show(request, decision: Decision, *, form=None, refusal=None, status: int = 200):
    signs = may(request.user, serving.SIGN) and decision.served_at is None
    application = decision.applicant.candidate.application
    initial = {"signatory": application.person.name, "signed_on": clock.today()}
    context = {
        "decision": decision,
        "application": application,
        "person": application.person,
        "events": decision.service_events.select_related("by__person", "file"),
        "deadline": ledger.find(SERVICE, decision.applicant),
        "form": (form or SignatureForm(initial=initial)) if signs else None,
        "refusal": refusal,
    }
    response = render(request, "approvals/licences/service.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
