"""What every dated edition has in common: it is prepared inactive, and in force from a day until the next one."""

from datetime import date

from django.db import models


class EditionQuerySet(models.QuerySet):
    def in_force(self, day: date):
        """The active edition that applies to something begun on ``day``; raises DoesNotExist before the first."""
        edition = self.filter(active=True, valid_from__lte=day).order_by("-valid_from").first()
        if edition is None:
            raise self.model.DoesNotExist(f"no {self.model.__name__} is in force on {day}")
        return edition


class DatedEdition(models.Model):
    """One edition, in force from ``valid_from`` (that day included). Cases keep the edition they began under."""

    code = models.CharField("版本", max_length=20, unique=True)
    name = models.CharField("名称", max_length=100)
    source = models.TextField("依据", blank=True)
    valid_from = models.DateField("施行日期")
    active = models.BooleanField("已启用", default=False)
    note = models.TextField("说明", blank=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["valid_from"]

    def __str__(self) -> str:
        return self.name
