"""What a check found, row by row, packed into one value: a page shows any part of it without reading the file again."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

from certification.imports.purposes import Change
from certification.imports.states import Standing
from certification.people.models import mask
from certification.refusals import Problem
from certification.spreadsheets.columns import Record, shown

# From here on a run of digits in a list is taken for somebody's number.
_LONG_NUMBER = 15


class Row(NamedTuple):
    """One row of the preview: its number, how it stands, and the shown columns as text."""

    number: int
    standing: str
    texts: list[str]


@dataclass
class Report:
    """All rows in order, and everything that was said of them. ``labels`` names the shown columns, ``unused`` the
    headings of the file that mean none of ours."""

    labels: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    changes: Mapping[int, Sequence[Change]] = field(default_factory=dict)
    leaving: Sequence[str] = ()
    notes: Sequence[str] = ()
    unused: Sequence[str] = ()

    @property
    def wrong(self) -> set[int]:
        """The numbers of rows with a problem."""
        return {problem.row for problem in self.problems if problem.row is not None}

    def counts(self) -> dict[str, int]:
        """How many rows stand how, and the other figures of a preview."""
        found = dict.fromkeys(Standing.values, 0)
        for row in self.rows:
            found[row.standing] += 1
        return {
            **found,
            "rows": len(self.rows),
            "leaving": len(self.leaving),
            "problems": len(self.problems),
            "general": sum(1 for problem in self.problems if problem.row is None),
            "warnings": len(self.warnings),
        }

    def pack(self) -> bytes:
        """Bytes that ``unpack`` takes back."""
        data = {
            "labels": self.labels,
            "rows": self.rows,
            "problems": [_plain(problem) for problem in self.problems],
            "warnings": [_plain(warning) for warning in self.warnings],
            "changes": {number: [asdict(change) for change in changes] for number, changes in self.changes.items()},
            "leaving": list(self.leaving),
            "notes": list(self.notes),
            "unused": list(self.unused),
        }
        return zlib.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), 1)


def unpack(packed: bytes) -> Report:
    """The report in ``packed``; an empty one where nothing was checked yet."""
    if not packed:
        return Report()
    data = json.loads(zlib.decompress(bytes(packed)))
    return Report(
        labels=data["labels"],
        rows=[Row(*row) for row in data["rows"]],
        problems=[Problem(**problem) for problem in data["problems"]],
        warnings=[Problem(**warning) for warning in data["warnings"]],
        changes={int(number): [Change(**one) for one in changes] for number, changes in data["changes"].items()},
        leaving=data["leaving"],
        notes=data["notes"],
        unused=data["unused"],
    )


def texts_of(records: Iterable[Record], key: str) -> list[str]:
    """``text_of`` for many rows; what was typed, is short and nobody's number needs no more looking at."""
    texts = []
    for record in records:
        place = record.places.get(key)
        typed = None if place is None else record.cells[place]
        as_typed = type(typed) is str and len(typed) < _LONG_NUMBER
        if as_typed and isinstance(record.values.get(key), str | None):
            texts.append(typed)
        else:
            texts.append(text_of(record, key))
    return texts


def text_of(record: Record, key: str) -> str:
    """A value for a list, as it was typed; the number of a document is masked."""
    value, typed = record[key], record.typed(key)
    if number := getattr(value, "number", None):
        return mask(number)
    if typed is None:
        return shown(value)
    return masked(shown(typed))


def masked(text: str) -> str:
    """``text``, masked where it looks like the number of a document or of a certificate ("T" and the former)."""
    plain = text.strip()
    number = plain.removeprefix("T").removeprefix("t")
    if len(number) < _LONG_NUMBER or not number[:_LONG_NUMBER].isdecimal():
        return text
    return f"{plain[: len(plain) - len(number)]}{mask(number)}"


def _plain(problem: Problem) -> dict:
    return {name: value for name, value in vars(problem).items() if value not in ("", None)}
