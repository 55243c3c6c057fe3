"""Counts that a page can afford: exact up to a limit, “1,000+” beyond, several in one query.

Over millions of rows an exact number costs a scan, and nobody acts differently on 84,312 than on “more than 1,000”.
"""

from collections.abc import Mapping

from django.db.models import IntegerField, QuerySet, Subquery

from certification.organisations.models import User

LIMIT = 1_000


class Bounded(int):
    """A number that was counted no further than to ``LIMIT``; shows as 1,000+ where there is more."""

    def __format__(self, spec: str) -> str:
        return f"{LIMIT:,}+" if self > LIMIT else int(self).__format__(spec)

    def __str__(self) -> str:
        return f"{self:,}"


class _Counted(Subquery):
    """How many rows a query has; its own LIMIT bounds the work."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS bounded)"
    output_field = IntegerField()


def counts(user: User, lists: Mapping[str, QuerySet]) -> dict[str, Bounded]:
    """How many rows each list has: name → number. One query, whatever the number of lists."""
    if not lists:
        return {}
    # One row of its own carries the numbers: each is a subquery that asks nothing of it.
    carrier = User.objects.filter(pk=user.pk).order_by()
    counted = {
        f"n{place}": _Counted(rows.order_by()[: LIMIT + 1].values("pk")) for place, rows in enumerate(lists.values())
    }
    found = carrier.annotate(**counted).values(*counted).get()
    return {name: Bounded(found[f"n{place}"]) for place, name in enumerate(lists)}
