"""Which calendar the stored due dates were last counted by."""

from django.db import models


class AppliedCalendar(models.Model):
    """One row: the editions by which every open deadline was counted last. Differs from the calendar in force
    where one was published outside the application (``load_reference``); the next sweep counts again then."""

    signature = models.TextField(default="")
    applied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "时限所依日历"
        verbose_name_plural = "时限所依日历"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="applied_calendar_single_row")]

    def __str__(self) -> str:
        return self.signature
