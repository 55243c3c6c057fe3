"""The user's own workbook back, with a column that says what is wrong in each row.

What was uploaded is kept as it was: order, further columns, formats. Only where it is too big to be loaded
whole does a plain copy of the table come back instead. A csv comes back as a workbook, so that long numbers live.
"""

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping

from openpyxl import load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from certification.refusals import Problem
from certification.spreadsheets.archive import open_archive
from certification.spreadsheets.tables import Table
from certification.spreadsheets.writing import workbook

STATUS = "校验结果"
PASSED = "通过"
# openpyxl takes about a second for 30,000 cells.
_MAX_BYTES = 12 * 1024 * 1024

_WRONG = PatternFill("solid", fgColor="FFF2CC")


def annotate(
    content: bytes, table: Table, problems: Iterable[Problem], notes: Mapping[int, str] | None = None
) -> bytes:
    """``content`` (from which ``table`` was read) as xlsx with the status column; ``notes`` (row → text) stand for
    rows without problems instead of 通过, for instance warnings. A status column from an earlier round is reused."""
    status = _status(table, problems, notes or {})
    if table.kind == "xlsx":
        archive = open_archive(content)
        if sum(map(len, archive.sheets.values())) <= _MAX_BYTES:
            return _annotated(archive.rebuilt(), table, status)
    return _copied(table, status)


def _status(table: Table, problems: Iterable[Problem], notes: Mapping[int, str]) -> dict[int, tuple[bool, str]]:
    """Row number → whether it passed, and the text."""
    found: dict[int, list[str]] = defaultdict(list)
    for problem in problems:
        place = f"{problem.column}：" if problem.column else ""
        found[problem.row].append(f"{place}{problem.message}{problem.advice}")
    return {
        row.number: (row.number not in found, "\n".join(found.get(row.number, [notes.get(row.number, PASSED)])))
        for row in table.rows
    }


def _annotated(content: bytes, table: Table, status: dict[int, tuple[bool, str]]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    sheet = book[table.sheet]
    column = _status_column(table)
    head = sheet.cell(table.header_row, column, STATUS)
    head.font = Font(bold=True)
    sheet.column_dimensions[get_column_letter(column)].width = 60
    for number, (passed, text) in status.items():
        cell = sheet.cell(number, column)
        cell.value, cell.data_type = text, "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.fill = PatternFill() if passed else _WRONG
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _copied(table: Table, status: dict[int, tuple[bool, str]]) -> bytes:
    column = _status_column(table) - 1
    header = [*table.header[:column], STATUS]
    rows = [[*row.cells[:column], status[row.number][1]] for row in table.rows]
    return workbook(_distinct(header), rows, text_columns=set(_distinct(header)))


def _status_column(table: Table) -> int:
    """The column, from 1, of an earlier status, else the first one after the header."""
    return table.header.index(STATUS) + 1 if STATUS in table.header else len(table.header) + 1


def _distinct(header: list[str]) -> list[str]:
    return [name or f"列{number}" for number, name in enumerate(header, start=1)]
