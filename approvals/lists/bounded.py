"""Counts that a page can afford: exact up to a limit, “1,000+” beyond, several in one query.

Over millions of rows an exact number costs a scan, and nobody acts differently on 84,312 than on “more than 1,000”.
"""

from collections.abc import Mapping

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

LIMIT = 1_000


class Bounded(int):
    """A number that was counted no further than to ``LIMIT``; shows as 1,000+ where there is more."""

    def __format__(self, spec: str) -> str:
        return f"{LIMIT:,}+" if self > LIMIT else int(self).__format__(spec)

    def __str__(self) -> str:
        return f"{self:,}"


def counts(lists: Mapping[str, QuerySet]) -> dict[str, Bounded]:
    """How many rows each list has: name → number. One query, whatever the number of lists."""
    if not lists:
        return {}
    # Put together from what each list says by itself: a queryset of subqueries costs twice the time to build.
    parts = [_counted(rows) for rows in lists.values()]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(sql for sql, _ in parts)}", [one for _, values in parts for one in values])
        return {name: Bounded(number) for name, number in zip(lists, cursor.fetchone(), strict=True)}


def _counted(rows: QuerySet) -> tuple[str, tuple]:
    """The number of rows as an expression of SQL, with its values; its own LIMIT bounds the work."""
    try:
        sql, values = rows.order_by()[: LIMIT + 1].values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "0", ()
    return f"(SELECT COUNT(*) FROM ({sql}) AS bounded)", values
