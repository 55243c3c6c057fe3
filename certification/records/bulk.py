"""Many rows written at once, with their history: COPY and one statement of SQL on PostgreSQL, and beside it the plain
path of simple-history for every other database. Both leave the same rows behind; the tests run both.

For rows by the hundred and thousand that somebody has judged before. What else writes goes through ``workflow``.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import connection, models, transaction
from simple_history.utils import (
    bulk_create_with_history,
    bulk_update_with_history,
    get_history_manager_for_model,
)

from certification.records.history import record_changes, record_creation

# Kinds of columns whose Python values psycopg writes as they are.
_PLAIN = (
    models.CharField,
    models.TextField,
    models.DateField,
    models.IntegerField,
    models.BooleanField,
    models.UUIDField,
    models.ForeignKey,
)
# What bulk_update puts into one CASE; more makes it slower by the square.
_PLAIN_BATCH = 200


@transaction.atomic
def create(rows: Sequence[models.Model], *, actor, at: datetime, reason: str = "") -> Sequence[models.Model]:
    """Insert ``rows`` (of one model, unsaved) with their history in the name of ``actor``; sets their keys.

    Raises IntegrityError as ``bulk_create`` does; nothing of it stands then.
    """
    if not rows:
        return rows
    if connection.vendor == "postgresql":
        _copy(rows, actor=actor, at=at, reason=reason)
        return rows
    return bulk_create_with_history(
        rows, type(rows[0]), default_user=actor, default_date=at, default_change_reason=reason or None
    )


@transaction.atomic
def insert(
    model: type[models.Model],
    names: Sequence[str],
    rows: Sequence[tuple],
    *,
    actor,
    at: datetime,
    reason: str = "",
) -> None:
    """``create`` for rows that nobody asks for afterwards: each is a tuple of the values of the columns ``names``
    (``person_id``, not ``person``); the others have their defaults. Raises IntegrityError as ``create`` does."""
    if not rows:
        return
    if connection.vendor != "postgresql":
        build = builder(model, *names)
        create([build(*row) for row in rows], actor=actor, at=at, reason=reason)
        return
    fields = {field.attname: field for field in model._meta.concrete_fields if not field.primary_key}
    left = [field for name, field in fields.items() if name not in names]
    defaults = tuple(field.get_default() for field in left)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        keys = _keys(cursor, model, len(rows))
        told = ((key, *row, *defaults) for key, row in zip(keys, rows, strict=True))
        _send(cursor, model, [model._meta.pk, *(fields[name] for name in names), *left], told)
    record_creation(model, keys, actor=actor, at=at, reason=reason)


@transaction.atomic
def book(model: type[models.Model], names: Sequence[str], rows: Sequence[tuple]) -> None:
    """``insert`` for bookings, which have no history: each row is the values of the columns ``names``, the others are
    empty. Raises IntegrityError as ``create`` does."""
    if connection.vendor != "postgresql":
        build = builder(model, *names)
        model._base_manager.bulk_create([build(*row) for row in rows])
        return
    fields = {field.attname: field for field in model._meta.concrete_fields}
    with connection.cursor() as cursor, connection.wrap_database_errors:
        _send(cursor, model, [fields[name] for name in names], rows)


@transaction.atomic
def update(rows: Sequence[models.Model], fields: Sequence[str], *, actor, at: datetime, reason: str = "") -> None:
    """Store ``fields`` of ``rows`` (of one model, locked by the caller) with their history in the name of ``actor``."""
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor == "postgresql":
        _update_from_arrays(model, rows, fields)
        record_changes(model, [row.pk for row in rows], actor=actor, at=at, reason=reason)
        return
    bulk_update_with_history(
        rows,
        model,
        list(fields),
        batch_size=_PLAIN_BATCH,
        default_user=actor,
        default_date=at,
        default_change_reason=reason or None,
    )


@transaction.atomic(savepoint=False)
def change(
    rows: Sequence[models.Model], fields: Sequence[str], *, actor, at: datetime | None = None, reason: str = ""
) -> None:
    """``update`` for the few rows of an ordinary step, in the name of ``actor`` (None: of the running activity's) and
    by default dated with the present moment. What a step writes is mostly the same in every row: that is a plain
    UPDATE, where Django's ``bulk_update`` builds a CASE for every column, which takes longer than all the rest."""
    if not rows:
        return
    model = type(rows[0])
    names = [model._meta.get_field(name).attname for name in fields]
    first, *others = ([getattr(row, name) for name in names] for row in rows)
    if all(values == first for values in others):
        same = model._base_manager.filter(pk__in=[row.pk for row in rows])
        same.update(**dict(zip(names, first, strict=True)))
    else:
        model._base_manager.bulk_update(rows, fields)
    get_history_manager_for_model(model).bulk_history_create(
        rows, update=True, default_user=actor, default_change_reason=reason or None, default_date=at
    )


def builder(model: type[models.Model], *names: str) -> Callable[..., models.Model]:
    """A function that makes an unsaved row of ``model`` from the values of the columns ``names`` (``person_id``, not
    ``person``); the others have their defaults. A third of the time that ``model(name=value, …)`` takes."""
    attnames = [field.attname for field in model._meta.concrete_fields]
    defaults = [field.get_default() for field in model._meta.concrete_fields]
    places = [attnames.index(name) for name in names]

    def build(*values) -> models.Model:
        columns = defaults.copy()
        for place, value in zip(places, values, strict=True):
            columns[place] = value
        return model(*columns)

    return build


def among(queryset: models.QuerySet, name: str, values: Sequence) -> models.QuerySet:
    """``queryset`` where the column ``name`` of its model is one of ``values``, as ``name__in`` finds them. On
    PostgreSQL they are one parameter: ten thousand of their own take half a second to be put into a statement."""
    if connection.vendor != "postgresql":
        return queryset.filter(**{f"{name}__in": values})
    field = queryset.model._meta.get_field(name)
    place = f"{_quoted(queryset.model._meta.db_table)}.{_quoted(field.column)}"
    return queryset.extra(where=[f"{place} = ANY(%s)"], params=[list(values)])


def _copy(rows: Sequence[models.Model], *, actor, at: datetime, reason: str) -> None:
    model = type(rows[0])
    fields = model._meta.concrete_fields
    # Around COPY Django puts no errors of its own.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        for row, key in zip(rows, _keys(cursor, model, len(rows)), strict=True):
            row.pk = key
        values_of = attrgetter(*(field.attname for field in fields))
        _send(cursor, model, fields, map(values_of, rows))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    record_creation(model, [row.pk for row in rows], actor=actor, at=at, reason=reason)


def _send(cursor, model: type[models.Model], fields: Sequence[models.Field], rows: Iterable[tuple]) -> None:
    """COPY ``rows``, each the values of ``fields``."""
    columns = ", ".join(_quoted(field.column) for field in fields)
    special = [(place, field) for place, field in enumerate(fields) if not _is_plain(field)]
    with cursor.copy(f"COPY {_quoted(model._meta.db_table)} ({columns}) FROM STDIN") as copy:
        for row in rows:
            if special:
                values = list(row)
                for place, field in special:
                    values[place] = field.get_db_prep_save(values[place], connection)
                copy.write_row(values)
            else:
                copy.write_row(row)


def _keys(cursor, model: type[models.Model], number: int) -> list[int]:
    """So many new keys of the table's own sequence, whose name is looked up once and not for every key."""
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [_quoted(model._meta.db_table), model._meta.pk.column])
    (sequence,) = cursor.fetchone()
    cursor.execute("SELECT array_agg(nextval(%s::regclass)) FROM generate_series(1, %s)", [sequence, number])
    (keys,) = cursor.fetchone()
    return keys


