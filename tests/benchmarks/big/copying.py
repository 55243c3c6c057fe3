"""Rows by the million: what one connection selects is copied into a table through another."""

from collections.abc import Callable, Mapping
from contextlib import contextmanager

import psycopg
from django.db import connection, models

# Rows in one transaction: what was copied before a break stays.
CHUNK = 250_000


def fill(
    model: type[models.Model],
    columns: Mapping[str, str],
    source: str,
    *,
    first: int,
    last: int,
    say: Callable[[str], None],
) -> None:
    """Copy the rows ``first`` to ``last`` of ``source`` (SQL with ``{first}`` and ``{last}``) into the model's table.

    ``columns``: column → SQL expression; what is left out gets its field's default, NULL or an empty value.
    """
    fields = [field for field in model._meta.concrete_fields if field.column in columns or not _is_generated(field)]
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    values = ", ".join(f"CAST({columns.get(f.column) or _empty(f)} AS {_type(f)})" for f in fields)
    with psycopg.connect(**_address(), autocommit=True) as reader, psycopg.connect(**_address()) as writer:
        # Keys that point elsewhere are right by construction: asking for each would double the time.
        writer.execute("SET session_replication_role = replica")
        for start in range(first, last + 1, CHUNK):
            stop = min(start + CHUNK - 1, last)
            chosen = f"SELECT {values} FROM {source.format(first=start, last=stop)}"
            with (
                reader.cursor().copy(f"COPY ({chosen}) TO STDOUT (FORMAT binary)") as rows,
                writer.cursor().copy(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)") as into,
            ):
                for data in rows:
                    into.write(data)
            writer.commit()
            say(f"{model._meta.db_table}: {stop:,} / {last:,}")


@contextmanager
def without_indexes(model: type[models.Model]):
    """The table's plain indexes are dropped and made again at the end; their definitions are kept, so that a run that
    breaks off in between is healed by ``heal``."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
                WHERE i.indrelid = %s::regclass AND NOT i.indisunique""",
            [model._meta.db_table],
        )
        for name, definition in cursor.fetchall():
            cursor.execute("INSERT INTO benchmark_index (name, definition) VALUES (%s, %s)", [name, definition])
            cursor.execute(f"DROP INDEX {name}")
    yield
    heal()


def heal() -> None:
    """Make the indexes again that were dropped."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, definition FROM benchmark_index")
        for name, definition in cursor.fetchall():
            cursor.execute(definition.replace("CREATE INDEX ", "CREATE INDEX IF NOT EXISTS ", 1))
            cursor.execute("DELETE FROM benchmark_index WHERE name = %s", [name])


def last_id(model: type[models.Model], column: str = "id") -> int:
    """The highest key in the table, 0 where it is empty."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(MAX({column}), 0) FROM {connection.ops.quote_name(model._meta.db_table)}")
        return cursor.fetchone()[0]


def go_on_counting(model: type[models.Model], column: str = "id") -> None:
    """The next row that the application makes gets a key behind those copied."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, %s), %s)",
            [model._meta.db_table, column, max(last_id(model, column), 1)],
        )


def _address() -> dict:
    at = connection.settings_dict
    return {
        "host": at["HOST"],
        "port": at["PORT"],
        "user": at["USER"],
        "password": at["PASSWORD"],
        "dbname": at["NAME"],
    }


def _type(field: models.Field) -> str:
    return field.rel_db_type(connection) if _is_generated(field) else field.db_type(connection)


def _is_generated(field: models.Field) -> bool:
    return isinstance(field, models.AutoField | models.BigAutoField)


def _empty(field: models.Field) -> str:
    if field.null:
        return "NULL"
    if isinstance(field, models.UUIDField):
        return "gen_random_uuid()"
    if isinstance(field, models.JSONField):
        return "'[]'" if field.default is list else "'{}'"
    if field.has_default():
        return _literal(field.get_default())
    if isinstance(field, models.CharField | models.TextField):
        return "''"
    raise ValueError(f"{field} needs a value")


def _literal(value) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return str(value) if isinstance(value, int) else f"'{value}'"
