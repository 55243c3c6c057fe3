"""Fills the benchmark database (see ``tests.benchmarks.big``); what is there already stays."""

from datetime import date

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from tests.benchmarks.big import filling


class Command(BaseCommand):
    help = "Fills a PostgreSQL database of its own with millions of applications and their history."

    def add_arguments(self, parser):
        parser.add_argument("--applications", type=int, default=3_000_000)
        parser.add_argument("--history", type=int, default=30_000_000)
        parser.add_argument("--today", type=date.fromisoformat, default=None, help="the day that the cases stand on")

    def handle(self, *, applications: int, history: int, today: date | None, **options):
        """Migrate, then add what is missing to the numbers asked for."""
        if connection.vendor != "postgresql":
            raise CommandError("The benchmark database is PostgreSQL.")
        self._require_own()
        call_command("migrate", verbosity=0)
        filling.fill(applications=applications, history=history, today=today or _today(), say=self._say)

    def _require_own(self) -> None:
        """Refuse a database that holds anything and was not made by this command."""
        tables = set(connection.introspection.table_names())
        if "benchmark_index" in tables:
            return
        if tables:
            raise CommandError(
                f"Database {connection.settings_dict['NAME']} holds tables that this command did not make: refused."
            )
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE benchmark_index (name text PRIMARY KEY, definition text NOT NULL)")

    def _say(self, text: str) -> None:
        self.stdout.write(f"{timezone.now():%H:%M:%S} {text}")
        self.stdout.flush()


def _today() -> date:
    """The day that an earlier run took, so that a larger fill goes on from it."""
    if "benchmark_now" in connection.introspection.table_names():
        return filling.made_on()
    return timezone.localdate()
