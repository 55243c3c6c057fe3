"""Operation groups (作业类别), job types (操作项目) and their variants."""

from django.db import models
from simple_history.models import HistoricalRecords

from certification.catalogue.models.editions import CatalogueEdition


class Category(models.TextChoices):
    """The plan's two ways of organising [二]; never the ten 作业类别."""

    ONE = "ONE", "第一类"
    TWO = "TWO", "第二类"


class ApplicationKind(models.TextChoices):
    INITIAL = "INITIAL", "初训"
    PERIODIC_REVIEW = "PERIODIC_REVIEW", "复审"
    RENEWAL = "RENEWAL", "换证"


class OperationGroup(models.Model):
    """One of the ten 作业类别 of an edition; its category decides who organises and reviews."""

    edition = models.ForeignKey(
        CatalogueEdition, on_delete=models.PROTECT, related_name="groups", verbose_name="目录版本"
    )
    code = models.CharField("代码", max_length=4)
    name = models.CharField("作业类别", max_length=60)
    category = models.CharField("分类", max_length=3, choices=Category)
    aliases = models.JSONField("别名", default=list, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "作业类别"
        verbose_name_plural = "作业类别"
        ordering = ["edition", "code"]
        constraints = [models.UniqueConstraint(fields=["edition", "code"], name="operation_group_once")]

    def __str__(self) -> str:
        return self.name


class JobType(models.Model):
    """One of the 54 操作项目 (准操项目)."""

    group = models.ForeignKey(
        OperationGroup, on_delete=models.PROTECT, related_name="job_types", verbose_name="作业类别"
    )
    code = models.CharField("代码", max_length=6)
    name = models.CharField("操作项目", max_length=60)
    theory_hours = models.PositiveSmallIntegerField("初训理论学时", null=True, blank=True)
    practical_hours = models.PositiveSmallIntegerField("初训实操学时", null=True, blank=True)
    initial_hours = models.PositiveSmallIntegerField("初训总学时", null=True, blank=True)
    review_hours = models.PositiveSmallIntegerField("复审（换证）学时", null=True, blank=True)
    hours_certainty = models.CharField("学时依据等级", max_length=12, blank=True)
    aliases = models.JSONField("别名", default=list, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "操作项目"
        verbose_name_plural = "操作项目"
        ordering = ["group", "code"]
        constraints = [models.UniqueConstraint(fields=["group", "code"], name="job_type_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def category(self) -> Category:
        return Category(self.group.category)

    def required_hours(self, kind: str) -> int | None:
        """Training hours that ``kind`` needs; None where the edition does not know the number."""
        return self.initial_hours if kind == ApplicationKind.INITIAL else self.review_hours


class JobTypeVariant(models.Model):
    """A sub-variant that training and examination keep apart (露天矿山, 井下作业 …); not counted among the 54."""

    job_type = models.ForeignKey(JobType, on_delete=models.PROTECT, related_name="variants", verbose_name="操作项目")
    code = models.CharField("代码", max_length=8)
    name = models.CharField("细分", max_length=60)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "操作项目细分"
        verbose_name_plural = "操作项目细分"
        ordering = ["job_type", "code"]
        constraints = [models.UniqueConstraint(fields=["job_type", "code"], name="job_type_variant_once")]

    def __str__(self) -> str:
        return self.name
