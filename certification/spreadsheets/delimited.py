"""Text tables (csv): UTF-8 with or without a mark, or GB18030, with commas, tabs or semicolons."""

import codecs
import csv
import io
import re

from certification.spreadsheets.scanning import MAX_COLUMNS, MAX_ROWS
from certification.spreadsheets.unreadable import UnreadableFile

_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")
_DELIMITERS = (",", "\t", ";")
_AS_TEXT = re.compile(r'="([^"]*)"')
_SAMPLE = 20_000


def decode(content: bytes) -> str:
    """The text of a csv; raises UnreadableFile (nul, encoding)."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _encoding("文件是 UTF-16（Unicode 文本）编码。")
    if b"\x00" in content:
        raise UnreadableFile("文件含有空字节，不是文本表格。", code="nul")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROL.search(text):
            raise _encoding("文件含有乱码或控制字符。")
        return text
    raise _encoding("无法识别文件的文字编码。")


def rows(text: str) -> list[tuple[int, list[str]]]:
    """All rows with any content, with their numbers (the first record is 1)."""
    found = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            if not any(cell.strip() for cell in cells):
                continue
            _require_bounds(number, cells)
            found.append((number, [_plain(cell) for cell in cells]))
    except csv.Error as error:
        raise UnreadableFile(
            f"第 {reader.line_num} 行附近的格式有误（引号不配对或内容过长）。", code="damaged"
        ) from error
    return found


def _delimiter(text: str) -> str:
    sample = text[:_SAMPLE]
    return max(_DELIMITERS, key=sample.count)


def _plain(cell: str) -> str:
    """Exporters write ="0123" so that Excel keeps the digits; the text inside is meant."""
    match = _AS_TEXT.fullmatch(cell.strip())
    return match[1] if match else cell


def _require_bounds(number: int, cells: list[str]) -> None:
    if len(cells) > MAX_COLUMNS:
        raise UnreadableFile(f"第 {number} 行有 {len(cells)} 列，最多 {MAX_COLUMNS} 列。", code="too_wide")
    if number > MAX_ROWS:
        raise UnreadableFile(f"行数超过 {MAX_ROWS}。", code="too_long", advice="请分成多个文件上传。")


def _encoding(message: str) -> UnreadableFile:
    return UnreadableFile(
        message, code="encoding", advice="请另存为 xlsx，或另存为 UTF-8（或 GB18030）编码的 csv 后上传。"
    )
