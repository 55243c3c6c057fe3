"""办理记录检索 and 校验: the pages of the auditor."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from certification import clock
from certification.jobs.models import JobRun
from certification.paging import keyset_page
from certification.portal import audit
from certification.records import sealing
from certification.records.models import LogSeal, TransitionLog


@require_safe
def audit_list(request):
    """The lines asked for, the latest first; and how the log stands: the last seal and the last check of it all."""
    form = audit.AuditFilter(request.GET)
    page = keyset_page(request, form.lines(), audit.ORDER)
    checked = JobRun.objects.filter(job="records.verify_log").filter(finished_at__isnull=False)
    context = {
        "form": form,
        "page": page,
        "rows": audit.rows_of(page.rows),
        "seal": LogSeal.objects.order_by("-number").first(),
        "checked": checked.order_by("-started_at").first(),
        "days": audit.DAYS,
    }
    return render(request, "portal/audit/list.html", context)


@require_http_methods(["GET", "POST"])
def audit_case(request, label: str, pk: int):
    """Every line of one case with its place in the chain; POST checks that chain (校验此件)."""
    case = audit.case_of(label, pk)
    if case is None:
        raise Http404
    lines = TransitionLog.objects.about(case).select_related(
        "actor__person", "actor__organisation", "on_behalf_of__person", "subject_type", "seal"
    )
    context = {
        "case": case,
        "kind": case._meta.verbose_name,
        "rows": audit.rows_of(list(lines)),
        "faults": list(sealing.verify(case)) if request.method == "POST" else None,
        "now": clock.now(),
    }
    return render(request, "portal/audit/case.html", context)
