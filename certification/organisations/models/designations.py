"""Which city bureau organises which operation group for which territory, from when to when, by which document [二]."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from certification.catalogue.models import OperationGroup
from certification.organisations.models.organisations import Organisation, Territory


class DesignationQuerySet(models.QuerySet):
    def in_force(self, day: date):
        """Designations that hold on ``day``, first and last day included."""
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day), valid_from__lte=day)


class Designation(models.Model):
    """The province designates ``bureau`` to review first and to organise exams of ``group`` for ``territory``."""

    territory = models.ForeignKey(
        Territory, on_delete=models.PROTECT, related_name="designations", verbose_name="设区市"
    )
    group = models.ForeignKey(OperationGroup, on_delete=models.PROTECT, related_name="+", verbose_name="作业类别")
    bureau = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="designations", verbose_name="指定的应急管理部门"
    )
    document = models.CharField("指定文件", max_length=120)
    valid_from = models.DateField("起始日期")
    valid_until = models.DateField("截止日期", null=True, blank=True)

    history = HistoricalRecords()
    objects = DesignationQuerySet.as_manager()

    class Meta:
        verbose_name = "指定"
        verbose_name_plural = "指定"
        ordering = ["territory", "group", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "group"], condition=Q(valid_until__isnull=True), name="designation_open_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="designation_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.territory} {self.group} → {self.bureau}"
