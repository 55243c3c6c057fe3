"""Who has to act on a deadline at the moment, where that is not whoever is responsible for it.

An application that a tier returned for correction waits for its institution, although the tier's own due date runs
on: the institution's answer is in time until that day (rules 2.8), so the institution is reminded of it, and the
tier, which has done its part, is not. Rules where this is so name it: ``returned_to``.
"""

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType

from certification.deadlines import holders
from certification.deadlines.holders import Tier
from certification.deadlines.models import Deadline
from certification.rulebook import lookup


def answering(deadlines: Iterable[Deadline]) -> set[int]:
    """Ids of the deadlines whose cases were returned to their institution and wait for its answer; one query for
    each kind of case."""
    by_kind: dict[int, list[Deadline]] = {}
    for row in deadlines:
        if lookup.by_id(row.rule_id).values.get("returned_to") == Tier.INSTITUTION and row.institution_id:
            by_kind.setdefault(row.subject_type_id, []).append(row)
    return {row.pk for type_id, rows in by_kind.items() for row in rows if row.subject_id in _returned(type_id, rows)}


def _returned(type_id: int, rows: list[Deadline]) -> set[int]:
    model = ContentType.objects.get_for_id(type_id).model_class()
    states = [state for state, tier in holders.states_of(model._meta.label).items() if tier == Tier.INSTITUTION]
    if not states:
        return set()
    found = model._base_manager.filter(pk__in=[row.subject_id for row in rows], state__in=states)
    return set(found.values_list("pk", flat=True))
