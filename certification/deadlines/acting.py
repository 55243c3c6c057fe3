"""Who has to act under a deadline at the moment, where that is not whoever is responsible for it.

An application that a tier returned waits for somebody else's answer, although the tier's own due date runs on: the
answer is in time until that day (rules 2.8), so whoever has to answer is reminded of it, and the tier, which has done
its part, is not. And a tier to which a case has not come yet can do nothing: while the tier before it has a day of
its own to keep, nobody is reminded under the later one.
"""

from collections.abc import Callable, Iterable, Sequence

from django.contrib.contenttypes.models import ContentType

from certification.deadlines.holders import Tier
from certification.deadlines.models import Deadline

# Unmet deadlines about cases of one kind → the tier that acts now, by the ids of those where it is not whoever is
# responsible; NOBODY where another tier acts first, by a day of its own.
Turns = Callable[[Sequence[Deadline]], dict[int, Tier]]

_turns: dict[str, Turns] = {}


def register(model_label: str, turns: Turns) -> None:
    """Ask ``turns`` about deadlines of cases of ``model_label`` ("app.Model"); call in AppConfig.ready."""
    _turns[model_label] = turns


def turns(deadlines: Iterable[Deadline]) -> dict[int, Tier]:
    """Whose turn it is, by the ids of those of the unmet ``deadlines`` where it is not whoever is responsible. As
    many queries for one as for a thousand: those of each kind of case."""
    by_kind: dict[int, list[Deadline]] = {}
    for row in deadlines:
        by_kind.setdefault(row.subject_type_id, []).append(row)
    found: dict[int, Tier] = {}
    for type_id, rows in by_kind.items():
        model = ContentType.objects.get_for_id(type_id).model_class()
        if ask := _turns.get(model._meta.label):
            found |= ask(rows)
    return found
