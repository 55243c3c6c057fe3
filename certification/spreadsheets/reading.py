"""Uploads to tables. Judged by content, never by name; refused whole, with a reason, before anything heavy."""

import io
import posixpath
from collections.abc import Collection
from typing import NamedTuple

from defusedxml.ElementTree import ParseError, fromstring
from django.conf import settings
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from certification.spreadsheets import delimited
from certification.spreadsheets.archive import inspect, open_archive
from certification.spreadsheets.names import normal_name
from certification.spreadsheets.scanning import SheetScan, scan_sheet
from certification.spreadsheets.tables import EXAMPLE_SHEET, Sheet, Table, TableRow
from certification.spreadsheets.unreadable import UnreadableFile

__all__ = ["Sheet", "Table", "TableRow", "UnreadableFile", "read_sheets", "read_table", "require_plausible"]

HEADER_WITHIN = 20

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# First bytes of what people rename to xlsx or csv, and what it is.
_OTHERS = (
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"BM", "图片"),
    (b"%PDF", "PDF 文件"),
    (b"{\\rtf", "RTF 文档"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"MZ", "程序文件"),
    (b"\x7fELF", "程序文件"),
)


def read_table(content: bytes, name: str, wanted: Collection[str] = ()) -> Table:
    """The table in an uploaded xlsx or csv.

    ``wanted`` are the column names and aliases that the caller looks for: the header is the row among the first
    twenty with most of them, on whichever visible sheet; without ``wanted`` it is the first row with content.
    ``name`` only appears in messages. Raises UnreadableFile with a code; see there for the codes.
    """
    sheets = read_sheets(content, name)
    tables = [sheet for sheet in sheets if sheet.name != EXAMPLE_SHEET] or sheets
    found = [_find(sheet, wanted) for sheet in tables]
    return _checked(_only(found), wanted)


def read_sheets(content: bytes, name: str) -> list[Sheet]:
    """Every visible worksheet of an uploaded xlsx, or the one table of a csv; raises UnreadableFile.

    ``name`` only appears in messages.
    """
    _require_size(content, name)
    if content.startswith(b"PK"):
        return _read_workbook(content)
    _require_text(content)
    rows = [TableRow(number, cells) for number, cells in delimited.rows(delimited.decode(content))]
    return [Sheet("", rows, kind="csv")]


def require_plausible(content: bytes, name: str) -> None:
    """Refuse at once what a glance shows to be no table: raises UnreadableFile as ``read_sheets`` would, without
    inflating a single part. For long files that are read later, in the background."""
    _require_size(content, name)
    if content.startswith(b"PK"):
        inspect(content)
    else:
        _require_text(content)


def _require_size(content: bytes, name: str) -> None:
    if not content.strip():
        raise UnreadableFile(f"文件“{name}”是空的。", code="empty")
    limit = settings.UPLOAD_MAX_BYTES
    if len(content) > limit:
        raise UnreadableFile(
            f"文件“{name}”有 {len(content) / 1024 / 1024:.1f} MB，超过 {limit // 1024 // 1024} MB 的上限。",
            code="too_large",
            advice="请删除图片和多余的工作表，或分成多个文件上传。",
        )


def _require_text(content: bytes) -> None:
    if content.startswith(_OLE):
        if _OLE_ENCRYPTED in content:
            raise UnreadableFile("工作簿设有打开密码，无法读取。", code="password", advice="请取消密码后重新上传。")
        raise UnreadableFile("这是旧版 Excel 文件（xls）。", code="old_format", advice="请另存为 xlsx 后重新上传。")
    for magic, kind in _OTHERS:
        if content.startswith(magic):
            raise UnreadableFile(f"文件内容是{kind}，不是表格。", code="wrong_type")
    beginning = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if beginning.startswith((b"<!doctype", b"<html", b"<table", b"<head", b"<meta", b"<?xml")):
        raise UnreadableFile(
            "文件内容是网页或 XML，不是表格。", code="wrong_type", advice="请用 Excel 打开后另存为 xlsx 再上传。"
        )


def _read_workbook(content: bytes) -> list[Sheet]:
    archive = open_archive(content)
    scans = {name: scan_sheet(part) for name, part in archive.sheets.items()}
    paths = _sheet_paths(archive.parts)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(archive.rebuilt()))
        found = [
            _sheet(workbook, sheet.name, scans[paths[sheet.name]])
            for sheet in workbook.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]
    except (CalamineError, KeyError) as error:
        raise UnreadableFile("文件不完整或已损坏，无法打开。", code="damaged") from error
    if not found:
        raise UnreadableFile("工作簿中没有可见的工作表。", code="no_sheet")
    return found


_MAIN = "{*}"


