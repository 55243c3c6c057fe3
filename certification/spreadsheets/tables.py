"""What a spreadsheet comes to: a header and the rows below it, with the numbers that the sheet shows."""

from dataclasses import dataclass, field
from typing import Any

# The sheet of our own templates that shows how to fill them in; never an upload's table.
EXAMPLE_SHEET = "示例"


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


@dataclass(frozen=True)
class Sheet:
    """One visible worksheet (or the one table of a csv, without a name) before anybody looked for its header.

    ``rows`` leaves out rows without content; ``hidden`` are the numbers of rows with content that the sheet hides.
    """

    name: str
    rows: list[TableRow]
    kind: str = "xlsx"
    hidden: tuple[int, ...] = ()
