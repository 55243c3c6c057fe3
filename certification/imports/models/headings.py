"""What an organisation's own headings mean, remembered from the last time somebody said so."""

from django.db import models

from certification.organisations.models import Organisation


class Heading(models.Model):
    """One heading of an organisation's workbooks for one purpose. ``key`` names the column; "" says: none of ours."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    purpose = models.CharField("用途", max_length=40)
    heading = models.CharField("表头", max_length=60)
    key = models.CharField("对应列", max_length=40, blank=True)

    class Meta:
        verbose_name = "表头对应"
        verbose_name_plural = "表头对应"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "purpose", "heading"], name="import_heading_once")
        ]

    def __str__(self) -> str:
        return f"{self.heading} → {self.key or '不导入'}"