def _update_from_arrays(model: type[models.Model], rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """UPDATE … FROM unnest(…): every column one array, whatever the number of rows."""
    fields = [model._meta.get_field(name) for name in names]
    arrays = [[row.pk for row in rows], *([_stored(field, row) for row in rows] for field in fields)]
    kinds = [model._meta.pk.rel_db_type(connection), *(_kind(field) for field in fields)]
    columns = [_quoted(field.column) for field in fields]
    given = ", ".join(f"%s::{kind}[]" for kind in kinds)
    said = ", ".join(["key", *(f"v{place}" for place in range(len(fields)))])
    changes = ", ".join(f"{column} = given.v{place}" for place, column in enumerate(columns))
    table, key = _quoted(model._meta.db_table), _quoted(model._meta.pk.column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {changes} FROM unnest({given}) AS given({said}) WHERE {table}.{key} = given.key",
            arrays,
        )


def _stored(field: models.Field, row: models.Model) -> Any:
    value = getattr(row, field.attname)
    return value if _is_plain(field) else field.get_db_prep_save(value, connection)


def _kind(field: models.Field) -> str:
    """The type of the column without its length."""
    return field.rel_db_type(connection) if field.is_relation else field.db_type(connection).partition("(")[0]


def _is_plain(field: models.Field) -> bool:
    return isinstance(field, _PLAIN)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
