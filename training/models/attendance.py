"""Attendance (考勤): who was at a lesson, sheet by sheet; each correction is a new version with its reason."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.organisations.scope import Scope, ScopedQuerySet
from training.models.lessons import Lesson
from training.models.plans import TrainingPlan
from training.models.rosters import Trainee


class Presence(models.TextChoices):
    PRESENT = "PRESENT", "到课"
    LATE = "LATE", "迟到"
    ABSENT = "ABSENT", "缺勤"
    LEAVE = "LEAVE", "请假"


class SignInSheet(models.Model):
    """One version of a lesson's sign-in sheet. ``changes`` lists what it corrected: trainee, from, to."""

    scope = Scope(
        institution="lesson__plan__institution",
        organiser="lesson__plan__organiser",
        territory="lesson__plan__institution__territory",
    )

    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="sheets", verbose_name="课程")
    version = models.PositiveSmallIntegerField("版本")
    expected = models.PositiveSmallIntegerField("应到")
    present = models.PositiveSmallIntegerField("实到")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间")
    reason = models.CharField("更正原因", max_length=200, blank=True)
    changes = models.JSONField("更正内容", default=list, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "签到表"
        verbose_name_plural = "签到表"
        constraints = [
            models.UniqueConstraint(fields=["lesson", "version"], name="sign_in_sheet_version_once"),
            models.CheckConstraint(condition=Q(version=1) | ~Q(reason=""), name="sign_in_correction_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.lesson} 签到第{self.version}版"

    @property
    def heads(self) -> str:
        """How many were there of how many, in words."""
        return f"实到 {self.present}/{self.expected}"


class Attendance(models.Model):
    """How one trainee stood at one lesson, as the latest sheet says."""

    scope = Scope(
        institution="lesson__plan__institution",
        organiser="lesson__plan__organiser",
        territory="lesson__plan__institution__territory",
    )

    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="attendance", verbose_name="课程")
    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="attendance", verbose_name="学员")
    presence = models.CharField("出勤", max_length=8, choices=Presence)
    note = models.CharField("备注", max_length=60, blank=True)
    sheet = models.ForeignKey(SignInSheet, on_delete=models.PROTECT, related_name="+", verbose_name="签到表")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "出勤记录"
        verbose_name_plural = "出勤记录"
        constraints = [
            models.UniqueConstraint(fields=["lesson", "trainee"], name="attendance_once"),
            models.CheckConstraint(condition=Q(presence__in=Presence.values), name="attendance_presence_known"),
        ]
        indexes = [models.Index(fields=["trainee", "presence"], name="attendance_trainee")]

    def __str__(self) -> str:
        return f"{self.trainee} {self.get_presence_display()}"


class AttendanceReopening(models.Model):
    """Attendance that was closed may be corrected again until ``until``, that day included."""

    scope = Scope(
        institution="plan__institution", organiser="plan__organiser", territory="plan__institution__territory"
    )

    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="reopenings", verbose_name="班级")
    until = models.DateField("重开至")
    reason = models.CharField("重开原因", max_length=200)
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reopened_at = models.DateTimeField("重开时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考勤重开"
        verbose_name_plural = "考勤重开"
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="attendance_reopening_has_reason")]

    def __str__(self) -> str:
        return f"{self.plan} 考勤重开至{self.until}"
