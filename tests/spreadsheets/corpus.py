"""Files that people and attackers upload: real ones, built here, none larger than a few megabytes.

``REFUSED`` maps a name to (builder, expected code); the columns are 姓名, 身份证号码, 手机号.
"""

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import openpyxl
import xlsxwriter

HEADER = ["姓名", "身份证号码", "手机号"]
# Invented; the check characters are right.
ROW = ["张䶮", "990101199003070015", "13800000001"]


def plain(rows=(ROW,), header=HEADER, above=()) -> bytes:
    """A workbook as XlsxWriter makes it, everything text."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("学员")
        for number, cells in enumerate([*above, header, *rows]):
            for column, value in enumerate(cells):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write(number, column, value)
    return buffer.getvalue()


def csv_text(rows=(ROW,), header=HEADER, delimiter=",") -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows([header, *rows])
    return buffer.getvalue()


def repacked(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """``content`` with its parts changed by hand."""
    source = zipfile.ZipFile(io.BytesIO(content))
    parts = {name: source.read(name) for name in source.namelist()}
    change(parts)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return buffer.getvalue()


def with_part(name: str, part: bytes) -> bytes:
    return repacked(plain(), lambda parts: parts.__setitem__(name, part))


SHEET = "xl/worksheets/sheet1.xml"


def with_sheet(old: str, new: str) -> bytes:
    """A plain workbook with ``old`` in its sheet's XML replaced by ``new``."""

    def change(parts):
        text = parts[SHEET].decode()
        assert old in text
        parts[SHEET] = text.replace(old, new, 1).encode()

    return repacked(plain(), change)


def raw_rows(xml: str) -> bytes:
    """A plain workbook with further raw row XML at its end."""
    return with_sheet("</sheetData>", f"{xml}</sheetData>")


def formatted_empty_rows(count: int = 1_048_576) -> bytes:
    """Real data on top, and every row of the sheet down to the last formatted but empty."""
    rows = "".join(
        f'<row r="{number}" spans="1:3" s="1" customFormat="1"><c r="A{number}" s="1"/></row>'
        for number in range(3, count + 1)
    )
    return raw_rows(rows)


def far_cell(reference: str) -> bytes:
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return raw_rows(f'<row r="{row}"><c r="{reference}"><v>1</v></c></row>')


def doctype() -> bytes:
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("j"))
    )
    return repacked(
        plain(),
        lambda parts: parts.__setitem__(
            SHEET, parts[SHEET].replace(b"?>", b"?>" + entities + b"]>", 1).replace(b"<sheetData>", b"<sheetData>&i;")
        ),
    )


def doctype_in_strings() -> bytes:
    name = "xl/sharedStrings.xml"
    return repacked(
        plain(),
        lambda parts: parts.__setitem__(
            name, parts[name].replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', 1)
        ),
    )


def honest_bomb() -> bytes:
    """A sheet of 300 MB of blanks that says so: about 300 KB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        source = zipfile.ZipFile(io.BytesIO(plain()))
        for name in source.namelist():
            if name != SHEET:
                target.writestr(name, source.read(name))
        with target.open(SHEET, "w") as part:
            for _megabyte in range(300):
                part.write(b" " * 1024 * 1024)
    return buffer.getvalue()


def lying_bomb() -> bytes:
    """The same with headers that declare 1,000 bytes for the sheet."""
    content = bytearray(honest_bomb())
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        name_at = {b"PK\x01\x02": 46, b"PK\x03\x04": 30}[signature]
        start = content.find(signature)
        while start >= 0:
            if content[start + name_at : start + name_at + len(SHEET)] == SHEET.encode():
                content[start + offset : start + offset + 4] = struct.pack("<I", 1000)
            start = content.find(signature, start + 4)
    return bytes(content)


def truncated() -> bytes:
    content = plain([ROW] * 50)
    return content[: len(content) // 2]


def corrupted() -> bytes:
    """A part's bytes flipped in the middle; the directory is fine."""
    content = bytearray(plain([[f"张{number}", *ROW[1:]] for number in range(200)]))
    start = content.find(SHEET.encode()) + len(SHEET) + 200
    for place in range(start, start + 40):
        content[place] ^= 0x5A
    return bytes(content)


