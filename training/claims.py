"""What upper apps hold against a trainee, and what of theirs hangs on the days of a class; they register in
``AppConfig.ready``, training asks.

Where a person already is on the way to a certificate, upper apps tell ``certification.people.checks.known``.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from django.db import models

from certification.organisations.models import User
from training.models import TrainingPlan

# Trainee ids → trainee id → why the trainee cannot leave the class now, as a sentence: “已申报考试（…）。” A source
# answers for many at once, in a constant number of queries.
Bound = Callable[[Collection[int]], dict[int, str]]


@dataclass(frozen=True)
class Letter:
    """What some accounts are to be told once the class has its new days: ``body`` is a sentence of the warnings."""

    recipients: tuple[User, ...]
    body: str
    url: str


@dataclass
class Attached:
    """What hangs on the days of a class: ``cases`` of one model whose deadlines count from class start, and what does
    not fit the days that the class is to have, a sentence each, with names and numbers. ``letters``: who outside the
    class hears of it."""

    cases: list[models.Model] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)


# The plan with the days that it is to have, and whether to lock the cases → what hangs on it.
Attaches = Callable[[TrainingPlan, bool], Attached]

_bound: list[Bound] = []
_attached: list[Attaches] = []


def register_bound(source: Bound) -> None:
    """Let ``source`` say which trainees may not be taken off a roster."""
    if source not in _bound:
        _bound.append(source)


def register_attached(source: Attaches) -> None:
    """Let ``source`` say what hangs on the days of a class."""
    if source not in _attached:
        _attached.append(source)


def bound(trainee_ids: Collection[int]) -> dict[int, str]:
    """Trainee id → why the trainee cannot leave the class."""
    found: dict[int, str] = {}
    for source in _bound if trainee_ids else ():
        found = {**source(trainee_ids), **found}
    return found


def attached(plan: TrainingPlan, *, locked: bool = False) -> list[Attached]:
    """What hangs on the days that ``plan`` is to have; ``locked`` for whoever moves them."""
    return [source(plan, locked) for source in _attached]
