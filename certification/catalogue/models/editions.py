"""Dated editions of the catalogue (特种作业目录)."""

from datetime import date

from django.db import models
from simple_history.models import HistoricalRecords


class EditionQuerySet(models.QuerySet):
    def in_force(self, day: date) -> "CatalogueEdition":
        """The active edition that applies on ``day``; raises DoesNotExist before the first one."""
        edition = self.filter(active=True, valid_from__lte=day).order_by("-valid_from").first()
        if edition is None:
            raise self.model.DoesNotExist(f"no catalogue edition is in force on {day}")
        return edition


class CatalogueEdition(models.Model):
    """One edition of operation groups and job types, in force from a day.

    A class keeps the edition that it was filed under.
    """

    code = models.CharField("版本", max_length=20, unique=True)
    name = models.CharField("名称", max_length=100)
    source = models.TextField("依据", blank=True)
    valid_from = models.DateField("施行日期")
    active = models.BooleanField("已启用", default=False)
    note = models.TextField("说明", blank=True)

    history = HistoricalRecords()
    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = "目录版本"
        verbose_name_plural = "目录版本"
        ordering = ["valid_from"]

    def __str__(self) -> str:
        return self.name
