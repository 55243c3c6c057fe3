"""Saved views (常用筛选): a list as one person filtered it, to come back to by name."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Place(models.TextChoices):
    """Which list a saved view belongs to."""

    REVIEWS = "REVIEWS", "资格审核"
    REPORTS = "REPORTS", "市级审核报告"
    REVIEWED = "REVIEWED", "审核记录与反馈"


class SavedView(models.Model):
    """A filter that its owner kept: ``query`` is what stands in the address. One of each list may be the default, with
    which the list opens where the address asks for nothing. A setting of its owner and no business data: it may be
    deleted and has no history."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_views")
    place = models.CharField("列表", max_length=12, choices=Place)
    name = models.CharField("名称", max_length=20)
    query = models.CharField("筛选条件", max_length=500)
    is_default = models.BooleanField("默认打开", default=False)
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = "常用筛选"
        verbose_name_plural = "常用筛选"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "place", "name"], name="saved_view_name_once"),
            models.UniqueConstraint(
                fields=["user", "place"], condition=Q(is_default=True), name="saved_view_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name