def _sheet_paths(parts: dict[str, bytes]) -> dict[str, str]:
    """Sheet name → name of its part."""
    try:
        workbook = fromstring(parts["xl/workbook.xml"])
        relations = fromstring(parts["xl/_rels/workbook.xml.rels"])
    except (ParseError, KeyError) as error:
        raise UnreadableFile("文件不完整或已损坏，缺少工作表目录。", code="damaged") from error
    targets = {
        relation.get("Id"): posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
        for relation in relations
    }
    return {
        sheet.get("name", ""): targets.get(_relation_id(sheet), "") for sheet in workbook.iterfind(f".//{_MAIN}sheet")
    }


def _relation_id(sheet) -> str | None:
    return next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)


def _sheet(workbook: CalamineWorkbook, name: str, scan: SheetScan) -> Sheet:
    rows = _sheet_rows(workbook, name, scan)
    hidden = tuple(row.number for row in rows if row.number in scan.hidden) if scan.hidden else ()
    return Sheet(name, rows, hidden=hidden)


def _sheet_rows(workbook: CalamineWorkbook, name: str, scan: SheetScan) -> list[TableRow]:
    if not scan.last_row:
        return []
    rows = []
    values = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    marks = _marks_by_row(scan)
    for number, cells in enumerate(values, start=1):
        formulas, errors, digits = marks.get(number, _NO_MARKS)
        for column, text in digits.items():
            cells[column] = _exact(text, cells[column])
        if formulas or errors or not all(map(_blank, cells)):
            rows.append(TableRow(number, cells, frozenset(formulas), frozenset(errors)))
    return rows


_NO_MARKS: tuple[set[int], set[int], dict[int, str]] = (set(), set(), {})


def _marks_by_row(scan: SheetScan) -> dict[int, tuple[set[int], set[int], dict[int, str]]]:
    marks: dict[int, tuple[set[int], set[int], dict[int, str]]] = {}
    for row, column in scan.formulas:
        marks.setdefault(row, (set(), set(), {}))[0].add(column - 1)
    for row, column in scan.errors:
        marks.setdefault(row, (set(), set(), {}))[1].add(column - 1)
    for (row, column), text in scan.long_numbers.items():
        marks.setdefault(row, (set(), set(), {}))[2][column - 1] = text
    return marks


def _exact(text: str, value):
    """A long whole number as the file writes it out, where the float that calamine made of it may be wrong."""
    return int(text) if text.isascii() and text.isdigit() and isinstance(value, float) else value


def _blank(cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


class _Found(NamedTuple):
    """A sheet's table and how many of the wanted columns its header has."""

    table: Table
    score: int


def _find(sheet: Sheet, wanted: Collection[str]) -> _Found:
    names = {normal_name(name) for name in wanted}

    def score(row: TableRow) -> int:
        return len(names & {normal_name(cell) for cell in row.cells})

    head = max(sheet.rows[:HEADER_WITHIN], key=score, default=None)
    if head is None:
        return _Found(Table([], [], 0, sheet.name, sheet.kind), 0 if names else -1)
    return _Found(table_below(sheet, head), score(head))


def table_below(sheet: Sheet, head: TableRow, *, begins: int = 0) -> Table:
    """The table of ``sheet`` under its header row ``head``, from row number ``begins`` on (default: right below)."""
    header = ["" if cell is None else str(cell).strip() for cell in head.cells]
    while header and not header[-1]:
        header.pop()
    body = [fitted(row, len(header)) for row in sheet.rows if row.number > max(head.number, begins - 1)]
    return Table(header, body, head.number, sheet.name, sheet.kind)


def fitted(row: TableRow, width: int) -> TableRow:
    """``row`` cut or filled up to ``width`` cells."""
    if len(row.cells) == width:
        return row
    cells = row.cells[:width] + [""] * (width - len(row.cells))
    inside = frozenset(range(width))
    return TableRow(row.number, cells, row.formulas & inside, row.errors & inside)


def _only(found: list[_Found]) -> Table:
    """The one sheet that holds the table; refuses none and two alike."""
    best = max(found, key=lambda each: each.score)
    rivals = [each for each in found if each.score == best.score and each.table.rows]
    if best.score > 0 and len(rivals) > 1:
        sheets = "、".join(f"“{each.table.sheet}”" for each in rivals)
        raise UnreadableFile(
            f"多个工作表都有数据（{sheets}），无法判断用哪一个。",
            code="two_tables",
            advice="请只保留一个工作表后重新上传。",
        )
    return (rivals or [best])[0].table


def _checked(table: Table, wanted: Collection[str]) -> Table:
    if wanted and not {normal_name(name) for name in wanted} & {normal_name(name) for name in table.header}:
        raise UnreadableFile(
            f"前 {HEADER_WITHIN} 行中没有找到表头。", code="no_header", advice=f"表头应有：{'、'.join(wanted)}。"
        )
    if not table.rows:
        raise UnreadableFile("表中没有数据行。", code="no_rows")
    return table
