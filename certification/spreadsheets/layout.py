"""Where an import's columns stand in a workbook: found by name and alias, guessed where a name is only like one,
and asked where a guess would not do.

Nothing is read twice: sheets come from ``reading.read_sheets``, and a layout that a person confirmed is applied to
the same sheets by ``table``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from certification.spreadsheets.columns import Column, wanted_names
from certification.spreadsheets.names import normal_name
from certification.spreadsheets.reading import HEADER_WITHIN, table_below
from certification.spreadsheets.tables import EXAMPLE_SHEET, Sheet, Table, TableRow
from certification.spreadsheets.unreadable import UnreadableFile

# How alike a heading and a name must be to be offered; never enough to be taken without asking.
ALIKE = 0.7
SHORTEST_PART = 2
# A heading is short; beyond this many of them nobody looks for likenesses.
_LONGEST_HEADING = 24
_MOST_HEADINGS = 80


@dataclass(frozen=True)
class Layout:
    """One table of a workbook: its sheet, the number of its header row, the number of the first row below it (two
    rows of headings are one header), the headings, and column key → position among them."""

    sheet: str
    header_row: int
    begins: int
    header: tuple[str, ...]
    places: Mapping[str, int]

    def as_json(self) -> dict:
        """What ``from_json`` takes back."""
        return {**vars(self), "header": list(self.header), "places": dict(self.places)}

    @classmethod
    def from_json(cls, data: Mapping) -> "Layout":
        """A stored layout."""
        return cls(data["sheet"], data["header_row"], data["begins"], tuple(data["header"]), dict(data["places"]))


@dataclass(frozen=True)
class Found:
    """What a look at one sheet came to. ``doubts`` says, in Chinese sentences, why a person must confirm; empty where
    every column was found by its name."""

    layout: Layout
    score: int
    doubts: tuple[str, ...] = ()
    rows: int = 0


@dataclass(frozen=True)
class Suggestion:
    """The best sheet and the others that might be meant."""

    best: Found
    others: tuple[Found, ...] = ()
    doubts: tuple[str, ...] = field(default=())

    @property
    def sure(self) -> bool:
        """Whether nothing needs to be confirmed."""
        return not self.doubts

    def of_sheet(self, name: str) -> Found | None:
        """What was found on the sheet ``name``."""
        return next((each for each in (self.best, *self.others) if each.layout.sheet == name), None)


def suggest(
    sheets: Sequence[Sheet], columns: Sequence[Column], remembered: Mapping[str, str] | None = None
) -> Suggestion:
    """Where ``columns`` stand in ``sheets``.

    ``remembered`` maps headings (in the form of ``normal_name``) to column keys, "" for a heading that means none:
    what the same people confirmed before. Raises UnreadableFile (no_header, no_rows).
    """
    known = _Names(columns, remembered or {})
    candidates = [sheet for sheet in sheets if sheet.name != EXAMPLE_SHEET] or list(sheets)
    found = sorted((_look(sheet, columns, known) for sheet in candidates), key=lambda one: -one.score)
    best = found[0]
    if best.score == 0:
        names = "、".join(column.name for column in columns if column.required)
        raise UnreadableFile(f"前 {HEADER_WITHIN} 行中没有找到表头。", code="no_header", advice=f"表头应有：{names}。")
    with_rows = [one for one in found if one.rows and one.score == best.score]
    if not with_rows:
        if not any(one.rows and one.score for one in found):
            raise UnreadableFile("表中没有数据行。", code="no_rows")
        with_rows = [one for one in found if one.rows and one.score][:1]
    best = with_rows[0]
    doubts = list(best.doubts)
    if len(with_rows) > 1:
        names = "、".join(f"“{one.layout.sheet}”" for one in with_rows)
        doubts.insert(0, f"多个工作表都像是要上传的表（{names}），请确认用哪一个。")
    others = tuple(one for one in found if one is not best and one.rows)
    return Suggestion(best, others, tuple(doubts))


def look_at(
    sheets: Iterable[Sheet],
    name: str,
    header_row: int,
    columns: Sequence[Column],
    remembered: Mapping[str, str] | None = None,
) -> Found | None:
    """What stands on the sheet ``name`` if its headings are in ``header_row``; None where that row is empty."""
    sheet = next((one for one in sheets if one.name == name), None)
    head = next((row for row in sheet.rows if row.number == header_row), None) if sheet else None
    if sheet is None or head is None:
        return None
    known = _Names(columns, remembered or {})
    header = _texts(head)
    places, doubts = _places(header, columns, known)
    rows = sum(1 for row in sheet.rows if row.number > header_row)
    layout = Layout(name, header_row, header_row + 1, tuple(header), places)
    return Found(layout, known.score(header), tuple(doubts), rows)


def table(sheets: Iterable[Sheet], layout: Layout) -> Table:
    """The table that ``layout`` describes; rows that repeat the header (a printed page's) are left out.

    Raises UnreadableFile ``no_header`` where the sheet is not there or its heading is another.
    """
    sheet = next((one for one in sheets if one.name == layout.sheet), None)
    head = next((row for row in sheet.rows if row.number == layout.header_row), None) if sheet else None
    if sheet is None or head is None:
        raise UnreadableFile(f"第 {layout.header_row} 行没有找到表头。", code="no_header")
    header = list(layout.header)
    found = table_below(sheet, TableRow(layout.header_row, header), begins=layout.begins)
    names, written = [normal_name(one) for one in header], set(header) - {""}
    found.rows[:] = [row for row in found.rows if row.cells[0] not in written or not _repeats(row, names)]
    if not found.rows:
        raise UnreadableFile("表中没有数据行。", code="no_rows")
    return found


def hidden_rows(sheets: Iterable[Sheet], layout: Layout) -> list[int]:
    """The numbers of the table's rows that the sheet hides."""
    return [
        number for sheet in sheets if sheet.name == layout.sheet for number in sheet.hidden if number >= layout.begins
    ]


def _repeats(row: TableRow, names: list[str]) -> bool:
    return [normal_name(cell) for cell in row.cells] == names


class _Names:
    """Column names in comparable form."""

    def __init__(self, columns: Sequence[Column], remembered: Mapping[str, str]):
        keys = {column.key for column in columns}
        self.exact = {normal_name(name): column.key for column in columns for name in wanted_names([column])}
        self.exact.update({name: key for name, key in remembered.items() if key in keys})
        self.ignored = {name for name, key in remembered.items() if not key}
        for name in self.ignored:
            self.exact.pop(name, None)

    def score(self, cells: Sequence[object]) -> int:
        return len({self.exact[name] for cell in cells if (name := normal_name(cell)) in self.exact})

    def like(self, heading: str) -> tuple[float, str]:
        """How much ``heading`` is like a name, and of which column: the best one."""
        best = (0.0, "")
        for name, key in self.exact.items():
            if len(name) >= SHORTEST_PART and (name in heading or (len(heading) >= SHORTEST_PART and heading in name)):
                likeness = 0.8 + 0.2 * min(len(name), len(heading)) / max(len(name), len(heading))
            else:
                likeness = SequenceMatcher(None, heading, name).ratio()
            best = max(best, (likeness, key))
        return best if best[0] >= ALIKE else (0.0, "")


def _look(sheet: Sheet, columns: Sequence[Column], known: _Names) -> Found:
    """The likeliest header of one sheet, and where the columns stand under it."""
    header, header_row, begins, score = _header(sheet.rows[:HEADER_WITHIN], known)
    places, doubts = _places(header, columns, known)
    rows = sum(1 for row in sheet.rows if row.number >= begins)
    layout = Layout(sheet.name, header_row, begins, tuple(header), places)
    return Found(layout, score, tuple(doubts), rows)


def _header(rows: list[TableRow], known: _Names) -> tuple[list[str], int, int, int]:
    """Headings, header row, first row below, score. Of two rows of headings (merged cells) the lower one counts where
    it says something, the upper one where it does not."""
    best: tuple[list[str], int, int, int] = ([], 0, 1, 0)
    for place, row in enumerate(rows):
        texts = _texts(row)
        if (score := known.score(texts)) > best[3]:
            best = (texts, row.number, row.number + 1, score)
        if place + 1 < len(rows) and rows[place + 1].number == row.number + 1:
            both = _merged(texts, _texts(rows[place + 1]))
            if (score := known.score(both)) > max(best[3], known.score(_texts(rows[place + 1]))):
                best = (both, row.number, row.number + 2, score)
    if best[3] or not rows:
        return best
    return _by_likeness(rows, known)


def _by_likeness(rows: list[TableRow], known: _Names) -> tuple[list[str], int, int, int]:
    """Where no name is there as it should be: the row with most headings that are like one."""
    likest: tuple[list[str], int, int, int] = ([], 0, 1, 0)
    for row in rows:
        texts = _texts(row)
        score = len({key for name in _comparable(texts) if (key := known.like(name)[1])})
        if score > max(likest[3], 1):
            likest = (texts, row.number, row.number + 1, score)
    return likest


def _comparable(texts: Sequence[str]) -> list[str]:
    names = [normal_name(text) for text in texts[:_MOST_HEADINGS]]
    return [name for name in names if name and len(name) <= _LONGEST_HEADING]


def _texts(row: TableRow) -> list[str]:
    texts = ["" if cell is None else str(cell).strip() for cell in row.cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _merged(upper: list[str], lower: list[str]) -> list[str]:
    width = max(len(upper), len(lower))
    upper, lower = ([*row, *[""] * (width - len(row))] for row in (upper, lower))
    return [below or above for above, below in zip(upper, lower, strict=True)]


def _places(header: Sequence[str], columns: Sequence[Column], known: _Names) -> tuple[dict[str, int], list[str]]:
    """Column key → position, and what is doubtful about it."""
    sure: dict[str, list[int]] = {}
    free: list[tuple[int, str]] = []
    for index, heading in enumerate(header):
        name = normal_name(heading)
        if key := known.exact.get(name):
            sure.setdefault(key, []).append(index)
        elif name and name not in known.ignored and len(name) <= _LONGEST_HEADING and index < _MOST_HEADINGS:
            free.append((index, name))
    places = {key: indexes[0] for key, indexes in sure.items()}
    labels = {column.key: column.name for column in columns}
    doubts = [_twice(labels[key], header, indexes) for key, indexes in sure.items() if len(indexes) > 1]
    likeness = {}
    for index, name in free:
        alike, key = known.like(name)
        if key and key not in sure and alike > likeness.get(key, (0.0, 0))[0]:
            likeness[key] = (alike, index)
    for key, (_alike, index) in likeness.items():
        places[key] = index
        doubts.append(f"“{header[index]}”像是“{labels[key]}”，请确认。")
    missing = [column.name for column in columns if column.required and column.key not in places]
    if missing:
        doubts.append(f"没有找到：{'、'.join(missing)}。请指出是哪一列。")
    return places, doubts


def _twice(label: str, header: Sequence[str], indexes: Sequence[int]) -> str:
    shown = "、".join(f"第 {index + 1} 列“{header[index]}”" for index in indexes)
    return f"“{label}”可能是多列中的一列（{shown}），请选择。"
