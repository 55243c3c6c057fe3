"""What the search box covers. Apps register sources in ``AppConfig.ready``.

A source is ``source(user, query, limit) -> Iterable[Found]``; it searches ``visible_to(user)`` rows only.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from certification.organisations.models import User

# Per source: more than this and the page asks for a longer search term.
LIMIT = 20
SHORTEST = 2
IDENTITY_PREFIX = re.compile(r"\d{6,17}[\dX]?")
# Passports and permits begin with letters; the number of a certificate is T and the identity number.
OTHER_PREFIX = re.compile(r"[A-Z]{1,3}\d{4,17}")
CERTIFICATE_PREFIX = re.compile(r"T(\d{9,17}[\dX]?)")


@dataclass(frozen=True)
class Query:
    """What was typed, cleaned: spaces taken away, capitals."""

    text: str

    @property
    def identity_prefix(self) -> str:
        """What can be the beginning of a document's number (six digits or more of an identity number, letters and
        digits of another document, the identity number in a certificate's number), else empty."""
        if certificate := CERTIFICATE_PREFIX.fullmatch(self.text):
            return certificate[1]
        return self.text if IDENTITY_PREFIX.fullmatch(self.text) or OTHER_PREFIX.fullmatch(self.text) else ""

    @property
    def name(self) -> str:
        """The text where it can be a name (no digit in it), else empty."""
        return "" if re.search(r"\d", self.text) else self.text


@dataclass(frozen=True)
class Found:
    """One hit: what it is (学员, 培训计划 …), its title, its page, a line of detail. Identity numbers come masked."""

    kind: str
    title: str
    url: str
    detail: str = ""


Source = Callable[[User, Query, int], Iterable[Found]]
SOURCES: list[Source] = []


def register(source: Source) -> Source:
    """Add a source; usable as a decorator."""
    if source not in SOURCES:
        SOURCES.append(source)
    return source


def parse(text: str) -> Query | None:
    """The query, or None where the text is too short to search for."""
    cleaned = "".join(text.split()).upper()
    return Query(cleaned) if len(cleaned) >= SHORTEST else None


def run(user: User, query: Query) -> tuple[dict[str, list[Found]], bool]:
    """Hits by kind, and whether some source had more than it may show."""
    found: dict[str, list[Found]] = {}
    more = False
    for source in SOURCES:
        hits = list(source(user, query, LIMIT + 1))
        more = more or len(hits) > LIMIT
        for hit in hits[:LIMIT]:
            found.setdefault(hit.kind, []).append(hit)
    return found, more
