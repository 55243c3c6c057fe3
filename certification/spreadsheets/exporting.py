"""Tables out, in one form for both kinds of file: an export says the same as xlsx and as csv."""

import csv
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from certification.spreadsheets.writing import workbook

XLSX, CSV = "xlsx", "csv"
FORMS = (XLSX, CSV)
# So many rows are a workbook in less than a second.
AT_ONCE_ROWS = 5000
_TYPES = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "text/csv; charset=utf-8",
}
# A cell that begins with one of these is a formula to whoever opens the csv in a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(form: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, name: str) -> HttpResponseBase:
    """The table as a download ``name``.xlsx or .csv (UTF-8 with its mark, so that Excel reads the Chinese).

    What is longer than ``AT_ONCE_ROWS`` comes as csv, whichever was asked for, and row by row: nobody waits for a
    workbook of a hundred thousand rows, nor does it fill the memory. Raises ValueError for another ``form``.
    """
    if form not in FORMS:
        raise ValueError(f"unknown form {form}")
    remaining = iter(rows)
    first = list(islice(remaining, AT_ONCE_ROWS + 1))
    if len(first) > AT_ONCE_ROWS:
        lines = _csv_lines(columns, chain(first, remaining))
        return StreamingHttpResponse(lines, content_type=_TYPES[CSV], headers=_headers(f"{name}.{CSV}"))
    content = workbook(columns, first) if form == XLSX else b"".join(_csv_lines(columns, first))
    return HttpResponse(content, content_type=_TYPES[form], headers=_headers(f"{name}.{form}"))


def _headers(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": content_disposition_header(True, name),
        "X-Content-Type-Options": "nosniff",
    }


def _csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    writer = csv.writer(_Echo())
    yield BOM_UTF8 + writer.writerow(columns)
    for row in rows:
        yield writer.writerow(_plain(value) for value in row)


class _Echo:
    """What a csv writer writes to, to hand on what it wrote."""

    def write(self, line: str) -> bytes:
        return line.encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
