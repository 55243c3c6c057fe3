"""In whose name django-simple-history writes, and history for many rows in one statement."""

from collections.abc import Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from types import SimpleNamespace

from django.db import connection, models
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

# Below the number of parameters that SQLite takes in one statement.
BATCH = 10_000


def keep_manager_classes() -> None:
    """Make the class of a history manager once; call in AppConfig.ready. simple-history makes a new one whenever
    anybody looks at ``Model.history``, so for every row that it writes, which took a tenth of the time of everything
    that keeps history."""
    HistoryManager.from_queryset = classmethod(cache(HistoryManager.from_queryset.__func__))


@contextmanager
def acting_as(actor):
    """Within the block, history rows carry ``actor`` as their user, in web requests, jobs and commands alike."""
    context = HistoricalRecords.context
    before = getattr(context, "request", None)
    context.request = SimpleNamespace(user=actor)
    try:
        yield
    finally:
        if before is None:
            del context.request
        else:
            context.request = before


def record_changes(model: type[models.Model], ids: Sequence[int], *, actor, at: datetime, reason: str) -> None:
    """Write the history of rows that one UPDATE has just changed, as they stand now: INSERT … SELECT, no row passes
    through Python. For bulk changes only; everything else uses simple-history's own helpers."""
    _record(model, ids, "~", actor=actor, at=at, reason=reason)


def record_creation(model: type[models.Model], ids: Sequence[int], *, actor, at: datetime, reason: str) -> None:
    """Write the history of rows that one statement has just inserted; as ``record_changes``."""
    _record(model, ids, "+", actor=actor, at=at, reason=reason)


def _record(model: type[models.Model], ids: Sequence[int], kind: str, *, actor, at: datetime, reason: str) -> None:
    history = model.history.model
    columns = [field.column for field in model._meta.concrete_fields if _tracked(history, field)]
    quoted = ", ".join(connection.ops.quote_name(column) for column in columns)
    statement = (
        f"INSERT INTO {connection.ops.quote_name(history._meta.db_table)} "
        f"({quoted}, history_date, history_change_reason, history_type, history_user_id) "
        f"SELECT {quoted}, %s, %s, %s, %s FROM {connection.ops.quote_name(model._meta.db_table)} "
        f"WHERE {connection.ops.quote_name(model._meta.pk.column)} "
    )
    moment = connection.ops.adapt_datetimefield_value(at)
    said = [moment, reason[:100] or None, kind, actor.pk if actor else None]
    ids = list(ids)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{statement}= ANY(%s)", [*said, ids])
            return
        for first in range(0, len(ids), BATCH):
            batch = ids[first : first + BATCH]
            cursor.execute(f"{statement}IN ({', '.join(['%s'] * len(batch))})", [*said, *batch])


def _tracked(history: type[models.Model], field: models.Field) -> bool:
    return any(own.column == field.column for own in history._meta.concrete_fields)
