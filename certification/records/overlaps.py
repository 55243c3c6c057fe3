"""Spans of time that must not overlap: the last guard in the database.

PostgreSQL refuses an overlap itself (an exclusion constraint over ``btree_gist``), whoever writes. SQLite, the embedded
default, has no such constraint: there one transaction writes at a time (``SQLITE_OPTIONS``: ``IMMEDIATE``), so that the
look that every activity takes inside its transaction before it writes guards as much.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import connections
from django.db.models import Func


class Span(Func):
    """The time between two columns, the end not included, so that one may begin where another ends."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class NoOverlap(ExclusionConstraint):
    """No two rows of the same ``of`` whose time from ``starts`` to ``ends`` overlaps."""

    def __init__(self, *, of: str, starts: str, ends: str, **kwargs):
        self._columns = {"of": of, "starts": starts, "ends": ends}
        same = (of, RangeOperators.EQUAL)
        kwargs["expressions"] = [same, (Span(starts, ends), RangeOperators.OVERLAPS)]
        super().__init__(**kwargs)

    def deconstruct(self):
        """By the columns alone."""
        path, args, kwargs = super().deconstruct()
        del kwargs["expressions"]
        return path, args, kwargs | self._columns

    def constraint_sql(self, model, schema_editor):
        """Nothing where the database knows no exclusion."""
        return super().constraint_sql(model, schema_editor) if _excludes(schema_editor.connection) else None

    def create_sql(self, model, schema_editor):
        """Nothing where the database knows no exclusion."""
        return super().create_sql(model, schema_editor) if _excludes(schema_editor.connection) else None

    def remove_sql(self, model, schema_editor):
        """Nothing where the database knows no exclusion."""
        return super().remove_sql(model, schema_editor) if _excludes(schema_editor.connection) else None

    def validate(self, model, instance, exclude=None, using="default"):
        """Asked of the database alone where it knows exclusion."""
        if _excludes(connections[using]):
            super().validate(model, instance, exclude=exclude, using=using)


def _excludes(connection) -> bool:
    return connection.vendor == "postgresql"
