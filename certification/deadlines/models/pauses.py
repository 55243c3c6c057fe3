"""Intervals in which the clock of a case stands still, kept as rows (rules 2.4)."""

from datetime import date

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords


class PauseQuerySet(models.QuerySet):
    def about(self, subjects: list[models.Model]):
        """The pauses of ``subjects``, all of one model, in order of their days."""
        if not subjects:
            return self.none()
        kind = ContentType.objects.get_for_model(subjects[0])
        return self.filter(subject_type=kind, subject_id__in=[subject.pk for subject in subjects]).order_by(
            "starts_on", "pk"
        )

    def about_model(self, model: type[models.Model]):
        """The pauses of cases of ``model``."""
        return self.filter(subject_type=ContentType.objects.get_for_model(model))

    def running(self):
        """Not ended yet."""
        return self.filter(ends_on__isnull=True)


class Pause(models.Model):
    """From ``starts_on`` to ``ends_on`` (both included; None while it lasts) the days of one case do not count for
    the rules that name ``kind`` under ``pauses`` (行政许可法 art. 45). ``expected_on`` is the day by which it was said
    to end; nothing follows from it by itself."""

    class Kind(models.TextChoices):
        HEARING = "HEARING", "听证"
        EXPERT_APPRAISAL = "EXPERT_APPRAISAL", "鉴定和专家评审"

    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    kind = models.CharField("事由", max_length=20, choices=Kind)
    reason = models.TextField("理由")
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    expected_on = models.DateField("预计结束日期", null=True, blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    history = HistoricalRecords()
    objects = PauseQuerySet.as_manager()

    class Meta:
        verbose_name = "中止计算"
        verbose_name_plural = "中止计算"
        indexes = [models.Index(fields=["subject_type", "subject_id", "starts_on"], name="pause_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"], condition=Q(ends_on__isnull=True), name="pause_running_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="pause_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(kind__in=["HEARING", "EXPERT_APPRAISAL"]), name="pause_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}（{self.starts_on:%Y-%m-%d}起）"

    def is_overdrawn_on(self, day: date) -> bool:
        """Whether it still lasts on ``day``, after the day by which it was said to end."""
        return self.ends_on is None and self.expected_on is not None and self.expected_on < day
