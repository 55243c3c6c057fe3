"""Columns of an import as small objects, and the one pass that reports every problem of every row.

A room declares its columns and gets records back; what a value must be is the column's ``clean`` function,
which returns the clean value or raises CellProblem. Clean functions that people's spreadsheets need are in
``cleaning``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from certification.refusals import Problem
from certification.spreadsheets.cleaning import CellProblem, clean_text
from certification.spreadsheets.names import normal_name
from certification.spreadsheets.reading import Table, TableRow, UnreadableFile, read_table


@dataclass(frozen=True)
class Column:
    """One column. ``key`` names the value in a record, ``name`` is the header of our template, ``aliases`` other
    headers that the field uses. A ``required`` column must be there and filled in every row. ``clean`` gets the
    cell as read and returns the value, or raises CellProblem; it is not asked about blank cells. ``note`` stands in a
    comment at the header of the template. Where ``in_row``, ``clean`` also gets the values of the row's other columns:
    such columns come last."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    required: bool = True
    clean: Callable[[Any], Any] = clean_text
    text: bool = False
    in_row: bool = False
    choices: tuple[str, ...] = ()
    example: str = ""
    note: str = ""


@dataclass
class Record:
    """One row's clean values by column key (None where blank or wrong). ``row`` is the sheet's row number, ``cells``
    are its cells as they came and ``places`` where each column stands among them."""

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    cells: Sequence[Any] = ()
    places: Mapping[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing was wrong in this row."""
        return not self.problems

    def __getitem__(self, key: str) -> Any:
        return self.values.get(key)

    def typed(self, key: str) -> Any:
        """The cell as it came; None where the table has no such column."""
        return self.cells[self.places[key]] if key in self.places else None


class Parsed(NamedTuple):
    """All rows of a table, wrong ones included, and everything that is wrong with them in sheet order."""

    records: list[Record]
    problems: list[Problem]


def wanted_names(columns: Iterable[Column]) -> list[str]:
    """Every name and alias under which the columns may appear: ``wanted`` for ``read_table``."""
    return [name for column in columns for name in (column.name, *column.aliases)]


def read_records(content: bytes, name: str, columns: Sequence[Column]) -> Parsed:
    """Read an upload and parse it in one step; raises UnreadableFile for what is wrong with the file as a whole."""
    return parse(read_table(content, name, wanted_names(columns)), columns)


def parse(table: Table, columns: Sequence[Column], places: Mapping[str, int] | None = None) -> Parsed:
    """Clean every cell of every row; each wrong one becomes a Problem with row, column, value and advice.

    ``places`` says where each column stands, by key (a confirmed layout); without it they are found by name, and
    UnreadableFile ``missing_columns`` or ``duplicate_column`` is raised where that fails.
    """
    if places is None:
        where = _places(table, columns)
    else:
        where = [(column, places[column.key]) for column in columns if column.key in places]
    where.sort(key=lambda each: each[0].in_row)
    by_key = {column.key: index for column, index in where}
    records = [_record(row, where, by_key) for row in table.rows]
    return Parsed(records, [problem for record in records for problem in record.problems])


def _places(table: Table, columns: Sequence[Column]) -> list[tuple[Column, int]]:
    header = [normal_name(name) for name in table.header]
    places, missing = [], []
    for column in columns:
        names = {normal_name(name) for name in (column.name, *column.aliases)}
        found = [index for index, name in enumerate(header) if name in names]
        if len(found) > 1:
            twice = "、".join(f"“{table.header[index]}”" for index in found)
            raise UnreadableFile(
                f"“{column.name}”列出现了多次（{twice}）。", code="duplicate_column", advice="请只保留一列后重新上传。"
            )
        if found:
            places.append((column, found[0]))
        elif column.required:
            missing.append(column.name)
    if missing:
        raise UnreadableFile(
            f"第 {table.header_row} 行的表头缺少：{'、'.join(missing)}。",
            code="missing_columns",
            advice="请补上这些列，或使用本系统下载的模板。",
        )
    return places


def _record(row: TableRow, places: list[tuple[Column, int]], by_key: Mapping[str, int]) -> Record:
    record = Record(row.number, cells=row.cells, places=by_key)
    values, cells = record.values, row.cells
    marked = row.formulas or row.errors
    for column, index in places:
        cell = cells[index]
        try:
            if marked:
                _require_unmarked(row, index)
            if cell is None or cell == "" or (isinstance(cell, str) and not clean_text(cell)):
                _require_optional(column)
                values[column.key] = None
            else:
                values[column.key] = column.clean(cell, values) if column.in_row else column.clean(cell)
        except CellProblem as problem:
            values[column.key] = None
            record.problems.append(_problem(problem, row, column, cells[index], by_key))
    return record


def _problem(problem: CellProblem, row: TableRow, column: Column, cell: Any, places: Mapping[str, int]) -> Problem:
    if problem.field:
        place = places.get(problem.field)
        cell = "" if place is None else row.cells[place]
    return Problem(
        problem.message,
        code=problem.code,
        field=problem.field or column.key,
        row=row.number,
        column=problem.column or column.name,
        value=shown(cell),
        advice=problem.advice,
    )


def _require_unmarked(row: TableRow, index: int) -> None:
    if index in row.formulas:
        raise CellProblem("单元格是公式，不能作为数据。", code="formula", advice="请复制后“选择性粘贴—数值”。")
    if index in row.errors:
        raise CellProblem("单元格是错误值（如 #N/A）。", code="cell_error", advice="请填写实际内容。")


def _require_optional(column: Column) -> None:
    if column.required:
        raise CellProblem(f"{column.name}未填写。", code="required", advice=f"请填写{column.name}。")


def shown(cell: Any) -> str:
    """A cell as a problem shows it: whole numbers without “.0”, days without midnight, at most 100 characters."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    return ("" if cell is None else str(cell))[:100]
