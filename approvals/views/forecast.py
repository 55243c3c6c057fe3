"""What falls due: a board of numbers that link to the rows behind them, and the rows as a file."""

from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from approvals.certificates import forecast
from approvals.forms.certificates import ForecastFilter
from certification import clock
from certification.organisations.models import Territory
from certification.paging import keyset_page
from certification.spreadsheets.exporting import FORMS, export


@require_safe
def board(request):
    """Counts by month, city and job type, and the certificates themselves, the nearest day first."""
    form, rows, cities = _narrowed(request)
    page = keyset_page(request, rows.select_related("person", "job_type"), ("due_on", "pk"))
    asked = form.asked
    query = urlencode(asked)
    tables = [
        (title, [(line, urlencode(asked | line.query)) for line in lines(rows)])
        for title, lines in (
            ("按月份", forecast.by_month),
            ("按设区市", forecast.by_city),
            ("按操作项目", forecast.by_job_type),
        )
    ]
    context = {
        "form": form,
        "is_set": bool(asked),
        "tables": tables,
        "rows": [(row, forecast.LABELS[row.what], cities.get(row.city, forecast.NO_CITY)) for row in page],
        "page": page,
        "overdue": forecast.overdue(request.user, clock.today()),
        "exports": [(kind, f"{reverse('approvals:forecast_export', args=[kind])}?{query}") for kind in FORMS],
    }
    return render(request, "approvals/certificates/forecast.html", context)


@require_safe
def forecast_export(request, form: str):
    """Every certificate that the board shows, as xlsx or csv, numbers masked."""
    if form not in FORMS:
        raise Http404
    _form, rows, cities = _narrowed(request)
    name = f"应复审和到期换证-{clock.today():%Y%m%d}"
    return export(form, forecast.COLUMNS, forecast.exported(rows, cities), name=name)


def _narrowed(request):
    form = ForecastFilter(request.GET)
    cities = dict(Territory.objects.order_by("code").values_list("pk", "name"))
    return form, form.apply(forecast.due(request.user, clock.today(), form.months)), cities
