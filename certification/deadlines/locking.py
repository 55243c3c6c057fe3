"""Which calendar counts while a new one is published: opening deadlines and counting all of them again exclude each
other, without anybody who only reads being held up.

On SQLite every writing transaction excludes every other, so that nothing is to do there.
"""

from django.db import connection

from certification.deadlines.models import Deadline


def before_counting() -> None:
    """Take before the calendar is read by which a new deadline is counted: a calendar that is being published is
    waited for, others who open deadlines are not."""
    _lock("ROW EXCLUSIVE")


def before_recounting() -> None:
    """Take before every open deadline is counted again: waits for all who are changing deadlines and lets nobody
    else begin until the transaction ends."""
    _lock("EXCLUSIVE")


def _lock(mode: str) -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {connection.ops.quote_name(Deadline._meta.db_table)} IN {mode} MODE")
