from certification.workdays.models.clock import ClockOffset

__all__ = ["ClockOffset"]
