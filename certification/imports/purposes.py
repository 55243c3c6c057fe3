"""What can be imported. An app registers a ``Purpose`` in ``AppConfig.ready``; everything else is the same for all.

``judge`` looks at all rows at once and writes nothing; ``save`` writes them inside one transaction that is repeated
never and rolled back whole, in the name of the person who asked for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from certification.imports.models import Import
from certification.imports.states import Standing
from certification.refusals import Problem, Refusal
from certification.spreadsheets.columns import Column, Record


@dataclass(frozen=True)
class Change:
    """One value of one row that differs from what is stored."""

    label: str
    before: str
    after: str


@dataclass
class Judgement:
    """What all rows of an import come to. Rows with a problem are wrong whatever ``standings`` says of them; a row
    that it does not name is new. ``leaving`` names who or what is stored now and not in the file (already masked, for
    a list); ``basis`` is what ``save`` compares, to notice that somebody was quicker."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    standings: Mapping[int, Standing] = field(default_factory=dict)
    changes: Mapping[int, Sequence[Change]] = field(default_factory=dict)
    leaving: Sequence[str] = ()
    notes: Sequence[str] = ()
    basis: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Saved:
    """What came of it: a sentence for the person, the address to go on at, and numbers for the record."""

    sentence: str
    url: str = ""
    numbers: dict[str, int] = field(default_factory=dict)


def _open(import_: Import, now: datetime) -> Refusal | None:
    return None


@dataclass(frozen=True)
class Purpose:
    """One kind of import.

    ``action`` is the right that uploading and saving need. ``columns(import_, today)`` are read, ``shown`` names
    those of the preview, ``identify`` those by which the row of a corrected file is found again (each alone, in this
    order; the first must be the row's identity, a later one, a name, is asked only among wrong rows).
    ``judge(import_, records, today)`` and ``save(import_, records, actor, now)`` see above; ``save`` may raise Refusal
    (Incomplete for rows that have become wrong). ``whole``: a wrong row keeps all from being saved; else the right
    ones may be saved without the wrong ones. ``closed(import_, now)`` says why it cannot be saved now. ``url`` is the
    page that the import belongs to, ``title`` its name there.
    """

    code: str
    label: str
    unit: str
    action: str
    columns: Callable[[Import, date], Sequence[Column]]
    judge: Callable[[Import, Sequence[Record], date], Judgement]
    save: Callable[..., Saved]
    shown: tuple[str, ...]
    identify: tuple[str, ...]
    url: Callable[[Import], str]
    title: Callable[[Import], str]
    save_label: str = "保存"
    whole: bool = True
    closed: Callable[[Import, datetime], Refusal | None] = _open


_PURPOSES: dict[str, Purpose] = {}


def register(purpose: Purpose) -> None:
    """Let this be imported; registering the same code again replaces it."""
    _PURPOSES[purpose.code] = purpose


def of(import_: Import) -> Purpose:
    """The purpose of an import."""
    return _PURPOSES[import_.purpose]


def get(code: str) -> Purpose:
    """The purpose with this code; raises LookupError."""
    return _PURPOSES[code]
