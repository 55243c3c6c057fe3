"""The overdue board, and the file of what it shows."""

from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from certification import clock
from certification.deadlines.overview import board
from certification.deadlines.overview.filters import SOON, BoardFilter
from certification.paging import keyset_page
from certification.spreadsheets.exporting import FORMS, export

NAME = "时限办理情况"


@require_safe
def overdue(request):
    """Deadlines that are late or whatever else the filter asks for, the oldest first."""
    now = clock.now()
    form = BoardFilter(request.GET, user=request.user)
    page = keyset_page(request, form.apply(board.deadlines(request.user), now), board.ORDER)
    query = {**form.query, "state": form.asked}
    context = {
        "form": form,
        "page": page,
        "rows": board.rows_of(page, request.user, now),
        "soon": form.asked == SOON,
        "exports": [(kind, f"{reverse('deadlines:board_export', args=[kind])}?{urlencode(query)}") for kind in FORMS],
    }
    return render(request, "deadlines/board.html", context)


@require_safe
def overdue_export(request, form: str):
    """Every row of the list, on all its pages, as xlsx or csv."""
    if form not in FORMS:
        raise Http404
    now = clock.now()
    wanted = BoardFilter(request.GET, user=request.user)
    rows = board.exported(wanted, request.user, now)
    return export(form, board.COLUMNS, rows, name=f"{NAME}-{wanted.state_label}-{now:%Y%m%d}")
