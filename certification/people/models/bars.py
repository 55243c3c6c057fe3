"""Bars (禁考, 不予安排): periods in which nothing of a person is accepted."""

from datetime import date

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from certification.people.models.persons import Person


class BarQuerySet(models.QuerySet):
    def in_force(self, *days: date):
        """Bars that hold on one of ``days`` (first and last day included) and were not lifted."""
        held = models.Q(pk__in=[])
        for day in days:
            held |= models.Q(barred_from__lte=day, barred_until__gte=day)
        return self.filter(held, lifted_at__isnull=True)


class Bar(models.Model):
    """A person is barred for a period (law: one year after false material, three after fraud; facts 7)."""

    class Ground(models.TextChoices):
        FALSE_MATERIAL = "FALSE_MATERIAL", "提供虚假材料"
        FRAUD = "FRAUD", "以欺骗、贿赂等不正当手段取得许可"
        EXAM_FRAUD = "EXAM_FRAUD", "考试舞弊、替考"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="bars", verbose_name="人员")
    ground = models.CharField("事由", max_length=20, choices=Ground)
    reason = models.TextField("事实和理由")
    evidence = models.TextField("证据", blank=True)
    barred_from = models.DateField("起始日期")
    barred_until = models.DateField("截止日期")
    imposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    imposed_at = models.DateTimeField("作出时间")
    lifted_at = models.DateTimeField("解除时间", null=True, blank=True)
    lifted_reason = models.TextField("解除理由", blank=True)

    history = HistoricalRecords()
    objects = BarQuerySet.as_manager()

    class Meta:
        verbose_name = "禁考记录"
        verbose_name_plural = "禁考记录"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(barred_until__gte=models.F("barred_from")), name="bar_dates_in_order"
            )
        ]
        indexes = [models.Index(fields=["person", "barred_until"], name="bar_person")]

    def __str__(self) -> str:
        return f"{self.person} {self.barred_from}—{self.barred_until}"
