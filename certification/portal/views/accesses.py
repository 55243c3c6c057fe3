"""查阅记录, and the file of what it shows."""

from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from certification import clock
from certification.paging import keyset_page
from certification.portal import access_log
from certification.spreadsheets.exporting import FORMS, export


@require_safe
def access_list(request):
    """Who saw which personal data, the latest first."""
    form = access_log.AccessFilter(request.GET)
    page = keyset_page(request, form.apply(access_log.seen_by(request.user)), access_log.ORDER)
    query = urlencode({name: request.GET[name] for name in form.fields if request.GET.get(name)})
    context = {
        "form": form,
        "page": page,
        "rows": [access_log.row_of(line) for line in page],
        "exports": [(kind, f"{reverse('portal:accesses-export', args=[kind])}?{query}") for kind in FORMS],
    }
    return render(request, "portal/accesses.html", context)


@require_safe
def access_export(request, form: str):
    """Every line of the list, on all its pages, as xlsx or csv."""
    if form not in FORMS:
        raise Http404
    rows = access_log.AccessFilter(request.GET).apply(access_log.seen_by(request.user)).order_by(*access_log.ORDER)
    lines = (access_log.row_of(line) for line in rows.iterator(chunk_size=2000))
    return export(form, access_log.COLUMNS, lines, name=f"查阅记录-{clock.today():%Y%m%d}")
