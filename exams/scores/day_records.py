"""What the records of the exam day, sign-in and incidents, say of scores.

Entering, checking and releasing compare every score with it, so that none contradicts the day.
"""

from dataclasses import dataclass
from enum import Enum

from exams.incidents.effects import void_parts
from exams.models import ExamSession, SignIn


class Said(Enum):
    """What the records say of one candidate in one part."""

    PRESENT = "已签到"
    ABSENT = "未到考"
    CANCELLED = "成绩取消"


@dataclass(frozen=True)
class DayRecord:
    """What is said, and by which record (shown to whoever enters or checks)."""

    said: Said
    reason: str = ""


# (candidate id, part) → what is said.
DayRecords = dict[tuple[int, str], DayRecord]


def of(session: ExamSession) -> DayRecords:
    """Everything that is said of the session's candidates; that a result is cancelled goes before who came or not.
    Two queries."""
    signed = SignIn.objects.filter(part__session=session).select_related("part")
    found = {
        (row.candidate_id, row.part.part): DayRecord(
            Said.PRESENT if row.came else Said.ABSENT, row.get_outcome_display()
        )
        for row in signed
    }
    return found | {
        key: DayRecord(Said.CANCELLED, f"{row.act_text} {row.number}") for key, row in void_parts(session.pk).items()
    }
