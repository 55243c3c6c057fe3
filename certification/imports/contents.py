"""The rows of an import: its upload, with the rows of later corrections in the places of those that they correct.

Rows keep the numbers of the upload, whatever file their present content came from: it is by these that people, the
returned workbook and the report speak of them. What is new in a correction is numbered on behind the last.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from certification import clock
from certification.imports.models import Heading, Import, ImportFile
from certification.imports.purposes import Purpose
from certification.imports.reports import unpack
from certification.spreadsheets import layout as layouts
from certification.spreadsheets.cleaning import CellProblem, clean_text
from certification.spreadsheets.columns import Column, Record, parse
from certification.spreadsheets.layout import Layout
from certification.spreadsheets.reading import read_sheets
from certification.spreadsheets.tables import Table

# Written into the workbook that goes back, so that a corrected row is known whatever was corrected in it.
ROW_MARK = Column("row_mark", "系统行标识", required=False, clean=clean_text)
_CHUNK = 5_000
# So many rows a process keeps in memory between two steps; those of a longer file are read again.
KEPT_ROWS = 20_000

Progress = Callable[[int, int], None]


class Unsure(Exception):
    """The columns of a file must be confirmed: ``doubts`` says why."""

    def __init__(self, file: ImportFile, doubts: Sequence[str]):
        super().__init__(*doubts)
        self.file, self.doubts = file, list(doubts)


@dataclass
class Contents:
    """What stands in an import now. ``records`` in the order of their numbers; ``table`` and ``layout`` of the upload
    and ``corrected`` (number → record from a correction) are what the returned workbook is made of."""

    records: list[Record]
    table: Table
    layout: Layout
    unused: list[str]
    hidden: list[int] = field(default_factory=list)
    corrected: dict[int, Record] = field(default_factory=dict)


def read(import_: Import, purpose: Purpose, columns: Sequence[Column], progress: Progress | None = None) -> Contents:
    """Read the files of ``import_`` and put their rows together; raises UnreadableFile, Unsure.

    Layouts that are certain and the rows that corrections stand for are stored on the way.
    """
    first, *corrections = import_.files.select_related("file").order_by("number")
    columns = [*columns, ROW_MARK]
    found = _read_file(first, import_, columns, progress)
    dropped = set(import_.dropped)
    by_number = {record.row: record for record in found.records if record.row not in dropped}
    last = max((row.number for row in found.table.rows), default=found.layout.header_row)
    for file in corrections:
        more = _read_file(file, import_, columns, progress)
        targets = _targets(file, import_, purpose, by_number, more.records, last)
        for record in more.records:
            number = targets[record.row]
            last = max(last, number)
            if number not in dropped:
                by_number[number] = found.corrected[number] = _renumbered(record, number)
    found.records = [by_number[number] for number in sorted(by_number)]
    return found


def mark_of(import_: Import, number: int) -> str:
    """What the returned workbook says in the column of ``ROW_MARK``."""
    return f"{import_.uuid.hex[:8]}-{number}"


def remembered(import_: Import) -> dict[str, str]:
    """What the organisation said of its headings before: heading → column key."""
    kept = Heading.objects.filter(organisation=import_.organisation_id, purpose=import_.purpose)
    return dict(kept.values_list("heading", "key"))


def _read_file(file: ImportFile, import_: Import, columns: Sequence[Column], progress: Progress | None) -> Contents:
    """One file's own rows. Who has just read it has them still: whoever checks an import often checks it again with
    corrections and saves it a moment later."""
    kept = _kept.get(_key(file, import_, file.layout))
    if kept is not None:
        return replace(kept, records=list(kept.records), corrected={})
    sheets = read_sheets(file.content(), file.file.name)
    if file.layout:
        layout = Layout.from_json(file.layout)
    else:
        suggestion = layouts.suggest(sheets, columns, remembered(import_))
        if not suggestion.sure:
            raise Unsure(file, suggestion.doubts)
        layout = suggestion.best.layout
        ImportFile.objects.filter(pk=file.pk).update(layout=layout.as_json())
    table = layouts.table(sheets, layout)
    used = set(layout.places.values())
    unused = [name for index, name in enumerate(layout.header) if name and index not in used]
    records = _parsed(table, columns, layout, progress)
    found = Contents(records, table, layout, unused, hidden=layouts.hidden_rows(sheets, layout))
    _keep(_key(file, import_, layout.as_json()), found)
    return replace(found, records=list(records), corrected={})


# Rows by import, file, layout and day: nothing but speed depends on them. A file never changes once it was stored.
_kept: dict[tuple, Contents] = {}


def _key(file: ImportFile, import_: Import, layout: dict) -> tuple:
    return import_.uuid, file.file.sha256, json.dumps(layout, sort_keys=True), clock.today()


def _keep(key: tuple, found: Contents) -> None:
    if sum(len(one.records) for one in _kept.values()) + len(found.records) > KEPT_ROWS:
        forget()
    if len(found.records) <= KEPT_ROWS:
        _kept[key] = found


def forget() -> None:
    """Let go of the rows that were kept."""
    _kept.clear()


def _parsed(table: Table, columns: Sequence[Column], layout: Layout, progress: Progress | None) -> list[Record]:
    records: list[Record] = []
    for first in range(0, len(table.rows), _CHUNK):
        part = replace(table, rows=table.rows[first : first + _CHUNK])
        records += parse(part, columns, layout.places).records
        if progress:
            progress(len(records), len(table.rows))
    return records


def _renumbered(record: Record, number: int) -> Record:
    problems = [replace(problem, row=number) for problem in record.problems]
    return replace(record, row=number, problems=problems)


def _targets(
    file: ImportFile,
    import_: Import,
    purpose: Purpose,
    standing: dict[int, Record],
    records: Sequence[Record],
    last: int,
) -> dict[int, int]:
    """Row of the correction → number of the row that it stands for; asked once, then kept."""
    if file.targets:
        return {int(row): number for row, number in file.targets.items()}
    wrong = unpack(import_.report).wrong
    find = _Finder(import_, purpose.identify, standing, wrong)
    found: dict[int, int] = {}
    for record in records:
        number = find(record)
        if number is None or number in found.values():
            last += 1
            number = last
        found[record.row] = number
    ImportFile.objects.filter(pk=file.pk).update(targets=found)
    return found


class _Finder:
    """Finds the row that a corrected row stands for: by its mark, by its identity, by a name among wrong rows."""

    def __init__(self, import_: Import, keys: Sequence[str], standing: dict[int, Record], wrong: set[int]):
        self.import_, self.keys, self.standing = import_, keys, standing
        among = [list(standing.values()), *[[standing[row] for row in wrong if row in standing]] * (len(keys) - 1)]
        self.by_key = [_index(records, key) for records, key in zip(among, keys, strict=True)]

    def __call__(self, record: Record) -> int | None:
        mark = record["row_mark"]
        prefix, _, number = (mark or "").rpartition("-")
        if prefix == self.import_.uuid.hex[:8] and number.isdecimal() and int(number) in self.standing:
            return int(number)
        for key, known in zip(self.keys, self.by_key, strict=True):
            if (said := _identity(record, key)) and said in known:
                return known[said]
        return None


def _index(records: Iterable[Record], key: str) -> dict[str, int]:
    """What the records say under ``key`` → row, where only one says it."""
    said = [(_identity(record, key), record.row) for record in records]
    often = Counter(text for text, _row in said)
    return {text: row for text, row in said if text and often[text] == 1}


def _identity(record: Record, key: str) -> str:
    value: Any = record[key]
    if value is None:
        typed = record.typed(key)
        try:
            return "" if typed is None else clean_text(typed)
        except CellProblem:
            return ""
    return str(getattr(value, "number", value))
