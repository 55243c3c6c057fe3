"""Hours learnt online, as the learning platforms report them: import by import."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from certification.organisations.scope import Scope, ScopedQuerySet
from certification.records.models import StoredFile
from training.models.plans import TrainingPlan
from training.models.rosters import Trainee


class OnlineImport(models.Model):
    """One platform's report about a class. A later report of the same platform replaces it; both stay on record."""

    scope = Scope(
        institution="plan__institution", organiser="plan__organiser", territory="plan__institution__territory"
    )

    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="online_imports", verbose_name="班级")
    platform = models.CharField("学习平台", max_length=60)
    version = models.PositiveSmallIntegerField("版本")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name="文件")
    headcount = models.PositiveSmallIntegerField("人数")
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField("导入时间")
    reason = models.CharField("更正原因", max_length=200, blank=True)
    replaced_at = models.DateTimeField("替换时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "线上学时导入"
        verbose_name_plural = "线上学时导入"
        constraints = [
            models.UniqueConstraint(fields=["plan", "platform", "version"], name="online_import_version_once"),
            models.UniqueConstraint(
                fields=["plan", "platform"], condition=Q(replaced_at__isnull=True), name="online_import_current_once"
            ),
            models.CheckConstraint(condition=Q(version=1) | ~Q(reason=""), name="online_correction_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.platform} 第{self.version}版"


class OnlineHours(models.Model):
    """Hours that a trainee learnt on a platform between two days, both included."""

    scope = Scope(
        institution="source__plan__institution",
        organiser="source__plan__organiser",
        territory="source__plan__institution__territory",
    )

    source = models.ForeignKey(OnlineImport, on_delete=models.PROTECT, related_name="rows", verbose_name="导入")
    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="online_hours", verbose_name="学员")
    hours = models.DecimalField("线上学时", max_digits=5, decimal_places=1)
    began_on = models.DateField("起始日期")
    ended_on = models.DateField("截止日期")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "线上学时"
        verbose_name_plural = "线上学时"
        constraints = [
            models.CheckConstraint(condition=Q(hours__gt=0), name="online_hours_positive"),
            models.CheckConstraint(condition=Q(ended_on__gte=F("began_on")), name="online_dates_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.trainee} {self.hours}"
