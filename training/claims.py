"""What upper apps hold against a person or a trainee; they register in ``AppConfig.ready``, training asks.

Both kinds of source answer for many at once, in a constant number of queries.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from django.db import models

from training.models import TrainingPlan

# (person ids, the plan whose roster is checked) → person id → where the person already is, as a noun, e.g. an open
# exam application for the same job type that does not come from this plan: “考试申报（待初审）”.
Elsewhere = Callable[[Collection[int], TrainingPlan], dict[int, str]]
# Trainee ids → trainee id → why the trainee cannot leave the class now, as a sentence: “已申报考试（…）。”
Bound = Callable[[Collection[int]], dict[int, str]]


@dataclass
class Attached:
    """What hangs on the days of a class: ``cases`` of one model whose deadlines count from class start, and what does
    not fit the days that the class is to have, a sentence each, with names and numbers."""

    cases: list[models.Model] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


# The plan with the days that it is to have, and whether to lock the cases → what hangs on it.
Attaches = Callable[[TrainingPlan, bool], Attached]

_elsewhere: list[Elsewhere] = []
_bound: list[Bound] = []
_attached: list[Attaches] = []


def register_elsewhere(source: Elsewhere) -> None:
    """Let ``source`` say who is already in an exam for the plan's job type, anywhere in the province."""
    if source not in _elsewhere:
        _elsewhere.append(source)


def register_bound(source: Bound) -> None:
    """Let ``source`` say which trainees may not be taken off a roster."""
    if source not in _bound:
        _bound.append(source)


def register_attached(source: Attaches) -> None:
    """Let ``source`` say what hangs on the days of a class."""
    if source not in _attached:
        _attached.append(source)


def elsewhere(person_ids: Collection[int], plan: TrainingPlan) -> dict[int, str]:
    """Person id → where the person already is; the first source to name somebody is believed."""
    found: dict[int, str] = {}
    for source in _elsewhere if person_ids else ():
        found = {**source(person_ids, plan), **found}
    return found


def bound(trainee_ids: Collection[int]) -> dict[int, str]:
    """Trainee id → why the trainee cannot leave the class."""
    found: dict[int, str] = {}
    for source in _bound if trainee_ids else ():
        found = {**source(trainee_ids), **found}
    return found


def attached(plan: TrainingPlan, *, locked: bool = False) -> list[Attached]:
    """What hangs on the days that ``plan`` is to have; ``locked`` for whoever moves them."""
    return [source(plan, locked) for source in _attached]
