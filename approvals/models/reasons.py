"""Reasons to choose from (常用理由): what reviewers say again and again, in words that somebody answers for."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from approvals.models.reviews import Outcome, Stage
from exams.models import MaterialKind


class ReasonText(models.Model):
    """One text for one outcome: of one review or (blank) of every one, about one kind of paper or (blank) none.

    Choosing it fills in ``wording``; what is filed is what the reviewer then leaves there. Withdrawn ones stay on
    record, inactive.
    """

    stage = models.CharField("环节", max_length=20, choices=Stage, blank=True, help_text="空着的各环节通用。")
    outcome = models.CharField("意见", max_length=20, choices=Outcome)
    material = models.CharField(
        "材料", max_length=24, choices=MaterialKind, blank=True, help_text="退回补正时所指的材料。"
    )
    text = models.CharField("理由", max_length=300)
    clause = models.CharField("依据", max_length=100, blank=True)
    active = models.BooleanField("启用", default=True)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    kept_at = models.DateTimeField("更改时间", editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "常用理由"
        verbose_name_plural = "常用理由"
        ordering = ["outcome", "stage", "material", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["stage", "outcome", "material", "text"],
                name="reason_text_once",
                violation_error_message="已有相同的理由。",
            ),
            models.CheckConstraint(
                condition=Q(material="") | Q(outcome="RETURN"),
                name="reason_text_material_returned",
                violation_error_message="只有退回补正的理由才指明材料。",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def wording(self) -> str:
        """The text with its basis, as it goes into the field."""
        return f"{self.text}（依据：{self.clause}）" if self.clause else self.text
