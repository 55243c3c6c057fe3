"""By how much the 演示时钟 runs ahead of system time."""

from datetime import timedelta

from django.db import models


class ClockOffset(models.Model):
    """The one row that web, worker and beat share; moved forward only, and only where a demonstration runs."""

    offset = models.DurationField(default=timedelta(0))

    class Meta:
        verbose_name = "演示时钟"
        verbose_name_plural = "演示时钟"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="clock_offset_single_row"),
            models.CheckConstraint(condition=models.Q(offset__gte=timedelta(0)), name="clock_offset_forward_only"),
        ]

    def __str__(self) -> str:
        return str(self.offset)
