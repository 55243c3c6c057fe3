"""Calendar feeds: a secret link by which one person's calendar program reads their deadlines."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords


class CalendarFeed(models.Model):
    """One link. Only the SHA-256 of its token is kept; the token itself was shown once, when it was made."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calendar_feeds", verbose_name="账号"
    )
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField("生成时间")
    revoked_at = models.DateTimeField("撤销时间", null=True, blank=True)

    history = HistoricalRecords(excluded_fields=["digest"])

    class Meta:
        verbose_name = "日历订阅"
        verbose_name_plural = "日历订阅"
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(revoked_at__isnull=True), name="calendar_feed_one")
        ]

    def __str__(self) -> str:
        return f"{self.user}的日历订阅"
