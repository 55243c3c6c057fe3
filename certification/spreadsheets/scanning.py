"""One bounded pass over a worksheet's XML: how far it reaches, and what its cell values do not tell.

calamine gives values only. Which cells hold formulas or errors, and the digits of long numbers before they
become floats, stand in the XML alone, as do hidden rows; and one value in the last cell of the sheet would make a
reader allocate seventeen thousand million cells.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from certification.spreadsheets.unreadable import UnreadableFile

MAX_COLUMNS = 500
MAX_ROWS = 100_000
MAX_AREA = 3_000_000
MAX_ELEMENTS = 8_000_000
# From here on a float may have lost a digit.
EXACT_DIGITS = 15

_STEP = 1024 * 1024
_TRUE = ("1", "true")
_VALUE_TAGS = frozenset({"v", "t"})


@dataclass
class SheetScan:
    """What one worksheet holds. Positions are (row, column), both from 1; only cells with a value or formula count.
    ``hidden`` are row numbers."""

    last_row: int = 0
    last_column: int = 0
    elements: int = 0
    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)
    long_numbers: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)


def scan_sheet(part: bytes) -> SheetScan:
    """Scan one worksheet part; raises UnreadableFile (damaged, entities, too_wide, too_long, too_many_cells)."""
    plain = _scan_plain(part)
    if plain is not None:
        return plain
    scan = _Scanner()
    try:
        for start in range(0, len(part), _STEP):
            scan.parser.Parse(part[start : start + _STEP], False)
        scan.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise UnreadableFile("工作表的 XML 已损坏。", code="damaged") from error
    found = scan.found
    if found.last_row * found.last_column > MAX_AREA:
        raise UnreadableFile(
            f"工作表的内容范围过大（{found.last_row} 行 × {found.last_column} 列）。",
            code="too_many_cells",
            advice="请删除表格之外的零散内容后重新上传。",
        )
    return found


# A row as the usual programs write one of plain values: every cell names its place, and the row's own number.
_PLAIN_ROW = re.compile(
    rb'<row r="([1-9]\d{0,6})"([^<>]*?)(?:/>|>'
    rb'(?:<c r="[A-Z]{1,3}\1"(?: [a-zA-Z]+="[^"<>]*")* ?(?:/>|>'
    rb'(?:<v ?/>|<(v|is><t)(?: xml:space="preserve")?>[^<]*</(?:v|t></is)>)?</c>))*'
    rb"</row>)\s*"
)
_PLAIN_COLUMN = re.compile(rb'<c r="([A-Z]+)')
_LONG_NUMBER = re.compile(rb"<v>[^<]{%d}" % (EXACT_DIGITS + 1))
_HIDDEN = re.compile(rb' hidden="(?:1|true)"')
_BEGIN, _END = b"<sheetData>", b"</sheetData>"


def _scan_plain(part: bytes) -> SheetScan | None:
    """The scan of a sheet that holds nothing but plain values within all bounds, ten times as fast; None for any
    other, which is then looked at element by element. Rows and columns count here as far as there are cells."""
    begin, end = part.find(_BEGIN), part.rfind(_END)
    if not 0 <= begin < end or part.count(b"<sheetData") != 1 or part.count(b"<") > MAX_ELEMENTS:
        return None
    if _holds_more(part):
        return None
    found = SheetScan(elements=part.count(b"<"))
    place = begin + len(_BEGIN)
    while place < end:
        row = _PLAIN_ROW.match(part, place, end)
        if row is None:
            return None
        place = row.end()
        number = int(row[1])
        if row[3]:
            found.last_row = max(found.last_row, number)
        if _HIDDEN.search(row[2]):
            found.hidden.add(number)
    letters = set(_PLAIN_COLUMN.findall(part, begin, end))
    found.last_column = max((_column(name.decode()) for name in letters), default=0)
    bearable = found.last_row <= MAX_ROWS and found.last_column <= MAX_COLUMNS
    return found if bearable and found.last_row * found.last_column <= MAX_AREA else None


def _holds_more(part: bytes) -> bool:
    """Whether there is what a plain sheet must not hold: comments, sections, processing instructions, errors, numbers
    of many digits. One search each: one expression for all takes three times as long."""
    if b"<!" in part or b' t="e"' in part or part.count(b"<?") != part.count(b"<?xml "):
        return True
    return _LONG_NUMBER.search(part) is not None


class _Scanner:
    def __init__(self):
        self.found = SheetScan()
        self.row = 0
        self.position = (0, 0)
        self.type = ""
        self.text: list[str] = []
        self.filled = False
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        self.parser = parser

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.found.elements += 1
        if self.found.elements > MAX_ELEMENTS:
            raise UnreadableFile("工作表的单元格过多，无法处理。", code="too_many_cells")
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self._start_cell(attributes)
        elif tag == "row":
            self.row = _number(attributes.get("r")) or self.row + 1
            self.position = (self.row, 0)
            if attributes.get("hidden") in _TRUE:
                self.found.hidden.add(self.row)
        elif tag == "f":
            self._reach()
            self.found.formulas.add(self.position)
        elif tag in _VALUE_TAGS:
            self.text = []
            self.parser.CharacterDataHandler = self.text.append

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] not in _VALUE_TAGS or self.parser.CharacterDataHandler is None:
            return
        self.parser.CharacterDataHandler = None
        text = "".join(self.text)
        if not text:
            return
        self._reach()
        if self.type == "e":
            self.found.errors.add(self.position)
        elif self.type in ("", "n") and len(text) > EXACT_DIGITS:
            self.found.long_numbers[self.position] = text

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self.type = attributes.get("t", "")
        reference = attributes.get("r")
        self.position = _position(reference) if reference else (self.row, self.position[1] + 1)

    def _reach(self) -> None:
        row, column = self.position
        found = self.found
        if row > found.last_row:
            found.last_row = row
        if column > found.last_column:
            found.last_column = column
        if column > MAX_COLUMNS:
            raise UnreadableFile(
                f"工作表的列过多：第 {row} 行的 {column_letters(column)} 列仍有内容（最多 {MAX_COLUMNS} 列）。",
                code="too_wide",
                advice="请删除表格右侧多余的内容后重新上传。",
            )
        if row > MAX_ROWS:
            raise UnreadableFile(
                f"工作表的行过多：第 {row} 行仍有内容（最多 {MAX_ROWS} 行）。",
                code="too_long",
                advice="请删除表格下方多余的内容，或分成多个文件上传。",
            )


def column_letters(column: int) -> str:
    """The letters of a column as the sheet shows them: 1 → A, 28 → AB."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _position(reference: str) -> tuple[int, int]:
    letters = reference.rstrip("0123456789")
    column = _column(letters)
    row = _number(reference[len(letters) :])
    if not row or not letters.isalpha() or not letters.isascii() or not letters.isupper():
        raise UnreadableFile("工作表的单元格编号异常。", code="damaged")
    return row, column


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 7 else 0


def _refuse_doctype(*_args) -> None:
    raise UnreadableFile("文件内含有文档类型声明或实体，不予接收。", code="entities")
