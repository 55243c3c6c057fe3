from certification.deadlines.models.admissions import LateAdmission
from certification.deadlines.models.applied import AppliedCalendar
from certification.deadlines.models.deadlines import Deadline
from certification.deadlines.models.feeds import CalendarFeed
from certification.deadlines.models.pauses import Pause
from certification.deadlines.models.reminders import Reminder

__all__ = ["AppliedCalendar", "CalendarFeed", "Deadline", "LateAdmission", "Pause", "Reminder"]
