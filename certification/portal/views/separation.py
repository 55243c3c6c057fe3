"""分离检查: what the daily scan has found, the newest on top."""

from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certification.jobs.models import JobRun, Outcome
from certification.paging import keyset_page
from certification.people.models import Person
from certification.portal.separation_report import reported


@require_safe
def separation_list(request):
    """Every breach that was found, who and by which rule; and when the scan ran last."""
    lines = reported().prefetch_related(GenericPrefetch("subject", [Person.objects.all()]))
    scanned = JobRun.objects.filter(job="separation.scan", outcome=Outcome.DONE).order_by("-started_at").first()
    context = {"page": keyset_page(request, lines, ("-at", "-pk")), "scanned": scanned}
    return render(request, "portal/separation.html", context)
