"""Organisations and the cities that they work in."""

from django.db import models
from simple_history.models import HistoricalRecords


class Territory(models.Model):
    """A city (设区市). Counties under provincial rule and functional zones belong to theirs [四(三)]."""

    code = models.CharField("区划代码", max_length=6, unique=True)
    name = models.CharField("名称", max_length=30)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "设区市"
        verbose_name_plural = "设区市"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class OrganisationKind(models.TextChoices):
    PROVINCIAL_CENTRE = "PROVINCIAL_CENTRE", "省厅考试中心"
    CITY_BUREAU = "CITY_BUREAU", "设区市应急管理部门"
    TRAINING_INSTITUTION = "TRAINING_INSTITUTION", "培训机构"
    EXAM_SITE_OPERATOR = "EXAM_SITE_OPERATOR", "考试点"
    WINDOW = "WINDOW", "窗口"


class OrganisationQuerySet(models.QuerySet):
    def provincial_centre(self) -> "Organisation":
        """The provincial examination centre; there is exactly one."""
        return self.get(kind=OrganisationKind.PROVINCIAL_CENTRE)


class Organisation(models.Model):
    """A body that files, reviews, examines or hands over cards."""

    kind = models.CharField("类型", max_length=24, choices=OrganisationKind)
    name = models.CharField("名称", max_length=80, unique=True)
    short_name = models.CharField("简称", max_length=30)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    territory = models.ForeignKey(
        Territory, on_delete=models.PROTECT, null=True, blank=True, related_name="organisations", verbose_name="所在市"
    )
    address = models.CharField("地址", max_length=160, blank=True)
    phone = models.CharField("电话", max_length=30, blank=True)
    provincial_hall = models.BooleanField("省政务大厅窗口", default=False)
    active = models.BooleanField("启用", default=True)

    history = HistoricalRecords()
    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "机构"
        verbose_name_plural = "机构"
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(kind="PROVINCIAL_CENTRE"), name="one_provincial_centre"
            ),
            models.UniqueConstraint(
                fields=["credit_code"], condition=~models.Q(credit_code=""), name="organisation_credit_code_once"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="PROVINCIAL_CENTRE")
                | models.Q(territory__isnull=False)
                | models.Q(provincial_hall=True),
                name="organisation_has_territory",
            ),
        ]

    def __str__(self) -> str:
        return self.name
