"""Tables made from the models instead of by the migrations, and emptied after a test that commits, in a fraction of the
time."""

from functools import cache

from django.core.management import call_command
from django.db import connections
from django.db.models.signals import pre_migrate
from django.dispatch import receiver


def make() -> None:
    """All tables of the database that the settings name."""
    call_command("migrate", run_syncdb=True, verbosity=0)


@receiver(pre_migrate, dispatch_uid="tests.tables")
def _extension_is_there(using: str, **_kwargs) -> None:
    """What the exclusion constraints need comes from a migration that is not run."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")


# They follow from the models: Django's own flush empties them and then fills them again.
KEPT = {"django_content_type", "auth_permission"}


def empty(alias: str) -> None:
    """Every table of a PostgreSQL database without rows again. Django's flush truncates all three hundred, which makes
    new files for each; a test fills a few dozen with some rows."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute(_asking_for_rows(alias))
        names = [connection.ops.quote_name(name) for (name,) in cursor.fetchall()]
        if not names:
            return
        # In any order: the keys that lead from one table to another are not looked at.
        cursor.execute("SET session_replication_role = replica")
        try:
            cursor.execute("; ".join(f"DELETE FROM {name}" for name in names))
        finally:
            cursor.execute("SET session_replication_role = origin")


@cache
def _asking_for_rows(alias: str) -> str:
    connection = connections[alias]
    names = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
    return " UNION ALL ".join(
        f"(SELECT '{name}' FROM {connection.ops.quote_name(name)} LIMIT 1)" for name in sorted(names)
    )
