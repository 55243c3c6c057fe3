"""Exam sites (考试点) and rooms (考场) [四(三)]."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.catalogue.models import JobType
from certification.organisations.models import Organisation, Territory
from certification.organisations.scope import Scope, ScopedQuerySet


class Part(models.TextChoices):
    THEORY = "THEORY", "理论"
    PRACTICAL = "PRACTICAL", "实操"


class ExamSite(models.Model):
    """A site belongs to the exam body of its city; those of counties and functional zones too [四(三)]."""

    scope = Scope(organiser="organiser", territory="territory")

    class Ownership(models.TextChoices):
        GOVERNMENT = "GOVERNMENT", "政府考试点"
        OTHER = "OTHER", "其他考试点"

    organiser = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="exam_sites", verbose_name="管理单位"
    )
    operator = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="运营单位"
    )
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+", verbose_name="所在市")
    name = models.CharField("考试点", max_length=60, unique=True)
    ownership = models.CharField("性质", max_length=12, choices=Ownership)
    address = models.CharField("地址", max_length=160)
    active = models.BooleanField("启用", default=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考试点"
        verbose_name_plural = "考试点"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ExamRoom(models.Model):
    """One room for theory or practical, with its seats and the job types it is equipped for (none named: all)."""

    scope = Scope(organiser="site__organiser", territory="site__territory")

    site = models.ForeignKey(ExamSite, on_delete=models.PROTECT, related_name="rooms", verbose_name="考试点")
    name = models.CharField("考场", max_length=40)
    part = models.CharField("用途", max_length=10, choices=Part)
    capacity = models.PositiveSmallIntegerField("座位（工位）数")
    job_types = models.ManyToManyField(JobType, blank=True, related_name="+", verbose_name="可考操作项目")
    active = models.BooleanField("启用", default=True)

    history = HistoricalRecords(m2m_fields=[job_types])
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考场"
        verbose_name_plural = "考场"
        ordering = ["site", "name"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="exam_room_once"),
            models.CheckConstraint(condition=Q(capacity__gt=0), name="exam_room_capacity"),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.name}"
