"""What a spreadsheet comes to: a header and the rows below it, with the numbers that the sheet shows."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class TableRow:
    """One row. ``number`` is the sheet's own (the first row of the sheet is 1), ``cells`` as they came, one per
    column of the header. ``formulas`` and ``errors`` are positions in ``cells`` that hold a formula or a #N/A."""

    number: int
    cells: list[Any]
    formulas: frozenset[int] = frozenset()
    errors: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Table:
    """A table found in an upload. ``rows`` leaves out rows without content; ``header_row`` is the sheet's number."""

    header: list[str]
    rows: list[TableRow]
    header_row: int = 1
    sheet: str = ""
    kind: str = field(default="xlsx")
