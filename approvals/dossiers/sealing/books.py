"""The pages of a sealed dossier: a book for each part, and all of them with a cover in one PDF with bookmarks.

Tables are set in pieces of ``PIECE`` rows: a dossier of five hundred people has twenty thousand, and WeasyPrint would
hold them all at once.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from approvals.dossiers.sealing.items import Part
from approvals.dossiers.sections import Section
from approvals.models import Dossier
from certification import clock
from certification.documents.volumes import Volume

PIECE = 200
# In half characters; a cell's padding takes as much as ``_PADDING``.
_WIDEST, _NARROWEST, _PADDING = 40, 4, 4


@dataclass(frozen=True)
class Column:
    """A column's heading, and its share of the table's width in per cent."""

    title: str
    share: float


@dataclass(frozen=True)
class Piece:
    """Rows of one section that are set together; ``goes_on`` where its heading stands on an earlier page."""

    title: str
    columns: list[Column]
    rows: list[list[str]]
    goes_on: bool


@dataclass
class Book:
    """The finished book of one part: an open file, its headings and pages."""

    file: IO[bytes]
    headings: list[tuple[int, str, int]]
    pages: int


def count_pieces(parts: Sequence[Part]) -> int:
    return sum(1 for part in parts for _pieces in _sheets(part.sections))


def write(dossier: Dossier, part: Part, index: Section, *, files: ExitStack, step) -> Book:
    """The book of one part: its tables, and ``index`` of what lies in its folder, in a file that is closed with
    ``files``. ``step()`` after each piece."""
    volume = Volume(f"{dossier.number} {part.title}")
    headings: list[tuple[int, str, int]] = []
    for pieces in _sheets([*(section for section in part.sections if section.rows), index]):
        first = volume.pages
        context = {
            "dossier": dossier,
            "part": part,
            "pieces": pieces,
            "opens": first == 0,
            "first_page": first + 1,
        }
        rendered = volume.add("approvals/dossiers/book.html", context, below=1 if first else 0)
        headings += [(level, text, first + page) for level, text, page in rendered.headings]
        step()
    return Book(_file(volume, files), headings, volume.pages)


def bind(
    dossier: Dossier,
    books: Sequence[tuple[Part, Book]],
    *,
    now,
    addition: int,
    previous: str,
    missing,
    files: ExitStack,
) -> IO[bytes]:
    """One PDF: a cover, then every part's book."""
    volume = Volume(f"{dossier.number}{f' 补充{addition}' if addition else ''}")
    context = {
        "dossier": dossier,
        "session": dossier.session,
        "sealed_on": clock.day_of(now),
        "addition": addition,
        "previous": previous,
        "books": books,
        "missing": missing,
    }
    volume.add("approvals/dossiers/cover.html", context)
    for _part, book in books:
        book.file.seek(0)
        volume.bind(book.file, book.headings)
    return _file(volume, files)


def _file(volume: Volume, files: ExitStack) -> IO[bytes]:
    """The PDF in a file without a name: nothing stays of it, whatever happens to the worker."""
    file = files.enter_context(TemporaryFile())  # noqa: SIM115 (closed with files)
    volume.write(file)
    file.seek(0)
    return file


def _sheets(sections: Sequence[Section]) -> Iterator[list[Piece]]:
    """Pieces that are set together, at most ``PIECE`` rows of them."""
    held: list[Piece] = []
    room = PIECE
    for section in sections:
        columns = _columns(section)
        rows, at = section.rows, 0
        while at < len(rows):
            taken = rows[at : at + room]
            held.append(Piece(section.title, columns, taken, goes_on=at > 0))
            at += len(taken)
            room -= len(taken)
            if room == 0:
                yield held
                held, room = [], PIECE
    if held:
        yield held


def _columns(section: Section) -> list[Column]:
    """Widths by what the columns hold: the tables have fixed ones, which sets them twice as fast."""
    lengths = [
        min(max(_NARROWEST, _wide(title), *(_wide(row[place]) for row in section.rows[:PIECE])), _WIDEST) + _PADDING
        for place, title in enumerate(section.columns)
    ]
    whole = sum(lengths)
    return [
        Column(title, round(100 * length / whole, 2)) for title, length in zip(section.columns, lengths, strict=True)
    ]


def _wide(text: str) -> int:
    """How wide a text is, a Chinese character counting two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
