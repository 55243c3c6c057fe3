"""Seals over the log: each closes the lines written since the one before it, so that none can be changed unseen."""

from django.db import models


class LogSeal(models.Model):
    """One pass of the sealing job. ``digest`` covers the seal before it and the digest of each of its ``lines``:
    whoever has noted the newest digest elsewhere can prove every line up to it."""

    number = models.PositiveBigIntegerField("序号", unique=True)
    lines = models.PositiveIntegerField("条数")
    digest = models.CharField("校验值", max_length=64)
    at = models.DateTimeField("封存时间")

    class Meta:
        verbose_name = "办理记录封存"
        verbose_name_plural = "办理记录封存"
        ordering = ["number"]

    def __str__(self) -> str:
        return f"第 {self.number} 号"
