"""A copy of what was received for a roster, for those who need not see whole numbers (rules 5): every number masked.

Of an upload that was corrected it holds the rows as they stand now, put together here from the files as received.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from certification import clock
from certification.imports import contents, returning, working
from certification.imports.reports import masked
from certification.people.models import mask
from certification.spreadsheets import layout as layouts
from certification.spreadsheets.columns import shown
from certification.spreadsheets.reading import read_sheets
from certification.spreadsheets.writing import workbook
from training.models import Roster
from training.rosters.roster_columns import roster_columns


def masked_copy(roster: Roster) -> bytes:
    """The rows of the version as a workbook: the identity column masked whatever stands in it, in the others what
    looks like somebody's number. Raises UnreadableFile."""
    header, identity, rows = _of_upload(roster) if roster.upload else _of_file(roster)
    names = [name or f"列{place + 1}" for place, name in enumerate(header)]
    names = [name if name not in names[:place] else f"{name}{place + 1}" for place, name in enumerate(names)]
    cells = ([_cell(cell, place == identity) for place, cell in enumerate(row)] for row in rows)
    return workbook(names, cells, title=f"{roster}（证件号码已遮蔽）", text_columns=set(names))


def copy_name(roster: Roster) -> str:
    """The name under which it is sent."""
    return f"学员名单-{roster.plan.number}-第{roster.version}版（遮蔽）.xlsx"


_Table = tuple[Sequence[str], int | None, Iterator[Sequence[Any]]]


def _of_upload(roster: Roster) -> _Table:
    """The upload with its corrections in their places, by the columns of the upload."""
    found = working.read(roster.upload)
    contents.forget()
    places = found.layout.places
    return found.table.header, places.get("identity"), returning.rows(found)


def _of_file(roster: Roster) -> _Table:
    with roster.file.file.open("rb") as kept:
        sheets = read_sheets(kept.read(), roster.file.name)
    columns = roster_columns(clock.today(), roster.plan.job_type.name)
    layout = layouts.suggest(sheets, columns).best.layout
    table = layouts.table(sheets, layout)
    return table.header, layout.places.get("identity"), (row.cells for row in table.rows)


def _cell(cell, is_identity: bool) -> str:
    text = shown(cell)
    return mask(text.strip()) if is_identity and text.strip() else masked(text)
