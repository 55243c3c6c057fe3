"""证书登记导入: what was imported, the upload, what one import brought. Checking and saving are those of the kernel."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from approvals.certificates import register_importing as importing
from approvals.certificates.registers import certificates_visible_to
from certification.imports import receiving
from certification.imports.models import Import
from certification.imports.states import OPEN, ImportState
from certification.imports.views.acts import content_of
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.people.models import RegisterImport
from certification.people.register_checks import Outcome
from certification.people.register_columns import register_template
from certification.records.content import XLSX
from certification.refusals import Refusal

FINDINGS = 100


@require_safe
def register_imports(request):
    """What was imported, the newest first; above it the upload, and what waits to be looked at."""
    return _list(request)


@require_POST
def register_upload(request):
    """Keep an upload and have it checked."""
    try:
        name, content = content_of(request.FILES.get("file"))
        import_ = receiving.receive(actor=request.user, purpose=importing.PURPOSE, content=content, name=name)
    except Refusal as refusal:
        return _list(request, refusal=refusal)
    receiving.go_on(import_)
    return redirect("imports:detail", import_.uuid)


@require_safe
def register_template_file(request):
    """The workbook to fill in."""
    header = content_disposition_header(as_attachment=True, filename="证书登记导入模板.xlsx")
    return HttpResponse(register_template(), content_type=XLSX, headers={"Content-Disposition": header})


@require_safe
def register_import(request, pk: int):
    """One import: its figures, what the register kept or somebody should look at, and the certificates that it says."""
    found = get_object_or_404(
        RegisterImport.objects.select_related("file", "uploaded_by__person", "saved_by__person"), pk=pk
    )
    rows = certificates_visible_to(request.user).filter(register_import=found).select_related("person", "job_type")
    page = keyset_page(request, rows.order_by("register_row", "pk"), ("register_row", "pk"))
    asked = request.GET.get("findings", "")
    first = int(asked) if asked.isdecimal() and len(asked) < 7 else 0
    context = {
        "import": found,
        "counts": _counts(found),
        "findings": found.findings[first : first + FINDINGS],
        "findings_next": first + FINDINGS if len(found.findings) > first + FINDINGS else None,
        "page": page,
    }
    return render(request, "approvals/imports/detail.html", context)


def _list(request, *, refusal: Refusal | None = None):
    imports = RegisterImport.objects.select_related("saved_by__person").defer("findings")
    page = keyset_page(request, imports, ("-saved_at", "-pk"))
    may_import = may(request.user, importing.IMPORT)
    context = {
        "page": page,
        "rows": [(one, _counts(one)) for one in page],
        "refusal": refusal,
        "may_import": may_import,
        "waiting": _waiting(request.user) if may_import else [],
    }
    return render(request, "approvals/imports/list.html", context, status=422 if refusal else 200)


def _waiting(user) -> list[Import]:
    """Uploads of the own office that were not saved yet."""
    rows = Import.objects.visible_to(user).filter(
        purpose=importing.PURPOSE.code,
        organisation=user.organisation_id,
        state__in=[*OPEN, ImportState.SAVING],
    )
    return list(rows.select_related("uploaded_by__person").defer("report").order_by("-pk")[:20])


def _counts(found: RegisterImport) -> list[tuple[str, int]]:
    return [(outcome.label, found.counts.get(outcome.value, 0)) for outcome in Outcome]
