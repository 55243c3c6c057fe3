"""A lesson as entered by form or spreadsheet, before it is one of the class's lessons."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from training.models import LessonMode, LessonPart


@dataclass(frozen=True)
class LessonEntry:
    """The values of a lesson. ``row`` is the sheet's row that it came from, None from a form or a copy."""

    day: date
    starts_at: time
    ends_at: time
    hours: Decimal
    part: str
    mode: str
    subject: str
    teacher_id: int | None = None
    venue_id: int | None = None
    row: int | None = None

    @property
    def values(self) -> dict:
        """The columns of Lesson."""
        return {name: getattr(self, name) for name in COLUMNS}

    @classmethod
    def of(cls, lesson, **changes) -> "LessonEntry":
        """The entry that would make ``lesson`` again, with ``changes``."""
        return cls(**{**{name: getattr(lesson, name) for name in COLUMNS}, **changes})

    def __str__(self) -> str:
        return f"{self.starts_at:%H:%M} {self.subject}"


COLUMNS = ("day", "starts_at", "ends_at", "hours", "part", "mode", "subject", "teacher_id", "venue_id")
PARTS = {label: value for value, label in LessonPart.choices}
MODES = {label: value for value, label in LessonMode.choices}
