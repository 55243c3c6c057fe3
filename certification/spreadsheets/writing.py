"""Workbooks out: templates to fill in and exports.

Strings are written as strings, never as formulas or links, so that a name like “=HYPERLINK(…)” stays a name.
The same input gives the same bytes.
"""

import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from certification.spreadsheets.columns import Column
from certification.spreadsheets.tables import EXAMPLE_SHEET

FONT = "微软雅黑"
DATA_SHEET = "数据"
NOTES_SHEET = "填写说明"
CHOICES_SHEET = "选项"
# Drop-downs and text format reach this far down; more rows may still be filled in.
TEMPLATE_ROWS = 1000
_MAX_LIST_CHARACTERS = 255
_WIDTHS = (8, 40)
_COMMENT = {"width": 260, "height": 90, "font_size": 9, "author": "本系统"}
_CREATED = datetime(2023, 4, 1, tzinfo=UTC).replace(tzinfo=None)


def workbook(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]] = (),
    *,
    title: str = "",
    notes: Sequence[str] = (),
    required: Collection[str] = (),
    text_columns: Collection[str] = (),
    choices: Mapping[str, Sequence[str]] | None = None,
    comments: Mapping[tuple[int, int], str] | None = None,
    header_notes: Mapping[str, str] | None = None,
    example: Sequence[Any] = (),
) -> bytes:
    """An xlsx with one data sheet: ``title`` in the first row if given, then the header, then ``rows``.

    Columns named in ``text_columns`` are text, so that Excel keeps every digit typed into them; ``choices`` become
    drop-downs; ``required`` headers carry a star; ``notes`` go to a sheet of their own, as does one ``example`` row.
    ``comments`` ((row of ``rows``, column) → text) and ``header_notes`` (column → text) are comments at their cells.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": title, "created": _CREATED})
        sheet = _DataSheet(book, list(columns), set(text_columns))
        sheet.write(title, set(required), rows, choices or {})
        sheet.comment(comments or {}, header_notes or {})
        if example:
            example_sheet = _DataSheet(book, list(columns), set(text_columns), EXAMPLE_SHEET)
            example_sheet.write("示例，不会导入；请在“数据”表中填写", set(required), [example], {})
        if notes:
            _write_notes(book, notes)
    return buffer.getvalue()


def template(columns: Sequence[Column], *, title: str = "", notes: Sequence[str] = ()) -> bytes:
    """The workbook to fill in for an import of ``columns``, with one example row on a sheet of its own."""
    examples = [f"{column.name}：例如“{column.example}”。" for column in columns if column.example]
    return workbook(
        [column.name for column in columns],
        title=title,
        notes=[*notes, *examples],
        required=[column.name for column in columns if column.required],
        text_columns=[column.name for column in columns if column.text],
        choices={column.name: column.choices for column in columns if column.choices},
        header_notes={column.name: column.note for column in columns if column.note},
        example=[column.example for column in columns],
    )


class _DataSheet:
    def __init__(self, book: xlsxwriter.Workbook, columns: list[str], text_columns: set[str], name: str = DATA_SHEET):
        self.book = book
        self.sheet = book.add_worksheet(name)
        self.first = 0
        self.columns = columns
        plain = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
        self.head = book.add_format({**plain, "bold": True, "bg_color": "#E8EEF6", "border": 1, "text_wrap": True})
        self.title = book.add_format({**plain, "font_size": 14, "bold": True})
        self.plain = book.add_format(plain)
        self.text = book.add_format({**plain, "num_format": "@"})
        self.day = book.add_format({**plain, "num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({**plain, "num_format": "yyyy-mm-dd hh:mm"})
        self.text_columns = text_columns

    def write(self, title: str, required: set[str], rows, choices: Mapping[str, Sequence[str]]) -> None:
        first = 0
        if title:
            self.sheet.write_string(0, 0, title, self.title)
            first = 1
        self.first = first
        self._write_header(first, required)
        widths = [_width(name) + 2 for name in self.columns]
        for number, row in enumerate(rows, start=first + 1):
            for column, value in enumerate(row):
                self._write_cell(number, column, value)
                widths[column] = max(widths[column], _width(value))
        for column, name in enumerate(self.columns):
            default = self.text if name in self.text_columns else self.plain
            low, high = (22 if name in self.text_columns else _WIDTHS[0]), _WIDTHS[1]
            self.sheet.set_column(column, column, min(max(widths[column] + 2, low), high), default)
        self._add_choices(first, choices)

    def comment(self, comments: Mapping[tuple[int, int], str], header_notes: Mapping[str, str]) -> None:
        """Comments at cells of the rows and at headers."""
        for name, text in header_notes.items():
            self.sheet.write_comment(self.first, self.columns.index(name), text, _COMMENT)
        for (row, column), text in comments.items():
            self.sheet.write_comment(self.first + 1 + row, column, text, _COMMENT)

    def _write_header(self, row: int, required: set[str]) -> None:
        for column, name in enumerate(self.columns):
            self.sheet.write_string(row, column, f"*{name}" if name in required else name, self.head)
        self.sheet.freeze_panes(row + 1, 0)

    def _write_cell(self, row: int, column: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, bool):
            self.sheet.write_string(row, column, "是" if value else "否", self.plain)
        elif self.columns[column] in self.text_columns:
            self.sheet.write_string(row, column, str(value), self.text)
        elif isinstance(value, datetime):
            self.sheet.write_datetime(row, column, value.replace(tzinfo=None), self.moment)
        elif isinstance(value, date):
            self.sheet.write_datetime(row, column, value, self.day)
        elif isinstance(value, int | float | Decimal):
            self.sheet.write_number(row, column, value, self.plain)
        else:
            self.sheet.write_string(row, column, str(value), self.plain)

    def _add_choices(self, header_row: int, choices: Mapping[str, Sequence[str]]) -> None:
        long_lists = {name: values for name, values in choices.items() if _list_length(values) > _MAX_LIST_CHARACTERS}
        ranges = _write_choices(self.book, long_lists)
        for name, values in choices.items():
            column = self.columns.index(name)
            self.sheet.data_validation(
                header_row + 1,
                column,
                header_row + TEMPLATE_ROWS,
                column,
                {
                    "validate": "list",
                    "source": ranges.get(name) or list(values),
                    "error_title": "请从列表中选择",
                    "error_message": f"{name}只能填写列表中的内容。",
                },
            )


def _write_choices(book: xlsxwriter.Workbook, lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Lists too long for a drop-down of their own go to a hidden sheet; returns name → range."""
    if not lists:
        return {}
    sheet = book.add_worksheet(CHOICES_SHEET)
    sheet.hide()
    ranges = {}
    for column, (name, values) in enumerate(lists.items()):
        sheet.write_column(0, column, values)
        letter = xl_col_to_name(column)
        ranges[name] = f"={CHOICES_SHEET}!${letter}$1:${letter}${len(values)}"
    return ranges


def _write_notes(book: xlsxwriter.Workbook, notes: Sequence[str]) -> None:
    sheet = book.add_worksheet(NOTES_SHEET)
    wrapped = book.add_format({"font_name": FONT, "font_size": 10, "text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 5)
    sheet.set_column(1, 1, 90)
    for number, note in enumerate(notes, start=1):
        sheet.write_number(number - 1, 0, number, wrapped)
        sheet.write_string(number - 1, 1, note, wrapped)


def _list_length(values: Sequence[str]) -> int:
    return len(",".join(values))


def _width(value: Any) -> int:
    """About how many half-width characters wide a value shows."""
    if isinstance(value, date):
        return 10
    # In this encoding a letter is one byte and a Chinese character two.
    return len(str(value)[:60].encode("gb18030", "replace"))
