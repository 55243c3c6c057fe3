"""The State Council's notices: which days of a year are off, which Saturdays and Sundays are worked."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords


class CalendarEditionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Every edition, for everybody with an account: notices of the State Council are public."""
        return self.filter() if user.is_authenticated else self.none()


class CalendarEdition(models.Model):
    """One notice for one year. At most one is published per year; a correction supersedes it as a new edition.

    The days of a published edition never change: dates that were counted by it can be explained for ever.
    ``source_text`` is what was typed or pasted, from which the days were read; empty where they were shipped.
    """

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "草稿"
        PUBLISHED = "PUBLISHED", "已发布"
        SUPERSEDED = "SUPERSEDED", "已被替代"
        DISCARDED = "DISCARDED", "已作废"

    year = models.PositiveSmallIntegerField("年份")
    status = models.CharField("状态", max_length=12, choices=Status, default=Status.DRAFT)
    notice_title = models.CharField("通知标题", max_length=120)
    notice_number = models.CharField("文号", max_length=60, blank=True)
    notice_date = models.DateField("通知日期", null=True, blank=True)
    source_text = models.TextField("录入原文", blank=True)
    invented = models.BooleanField("演示用", default=False)
    digest = models.CharField("内容摘要", max_length=64, blank=True, editable=False)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = CalendarEditionQuerySet.as_manager()

    class Meta:
        verbose_name = "年度工作日历"
        verbose_name_plural = "年度工作日历"
        ordering = ["year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["year"], condition=Q(status="PUBLISHED"), name="calendar_published_once_per_year"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "PUBLISHED", "SUPERSEDED", "DISCARDED"]), name="calendar_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "DISCARDED"]) | Q(published_at__isnull=False),
                name="calendar_published_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_title}（演示用）" if self.invented else self.notice_title

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT


class CalendarDay(models.Model):
    """A day that a notice makes a day off, or a weekend day that it makes a make-up working day (调休上班).

    A notice may name a day of the neighbouring year (2022-12-31 stands in the notice for 2023).
    """

    class Kind(models.TextChoices):
        OFF = "OFF", "放假"
        MAKEUP = "MAKEUP", "调休上班"

    edition = models.ForeignKey(
        CalendarEdition, on_delete=models.PROTECT, related_name="days", verbose_name="年度工作日历"
    )
    date = models.DateField("日期")
    kind = models.CharField("类型", max_length=8, choices=Kind)
    name = models.CharField("节日", max_length=30)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "日历日"
        verbose_name_plural = "日历日"
        ordering = ["edition", "date"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "date"], name="calendar_day_once"),
            models.CheckConstraint(condition=Q(kind__in=["OFF", "MAKEUP"]), name="calendar_day_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}（{self.get_kind_display()}）"
