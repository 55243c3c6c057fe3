from django.db import models
from simple_history.models import HistoricalRecords


class Case(models.Model):
    """Something with a deadline."""

    breaches = models.IntegerField(default=0)

    history = HistoricalRecords(app="cases")

    def __str__(self) -> str:
        return f"case {self.pk}"


class Mark(models.Model):
    """One for every time that the consequence ran. Not unique: a repetition must show."""

    case = models.ForeignKey(Case, models.PROTECT)

    def __str__(self) -> str:
        return f"mark of {self.case_id}"
