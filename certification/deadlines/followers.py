"""Who keeps a day of their deadlines beside the cases, for lists in that order. Apps register in AppConfig.ready.

Told inside the transaction that wrote the deadlines, after them: cases are locked before deadlines, as everywhere.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.apps import apps
from django.contrib.contenttypes.models import ContentType

from certification.deadlines.models import Deadline
from certification.rulebook import lookup


@dataclass(frozen=True)
class Follower:
    """``follow(ids)``: deadlines of these cases under one of ``rules`` (codes) changed. ``follow_all()``: any may have.
    ``hold_all()`` keeps everybody else from changing a case until the transaction ends; asked before all deadlines are
    held."""

    model_label: str
    rules: frozenset[str]
    follow: Callable[[Iterable[int]], object]
    follow_all: Callable[[], object]
    hold_all: Callable[[], None]


_followers: dict[str, Follower] = {}


def register(follower: Follower) -> None:
    """Tell ``follower`` from now on; registering the same model again replaces it."""
    _followers[follower.model_label] = follower


def tell(rows: Iterable[Deadline]) -> None:
    """These deadlines were written."""
    written: dict[tuple[int, str], set[int]] = defaultdict(set)
    for row in rows:
        written[row.subject_type_id, lookup.by_id(row.rule_id).code].add(row.subject_id)
    for label, follower in _followers.items():
        kind = ContentType.objects.get_for_model(apps.get_model(label)).pk
        ids = set().union(*(written[kind, rule] for rule in follower.rules if (kind, rule) in written))
        if ids:
            follower.follow(sorted(ids))


def hold_all() -> None:
    """Before every open deadline is counted again."""
    for follower in _followers.values():
        follower.hold_all()


def tell_of_all() -> None:
    """Every open deadline was counted again."""
    for follower in _followers.values():
        follower.follow_all()
