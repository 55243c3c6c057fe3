"""What stands on the home page. Apps register providers in ``AppConfig.ready``.

A provider is ``provider(user, now) -> list[Todo]``. It reads only what ``user`` may see (``visible_to``), in a
constant number of queries, and puts many alike into one line with a ``count``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlencode

from django.urls import reverse

from certification.organisations.access import may
from certification.organisations.models import User


class Kind(StrEnum):
    TODO = "todo"
    WAITING = "waiting"
    FIGURE = "figure"


@dataclass(frozen=True)
class Todo:
    """One line of the home page.

    ``kind`` says under which heading: mine to do, what I wait for, or a figure that links to its rows.
    ``deadline`` (a Deadline row) gives the time-left badge; ``due_on`` orders lines that have none of their own.
    ``binding`` says that ``due_on`` is the last day of a rule whose deadline is not opened yet: past it the line is
    overdue, where any other day has merely passed.
    """

    title: str
    url: str
    subject: str = ""
    deadline: object | None = None
    due_on: date | None = None
    kind: str = Kind.TODO
    count: int | None = None
    binding: bool = False

    @property
    def due(self) -> date | None:
        """The day that orders this line: the deadline's, else ``due_on``."""
        return self.deadline.due_on if self.deadline else self.due_on


OVERSEE = "portal.oversee"

Provider = Callable[[User, datetime], Iterable[Todo]]
PROVIDERS: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Add a provider; usable as a decorator."""
    if provider not in PROVIDERS:
        PROVIDERS.append(provider)
    return provider


def by_right(providers: Mapping[str, Iterable[Provider]]) -> Provider:
    """One provider out of many: those of each action (its code) speak only to who may do it."""

    def lines(user: User, now: datetime) -> list[Todo]:
        entitled = [provider for action, own in providers.items() if may(user, action) for provider in own]
        return [line for provider in entitled for line in provider(user, now)]

    return lines


def overseen(providers: Mapping[str, Iterable[Provider]]) -> Provider:
    """``by_right`` for those alone who oversee the work and act nowhere in it: their home page would be empty."""
    return by_right({OVERSEE: (by_right(providers),)})


def figure(title: str, url_name: str, count: int, **query) -> Todo:
    """A number that opens its rows: the list ``url_name``, filtered by ``query``."""
    url = f"{reverse(url_name)}?{urlencode(query)}" if query else reverse(url_name)
    return Todo(title, url, kind=Kind.FIGURE, count=count)


def lines_for(user: User, now: datetime) -> dict[Kind, list[Todo]]:
    """Every provider's lines by kind, each kind by due date; lines without a date come last, in provider order."""
    lines: dict[Kind, list[Todo]] = {kind: [] for kind in Kind}
    for provider in PROVIDERS:
        for line in provider(user, now):
            lines[Kind(line.kind)].append(line)
    for kind in (Kind.TODO, Kind.WAITING):
        lines[kind].sort(key=lambda line: line.due or date.max)
    return lines
