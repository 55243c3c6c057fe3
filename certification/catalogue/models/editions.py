"""Dated editions of the catalogue (特种作业目录)."""

from simple_history.models import HistoricalRecords

from certification.editions import DatedEdition


class CatalogueEdition(DatedEdition):
    """One edition of operation groups and job types, in force from a day.

    A class keeps the edition that it was filed under.
    """

    history = HistoricalRecords()

    class Meta(DatedEdition.Meta):
        verbose_name = "目录版本"
        verbose_name_plural = "目录版本"
