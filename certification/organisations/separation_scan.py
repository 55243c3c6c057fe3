"""The scan for what slipped past the separation of duties (rules 4): over all cases and all roles, as they stand.

It asks the same table and the same sources as the check before somebody acts, so that it finds what was entered past
the activities, and what a later entry (a teacher, a declared employer) turned into a breach.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db import models

from certification.organisations import separation
from certification.organisations.models import ActingFor, RoleAssignment
from certification.organisations.roles import Role

BATCH = 1000
# Who is to act, by model and capacity: what somebody has in hand and has not acted upon yet. It keeps nobody from
# anything, only the scan compares it.
_intended: dict[tuple[type[models.Model], separation.Capacity], list[separation.Source]] = defaultdict(list)


def register_intended(model: type[models.Model], capacity: separation.Capacity, source: separation.Source) -> None:
    """Tell who is to act in ``capacity`` on cases of ``model``."""
    if source not in _intended[model, capacity]:
        _intended[model, capacity].append(source)


@dataclass(frozen=True)
class Breach:
    """One person against one rule on one case; for two roles that exclude each other the case is None."""

    person_id: int
    rule: str
    between: str
    model: type[models.Model] | None = None
    case_id: int | None = None

    @property
    def key(self) -> tuple[int, str, str, str, int | None]:
        """What tells it from every other, in plain values that may be stored."""
        return (self.person_id, self.rule, self.between, self.model._meta.label if self.model else "", self.case_id)


def breaches(today: date) -> Iterator[Breach]:
    """Everything that breaks a rule now; the memory it takes does not grow with the number of cases."""
    for model in separation.models_with_sources():
        for ids in _batches(model._base_manager.order_by("pk").values_list("pk", flat=True).iterator(BATCH)):
            yield from _on_cases(model, ids)
    yield from _of_roles(today)


def _on_cases(model: type[models.Model], ids: list[int]) -> Iterator[Breach]:
    """The queries are as many as the sources of ``model``, whatever the number of cases.

    On a part of something else one of the two must have been done on the part itself: the rest is found on the whole.
    """
    here = {capacity: _acted_or_to_act(model, capacity, ids) for capacity in separation.Capacity}
    pairs = [pair for pair in separation.PAIRS if here[pair.one] or here[pair.other]]
    everywhere = here
    if separation.is_part(model):
        asked = {capacity for pair in pairs for capacity in (pair.one, pair.other)}
        everywhere = {capacity: separation.acted(model, capacity, ids) for capacity in asked}
    for pair in pairs:
        both = ((here[pair.one], everywhere[pair.other]), (everywhere[pair.one], here[pair.other]))
        for case_id in ids:
            for person_id in set().union(*(one.get(case_id, _NONE) & other.get(case_id, _NONE) for one, other in both)):
                between = f"{pair.one.value}／{pair.other.value}"
                yield Breach(person_id, f"{pair.rule}，{pair.clause}", between, model, case_id)


_NONE: frozenset[int] = frozenset()


def _acted_or_to_act(model: type[models.Model], capacity: separation.Capacity, ids: list[int]) -> dict[int, set[int]]:
    found = separation.acted_here(model, capacity, ids)
    for source in _intended[model, capacity]:
        for case_id, persons in source(ids).items():
            found[case_id] |= persons
    return found


def _of_roles(today: date) -> Iterator[Breach]:
    """Persons who hold roles that exclude each other, through whichever accounts."""
    held: dict[int, set[Role]] = defaultdict(set)
    assignments = RoleAssignment.objects.in_force(today).filter(user__is_active=True, user__person__isnull=False)
    acting = ActingFor.objects.in_force(today).filter(deputy__is_active=True, deputy__person__isnull=False)
    for person_id, role in (
        *assignments.values_list("user__person_id", "role"),
        *acting.values_list("deputy__person_id", "role"),
    ):
        held[person_id].add(Role(role))
    for person_id, roles in held.items():
        for one, other, rule in separation.EXCLUSIVE_ROLES:
            # Against another role, not against itself: the last rule excludes one role from all others.
            if (mine := roles & one) and (clash := (roles & other) - mine):
                yield Breach(person_id, rule, f"{_labels(mine)}／{_labels(clash)}")


def _labels(roles: Iterable[Role]) -> str:
    return "、".join(sorted(role.label for role in roles))


def _batches(ids: Iterator[int]) -> Iterator[list[int]]:
    while batch := list(islice(ids, BATCH)):
        yield batch
