from certification.deadlines.models.applied import AppliedCalendar
from certification.deadlines.models.deadlines import Deadline
from certification.deadlines.models.pauses import Pause

__all__ = ["AppliedCalendar", "Deadline", "Pause"]
