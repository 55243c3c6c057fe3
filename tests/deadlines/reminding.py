"""Days and words for the tests of reminders. plan_filing for a class on 2026-05-11 is due on Tuesday 04-28:
BEFORE_3 falls on Thursday 04-23, BEFORE_1 on Monday 04-27."""

from datetime import date, datetime, timedelta

from certification.clock import SHANGHAI
from certification.deadlines.models import Reminder

CLASS_START = date(2026, 5, 11)
BEFORE_3, BEFORE_1, DUE = date(2026, 4, 23), date(2026, 4, 27), date(2026, 4, 28)
BREACH = DUE + timedelta(days=1)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def ledger_lines(**only) -> list[tuple]:
    """Stage, state and recipient of what is in the ledger, in order."""
    rows = Reminder.objects.filter(**only).order_by("pk").select_related("recipient")
    return [(row.stage, row.state, row.recipient.username if row.recipient else None) for row in rows]


def sent(stage: str, name: str) -> tuple:
    return (stage, "SENT", name)
