"""The register of certificates."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from approvals.certificates import electronic
from approvals.certificates.registers import certificates_visible_to
from approvals.forms.certificates import CertificateFilter
from approvals.models import CardRequest, Decision
from certification import clock
from certification.catalogue.models import Category
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.people.models import CertificateState
from certification.portal import timeline


@require_safe
def certificates(request):
    """Certificates within this person's reach, the newest first."""
    form = CertificateFilter(request.GET or None)
    rows = form.apply(certificates_visible_to(request.user)).select_related("person", "job_type__group")
    page = keyset_page(request, rows, ("-pk",))
    return render(
        request,
        "approvals/certificates/list.html",
        {"form": form, "page": page, "sees_imports": may(request.user, "approvals.view_register_imports")},
    )


@require_safe
def certificate(request, pk: int):
    """One certificate: its dates, where it comes from, the decisions and cards about it, how to fetch it."""
    rows = certificates_visible_to(request.user).select_related(
        "person", "job_type__group", "replaces", "register_import"
    )
    found = get_object_or_404(rows, pk=pk)
    decisions = Decision.objects.visible_to(request.user).filter(certificate=found)
    cards = CardRequest.objects.visible_to(request.user).filter(certificate=found).select_related("window")
    context = {
        "certificate": found,
        "person": found.person,
        "following": getattr(found, "replaced_by", None),
        "decisions": decisions.select_related("applicant__batch", "letter").order_by("-decided_at", "-pk"),
        "cards": cards.order_by("-requested_at", "-pk"),
        "guide": electronic.guide(clock.today()),
        "any_window": found.job_type.group.category == Category.ONE,
        "entries": timeline.entries(found),
        "may_end": found.state == CertificateState.VALID and may(request.user, "approvals.propose_endings"),
        "sees_imports": may(request.user, "approvals.view_register_imports"),
        "sees_person": may(request.user, "approvals.view_persons"),
    }
    return render(request, "approvals/certificates/detail.html", context)
