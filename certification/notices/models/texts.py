"""Texts of notices as administrators have changed them."""

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords


class NoticeText(models.Model):
    """What stands in place of a shipped text. ``variant`` narrows it to one kind of matter (a deadline rule's code);
    empty: for all. Not ``in_use``: the shipped text holds again; the row and its history stay."""

    code = models.CharField("文字", max_length=20)
    variant = models.CharField("事项", max_length=60, blank=True)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("内容", blank=True)
    in_use = models.BooleanField("启用", default=True)
    changed_at = models.DateTimeField("修改时间")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="修改人"
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = "提醒文字"
        verbose_name_plural = "提醒文字"
        ordering = ["code", "variant"]
        constraints = [models.UniqueConstraint(fields=["code", "variant"], name="notice_text_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.variant}".strip()
