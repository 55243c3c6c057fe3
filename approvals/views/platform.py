"""全国平台台账: every sending with its receipt, what came back, who has no receipt; the upload of a returned file."""

from django.db.models import OuterRef, Subquery
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from approvals.licences import licensing, platform_return, without_receipt
from approvals.models import LicenceApplication, PlatformReturn, PlatformSending
from approvals.states import BatchState
from certification.imports import receiving
from certification.imports.views.acts import content_of
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.refusals import Refusal


@require_safe
def platform_ledger(request):
    """The sendings, the newest first; before them whoever has no receipt: sessions and applications here, the persons
    one by one with ``?show=persons``."""
    if request.GET.get("show") == "persons":
        return _persons(request)
    last = PlatformReturn.objects.filter(batch=OuterRef("batch")).order_by("-pk")
    rows = PlatformSending.objects.visible_to(request.user).select_related("batch__session", "file", "sent_by__person")
    rows = rows.annotate(returned_at=Subquery(last.values("uploaded_at")[:1]))
    unsent = LicenceApplication.objects.visible_to(request.user).filter(state=BatchState.PREPARED)
    context = {
        "page": keyset_page(request, rows, ("-pk",)),
        "unsent": unsent.select_related("session").order_by("pk")[:50],
        "sessions": licensing.sessions_to_apply(request.user) if may(request.user, platform_return.UPLOAD) else [],
        "waiting": platform_return.waiting(request.user),
        "without_receipt": without_receipt.persons(request.user).count(),
    }
    return render(request, "approvals/platform/ledger.html", context)


def _persons(request):
    page = keyset_page(request, without_receipt.persons(request.user), ("pk",))
    context = {
        "page": page,
        "rows": [(row, without_receipt.applicant_of(row), without_receipt.waits_for(row)) for row in page],
    }
    return render(request, "approvals/platform/persons.html", context)


@require_http_methods(["GET", "POST"])
def platform_upload(request, pk: int):
    """Keep a file that came back and have it compared."""
    batch = get_object_or_404(
        LicenceApplication.objects.visible_to(request.user).filter(organiser=request.user.organisation_id), pk=pk
    )
    refusal = None
    if request.method == "POST":
        try:
            name, content = content_of(request.FILES.get("file"))
            import_ = receiving.receive(
                actor=request.user, purpose=platform_return.PURPOSE, content=content, name=name, subject=batch
            )
        except Refusal as found:
            refusal = found
        else:
            receiving.go_on(import_)
            return redirect("imports:detail", import_.uuid)
    context = {
        "batch": batch,
        "refusal": refusal,
        "returns": batch.returns.select_related("file", "uploaded_by__person"),
    }
    return render(request, "approvals/platform/upload.html", context, status=422 if refusal else 200)
