"""What upper apps hold against a person or a trainee; they register in ``AppConfig.ready``, training asks.

Both kinds of source answer for many at once, in a constant number of queries.
"""

from collections.abc import Callable, Collection

from training.models import TrainingPlan

# (person ids, the plan whose roster is checked) → person id → where the person already is, as a noun, e.g. an open
# exam application for the same job type that does not come from this plan: “考试申报（待初审）”.
Elsewhere = Callable[[Collection[int], TrainingPlan], dict[int, str]]
# Trainee ids → trainee id → why the trainee cannot leave the class now, as a sentence: “已申报考试（…）。”
Bound = Callable[[Collection[int]], dict[int, str]]

_elsewhere: list[Elsewhere] = []
_bound: list[Bound] = []


def register_elsewhere(source: Elsewhere) -> None:
    """Let ``source`` say who is already in an exam for the plan's job type, anywhere in the province."""
    if source not in _elsewhere:
        _elsewhere.append(source)


def register_bound(source: Bound) -> None:
    """Let ``source`` say which trainees may not be taken off a roster."""
    if source not in _bound:
        _bound.append(source)


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
