"""The zip around a workbook, opened without trusting a single number in it.

Only the parts that cell values need are inflated, each by our own bounded loop, and handed on as a fresh
archive: whoever reads the workbook afterwards sees nothing that was not looked at here.
"""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from xml.parsers import expat

from certification.spreadsheets.unreadable import UnreadableFile

MAX_PARTS = 2_000
MAX_PART_BYTES = 120 * 1024 * 1024
MAX_TOTAL_BYTES = 160 * 1024 * 1024
# Below the floor any ratio is harmless. Formatted empty rows of real workbooks reach about 60.
RATIO_FLOOR_BYTES = 8 * 1024 * 1024
MAX_RATIO = 200
_CHUNK = 1024 * 1024
_LOCAL_HEADER_BYTES = 30

NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(_rels/)?[^/]+\.(xml|rels)|xl/worksheets/[^/]+\.xml", re.IGNORECASE
)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)


@dataclass(frozen=True)
class Archive:
    """The inspected parts of a workbook: name → inflated bytes."""

    parts: dict[str, bytes]

    @property
    def sheets(self) -> dict[str, bytes]:
        """The worksheet parts only."""
        return {name: part for name, part in self.parts.items() if _SHEET.fullmatch(name)}

    def rebuilt(self) -> bytes:
        """A stored (uncompressed) archive of exactly these parts."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
            for name, part in self.parts.items():
                target.writestr(zipfile.ZipInfo(name), part)
        return buffer.getvalue()


def open_archive(content: bytes) -> Archive:
    """Inspect ``content`` as the archive of an xlsx workbook; raises UnreadableFile with the reason."""
    entries = inspect(content)
    parts: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        if not NEEDED.fullmatch(entry.filename):
            continue
        part = _inflate(content, entry, MAX_TOTAL_BYTES - total)
        total += len(part)
        _require_no_doctype(part)
        parts[entry.filename] = part
    return Archive(parts)


def inspect(content: bytes) -> list[zipfile.ZipInfo]:
    """The directory of the archive, if it is that of a plain workbook of bearable size; inflates nothing."""
    entries = _entries(content)
    _require_plain_workbook(entries)
    _require_declared_sizes(entries, len(content))
    return entries


def _entries(content: bytes) -> list[zipfile.ZipInfo]:
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError, OverflowError) as error:
        raise UnreadableFile(
            "文件不完整或已损坏，无法打开。",
            code="damaged",
            advice="请用 Excel 或 WPS 打开确认后，另存为 xlsx 再上传。",
        ) from error
    names = {entry.filename.lower() for entry in entries}
    if len(names) < len(entries):
        raise UnreadableFile("文件内部结构异常（部件重名）。", code="damaged")
    if len(entries) > MAX_PARTS:
        raise UnreadableFile("文件内部部件过多，不是普通的工作簿。", code="bomb")
    return entries


def _require_plain_workbook(entries: list[zipfile.ZipInfo]) -> None:
    names = {entry.filename.lower() for entry in entries}
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise UnreadableFile("压缩包设有密码，无法读取。", code="password", advice="请取消密码后另存为 xlsx 再上传。")
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise UnreadableFile("工作簿含有宏，不予接收。", code="macro", advice="请另存为不含宏的 xlsx 后上传。")
    if "xl/workbook.bin" in names:
        raise UnreadableFile("这是二进制工作簿（xlsb）。", code="binary_workbook", advice="请另存为 xlsx 后上传。")
    if "xl/workbook.xml" not in names:
        raise UnreadableFile("文件不是 Excel 工作簿（xlsx）。", code="wrong_type")
    if any(name.startswith(("xl/externallinks/", "xl/querytables/")) or name == "xl/connections.xml" for name in names):
        raise UnreadableFile(
            "工作簿引用了其他文件或数据源，不予接收。",
            code="external_link",
            advice="请全选后“选择性粘贴—数值”到新工作簿，再上传。",
        )


def _require_declared_sizes(entries: list[zipfile.ZipInfo], size: int) -> None:
    declared = sum(entry.file_size for entry in entries if NEEDED.fullmatch(entry.filename))
    whole = sum(entry.file_size for entry in entries)
    bomb = declared > MAX_TOTAL_BYTES or (whole > RATIO_FLOOR_BYTES and whole > size * MAX_RATIO)
    if bomb or any(entry.file_size > MAX_PART_BYTES for entry in entries):
        raise _bomb()


def _inflate(content: bytes, entry: zipfile.ZipInfo, room: int) -> bytes:
    """The part's bytes, inflated in steps; stops as soon as a limit or the declared size is passed."""
    packed = _packed(content, entry)
    limit = min(room, MAX_PART_BYTES, max(RATIO_FLOOR_BYTES, entry.compress_size * MAX_RATIO))
    if entry.compress_type == zipfile.ZIP_STORED:
        part = bytes(packed[: limit + 1])
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        part = _inflated(packed, limit)
    else:
        raise UnreadableFile("文件使用了不支持的压缩方式。", code="wrong_type")
    if len(part) > limit:
        raise _bomb()
    if len(part) != entry.file_size or zlib.crc32(part) != entry.CRC:
        raise UnreadableFile("文件不完整或已损坏，校验不符。", code="damaged")
    return part


def _packed(content: bytes, entry: zipfile.ZipInfo) -> memoryview:
    start = entry.header_offset
    header = content[start : start + _LOCAL_HEADER_BYTES]
    if len(header) < _LOCAL_HEADER_BYTES or header[:4] != b"PK\x03\x04":
        raise UnreadableFile("文件不完整或已损坏，无法打开。", code="damaged")
    name_bytes, extra_bytes = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
    begin = start + _LOCAL_HEADER_BYTES + name_bytes + extra_bytes
    packed = memoryview(content)[begin : begin + entry.compress_size]
    if len(packed) < entry.compress_size:
        raise UnreadableFile("文件不完整或已损坏，无法打开。", code="damaged")
    return packed


def _inflated(packed: memoryview, limit: int) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    size = 0
    rest: bytes | memoryview = packed
    try:
        while not inflater.eof and size <= limit:
            piece = inflater.decompress(rest, _CHUNK)
            rest = inflater.unconsumed_tail
            if not piece and not rest:
                break
            pieces.append(piece)
            size += len(piece)
    except zlib.error as error:
        raise UnreadableFile("文件不完整或已损坏，无法解压。", code="damaged") from error
    return b"".join(pieces)


class _PrologRead(Exception):
    """The prolog is over; nothing that follows can declare an entity."""


def _require_no_doctype(part: bytes) -> None:
    """Entities can only be declared before the first element, so that reading stops there."""

    def refuse(*_args):
        raise UnreadableFile("文件内含有文档类型声明或实体，不予接收。", code="entities")

    def stop(*_args):
        raise _PrologRead

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        parser.Parse(part[:_CHUNK], len(part) <= _CHUNK)
    except _PrologRead:
        return
    except expat.ExpatError as error:
        raise UnreadableFile("文件内部的 XML 已损坏。", code="damaged") from error
    raise UnreadableFile("文件内部的 XML 已损坏。", code="damaged")


def _bomb() -> UnreadableFile:
    return UnreadableFile(
        "文件解压后异常庞大，不予接收。", code="bomb", advice="请将数据复制到新的工作簿中，另存为 xlsx 后上传。"
    )