def ole(stream_name: str) -> bytes:
    """A compound file's header and a directory entry, as old Excel and encrypted workbooks have them."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    directory = stream_name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", len(stream_name) * 2 + 2)
    return header.ljust(512, b"\0") + directory.ljust(512, b"\0")


def encrypted_zip() -> bytes:
    """A zip whose entries carry the flag of encryption."""
    content = bytearray(plain())
    start = content.find(b"PK\x01\x02")
    while start >= 0:
        content[start + 8] |= 1
        start = content.find(b"PK\x01\x02", start + 4)
    return bytes(content)


def duplicate_parts() -> bytes:
    buffer = io.BytesIO(plain())
    with zipfile.ZipFile(buffer, "a") as target:
        info = zipfile.ZipInfo(SHEET.upper())
        target.writestr(info, b"<worksheet/>")
    return buffer.getvalue()


def only_hidden() -> bytes:
    return repacked(
        plain(),
        lambda parts: parts.__setitem__(
            "xl/workbook.xml", parts["xl/workbook.xml"].replace(b"<sheet ", b'<sheet state="hidden" ')
        ),
    )


def two_sheets_alike() -> bytes:
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("第二批")):
        sheet.append(HEADER)
        sheet.append(ROW)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(4))) + chunk(b"IEND", b"")


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "empty"),
    "only blanks": (lambda: b" \r\n\r\n", "empty"),
    "old xls": (lambda: ole("Workbook"), "old_format"),
    "password": (lambda: ole("EncryptedPackage"), "password"),
    "encrypted zip": (encrypted_zip, "password"),
    "macro": (lambda: with_part("xl/vbaProject.bin", b"\xd0\xcf"), "macro"),
    "macro sheet": (lambda: with_part("xl/macrosheets/sheet1.xml", b"<x/>"), "macro"),
    "xlsb": (lambda: with_part("xl/workbook.bin", b"\x00"), "binary_workbook"),
    "truncated": (truncated, "damaged"),
    "corrupted": (corrupted, "damaged"),
    "cut xml": (lambda: with_sheet("</sheetData>", ""), "damaged"),
    "duplicate parts": (duplicate_parts, "damaged"),
    "no sheet list": (lambda: repacked(plain(), lambda parts: parts.pop("xl/_rels/workbook.xml.rels")), "damaged"),
    "honest bomb": (honest_bomb, "bomb"),
    "lying bomb": (lying_bomb, "bomb"),
    "external link": (lambda: with_part("xl/externalLinks/externalLink1.xml", b"<x/>"), "external_link"),
    "data connection": (lambda: with_part("xl/connections.xml", b"<x/>"), "external_link"),
    "entities in the sheet": (doctype, "entities"),
    "entities in the strings": (doctype_in_strings, "entities"),
    "last cell of the sheet": (lambda: far_cell("XFD1048576"), "too_wide"),
    "last row of the sheet": (lambda: far_cell("A1048576"), "too_long"),
    "6,000 columns": (lambda: plain([], [f"列{number}" for number in range(6000)]), "too_wide"),
    "bad reference": (lambda: raw_rows('<row r="9"><c r="9A"><v>1</v></c></row>'), "damaged"),
    "only a hidden sheet": (only_hidden, "no_sheet"),
    "two sheets alike": (two_sheets_alike, "two_tables"),
    "no header": (lambda: plain([["李四", "x", "y"]], ["甲", "乙", "丙"]), "no_header"),
    "no rows": (lambda: plain([]), "no_rows"),
    "docx": (lambda: repacked(plain(), _to_docx), "wrong_type"),
    "png": (png, "wrong_type"),
    "pdf": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "wrong_type"),
    "html": (lambda: "<html><table><tr><td>姓名</td></tr></table></html>".encode(), "wrong_type"),
    "xml spreadsheet": (lambda: b'<?xml version="1.0"?><Workbook/>', "wrong_type"),
    "rar": (lambda: b"Rar!\x1a\x07\x00", "wrong_type"),
    "utf-16": (lambda: csv_text().encode("utf-16"), "encoding"),
    "latin": (lambda: b"\xff\xfe\xfd name, \x81\x30\x81\n", "encoding"),
    "broken gb18030": (lambda: csv_text().encode("gb18030")[:-20] + b"\x81\xff\xff", "encoding"),
    "control characters": (lambda: csv_text().encode() + b"\x07\x1b[31m", "encoding"),
    "nul": (lambda: csv_text().encode() + b"\x00", "nul"),
    "open quote": (lambda: csv_text().encode() + b'"a,b\n' * 3, "damaged"),
    "csv with 600 columns": (lambda: ",".join(["x"] * 600).encode(), "too_wide"),
}


def _to_docx(parts: dict[str, bytes]) -> None:
    for name in [name for name in parts if name.startswith("xl/")]:
        del parts[name]
    parts["word/document.xml"] = b"<x/>"
