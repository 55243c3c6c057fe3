"""Writing the ledger: rows of many deadlines that are told the same, in one statement, none passing through Python."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from certification.deadlines.models import Deadline, Reminder

# Keeps a statement below the number of parameters that SQLite takes.
LINES = 2_000
REASON_LENGTH = Reminder._meta.get_field("reason").max_length


@dataclass(frozen=True)
class Line:
    """What one recipient is told of one stage. ``suppressed`` says why it is not told, "" that it is; ``recipient_id``
    is None where nobody holds the role."""

    stage: str
    recipient_id: int | None
    suppressed: str = ""
    notice_id: int | None = None


def write(told: Sequence[tuple[Sequence[int], Line]], *, now: datetime) -> None:
    """A row for each pair of a line and one of the deadlines (ids, locked by the caller) that it is about."""
    for first in range(0, len(told), LINES):
        _write(told[first : first + LINES], now)


def _write(told: Sequence[tuple[Sequence[int], Line]], now: datetime) -> None:
    groups: dict[tuple[int, ...], int] = {}
    lines = [(groups.setdefault(tuple(ids), len(groups)), *_values(line)) for ids, line in told]
    members = [(pk, number) for ids, number in groups.items() for pk in ids]
    quoted = connection.ops.quote_name
    statement = f"""
        INSERT INTO {quoted(Reminder._meta.db_table)}
               (deadline_id, stage, recipient_id, due_version, due_on, state, reason, notice_id, created_at)
        SELECT d.id, l.column2, CAST(l.column3 AS bigint), d.version, d.due_on,
               l.column4, l.column5, CAST(l.column6 AS bigint), %s
          FROM (VALUES {_places(members)}) AS m
          JOIN {quoted(Deadline._meta.db_table)} AS d ON d.id = m.column1
          JOIN (VALUES {_places(lines)}) AS l ON l.column1 = m.column2"""
    values = [connection.ops.adapt_datetimefield_value(now), *_flat(members), *_flat(lines)]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _values(line: Line) -> tuple:
    state = Reminder.State.SUPPRESSED if line.suppressed else Reminder.State.SENT
    return line.stage, line.recipient_id, str(state), line.suppressed[:REASON_LENGTH], line.notice_id


def _places(rows: Sequence[tuple]) -> str:
    one = f"({', '.join(['%s'] * len(rows[0]))})"
    return ", ".join([one] * len(rows))


def _flat(rows: Sequence[tuple]) -> Iterator:
    return (value for row in rows for value in row)
