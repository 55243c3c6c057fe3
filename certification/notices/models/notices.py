"""Notices in the in-site inbox."""

from django.conf import settings
from django.db import models


class Notice(models.Model):
    """One message to one account. Written in the transaction of what it tells about, so that none is sent early.

    ``label`` says in a word what a reminder is about (提前3个工作日, 当日, 逾期) and is empty for ordinary notices.
    ``urgent`` may break the recipient's quiet hours, if the recipient wants it.
    """

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    title = models.CharField("标题", max_length=120)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=200, blank=True)
    label = models.CharField("时点", max_length=20, blank=True)
    urgent = models.BooleanField("紧急", default=False)
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    class Meta:
        verbose_name = "通知"
        verbose_name_plural = "通知"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notice_inbox"),
            models.Index(fields=["recipient"], condition=models.Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.title
