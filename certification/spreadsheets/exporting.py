"""Tables out, in one form for both kinds of file: an export says the same as xlsx and as csv."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from certification.spreadsheets.writing import workbook

XLSX, CSV = "xlsx", "csv"
FORMS = (XLSX, CSV)
_TYPES = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "text/csv; charset=utf-8",
}
# A cell that begins with one of these is a formula to whoever opens the csv in a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(form: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, name: str) -> HttpResponse:
    """The table as a download ``name``.xlsx or .csv (UTF-8 with its mark, so that Excel reads the Chinese).

    Raises ValueError for another ``form``.
    """
    if form not in FORMS:
        raise ValueError(f"unknown form {form}")
    content = workbook(columns, rows) if form == XLSX else _csv(columns, rows)
    headers = {
        "Content-Disposition": content_disposition_header(True, f"{name}.{form}"),
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=_TYPES[form], headers=headers)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_plain(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
