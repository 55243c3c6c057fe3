"""The user's own workbook back, with a column that says what is wrong in each row and a comment at each wrong cell.

What was uploaded is kept as it was: order, further columns, formats. Only where it is too big to be loaded
whole does a plain copy of the table come back instead. A csv comes back as a workbook, so that long numbers live.
"""

import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl import load_workbook
from openpyxl.comments import Comment
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
_TEXT = "@"
_COMMENT_SIZE = (110, 320)
# So many rows between two words on how far it is.
_STEP = 500


@dataclass
class Annotation:
    """What is written beside the rows. ``notes`` (row → text) stand for rows without problems instead of 通过, for
    instance warnings. ``marks`` (row → text) go to a column ``mark_name`` of their own; ``places`` (field → position)
    say at which cell a problem gets its comment; ``corrected`` (row → position → value) replaces cells, and adds the
    rows that the sheet does not have; ``shown`` changes a cell on its way out, to mask what is nobody's business;
    ``progress`` hears how many rows of how many were written."""

    problems: Iterable[Problem] = ()
    notes: Mapping[int, str] = field(default_factory=dict)
    marks: Mapping[int, str] = field(default_factory=dict)
    mark_name: str = ""
    places: Mapping[str, int] = field(default_factory=dict)
    corrected: Mapping[int, Mapping[int, Any]] = field(default_factory=dict)
    shown: Callable[[Any], Any] | None = None
    progress: Callable[[int, int], None] | None = None

    def __post_init__(self):
        self.said: dict[int, list[str]] = defaultdict(list)
        self.comments: dict[tuple[int, int], list[str]] = defaultdict(list)
        for problem in self.problems:
            text = f"{problem.message}{problem.advice}"
            self.said[problem.row].append(f"{problem.column}：{text}" if problem.column else text)
            if problem.field in self.places:
                self.comments[problem.row, self.places[problem.field]].append(text)

    def status(self, number: int) -> str:
        """What the status column says of a row."""
        return "\n".join(self.said.get(number) or [self.notes.get(number, PASSED)])


def annotate(
    content: bytes,
    table: Table,
    problems: Iterable[Problem] = (),
    notes: Mapping[int, str] | None = None,
    *,
    annotation: Annotation | None = None,
) -> bytes:
    """``content`` (from which ``table`` was read) as xlsx with the status column and what else ``annotation`` says.

    Columns of an earlier round are reused.
    """
    said = annotation or Annotation(problems, notes or {})
    if table.kind == "xlsx" and said.shown is None:
        archive = open_archive(content)
        if sum(map(len, archive.sheets.values())) <= _MAX_BYTES:
            return _annotated(archive.rebuilt(), table, said)
    return _copied(table, said)


def _numbers(table: Table, said: Annotation) -> list[int]:
    return sorted({row.number for row in table.rows} | set(said.corrected))


def _annotated(content: bytes, table: Table, said: Annotation) -> bytes:
    book = load_workbook(io.BytesIO(content))
    sheet = book[table.sheet]
    mark, status = _extra_columns(table, said)
    for column, name, width in ((mark, said.mark_name, 16), (status, STATUS, 60)):
        if column:
            sheet.cell(table.header_row, column, name).font = Font(bold=True)
            sheet.column_dimensions[get_column_letter(column)].width = width
    numbers = _numbers(table, said)
    for place, number in enumerate(numbers):
        if said.progress and place % _STEP == 0:
            said.progress(place, len(numbers))
        _correct(sheet, number, said.corrected.get(number, {}))
        if mark:
            _write_text(sheet.cell(number, mark), said.marks.get(number, ""))
        cell = sheet.cell(number, status)
        _write_text(cell, said.status(number))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.fill = _WRONG if number in said.said else PatternFill()
    for (number, index), texts in said.comments.items():
        cell = sheet.cell(number, index + 1)
        cell.comment = Comment("\n".join(texts), STATUS, *_COMMENT_SIZE)
        cell.fill = _WRONG
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _correct(sheet, number: int, values: Mapping[int, Any]) -> None:
    for index, value in values.items():
        cell = sheet.cell(number, index + 1)
        if isinstance(value, str):
            _write_text(cell, value)
            cell.number_format = _TEXT
        else:
            cell.value = value


def _write_text(cell, text: str) -> None:
    cell.value = text
    if text:
        # Never a formula, whatever it begins with.
        cell.data_type = "s"


def _copied(table: Table, said: Annotation) -> bytes:
    mark, status = _extra_columns(table, said)
    width = len(table.header)
    header = [*table.header, *[""] * (max(mark, status) - width)]
    for column, name in ((mark, said.mark_name), (status, STATUS)):
        if column:
            header[column - 1] = name
    cells = {row.number: row.cells for row in table.rows}
    shown = said.shown or (lambda cell: cell)
    rows, places = [], {}
    for number in _numbers(table, said):
        row = [*cells.get(number, [""] * width), *[""] * (len(header) - width)]
        for index, value in said.corrected.get(number, {}).items():
            row[index] = value
        row = [shown(cell) for cell in row]
        if mark:
            row[mark - 1] = said.marks.get(number, "")
        row[status - 1] = said.status(number)
        places[number] = len(rows)
        rows.append(row)
    comments = {(places[number], index): "\n".join(texts) for (number, index), texts in said.comments.items()}
    names = _distinct(header)
    return workbook(names, rows, text_columns=set(names), comments=comments)


def _extra_columns(table: Table, said: Annotation) -> tuple[int, int]:
    """The columns, from 1, of marks (0 where there are none) and of the status: those of an earlier round, else the
    first ones after the header."""
    after = len(table.header) + 1
    mark = 0
    if said.mark_name:
        mark = table.header.index(said.mark_name) + 1 if said.mark_name in table.header else after
        after += mark == after
    return mark, table.header.index(STATUS) + 1 if STATUS in table.header else after


def _distinct(header: list[str]) -> list[str]:
    found: list[str] = []
    for number, name in enumerate(header, start=1):
        found.append(name if name and name not in found else f"{name or '列'}{number}")
    return found
