"""Tables made from the models instead of by the migrations, in a fraction of the time."""

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
