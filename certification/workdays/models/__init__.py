from certification.workdays.models.calendars import CalendarDay, CalendarEdition
from certification.workdays.models.clock import ClockOffset

__all__ = ["CalendarDay", "CalendarEdition", "ClockOffset"]
