"""Rules as rows of dated editions, each with its clause and its mark of certainty."""

from django.db import models
from simple_history.models import HistoricalRecords

from certification.editions import DatedEdition


class Certainty(models.TextChoices):
    """How sure the source of a rule is (facts.md, first lines)."""

    PLAN = "PLAN", "方案原文"
    READING = "READING", "方案解读"
    CONFIRMED = "CONFIRMED", "已核实"
    KNOWN = "KNOWN", "行业通行"
    INFERRED = "INFERRED", "推定"
    NOT_FOUND = "NOT_FOUND", "未查到"


class RuleEdition(DatedEdition):
    """All rules that hold from a day on, until the next active edition. Cases keep the edition they began under."""

    history = HistoricalRecords()

    class Meta(DatedEdition.Meta):
        verbose_name = "规则版本"
        verbose_name_plural = "规则版本"


class Rule(models.Model):
    """One rule of one edition. ``area`` names the room that reads it (deadline, eligibility, examination …),
    ``values`` its parameters in the shape that this room documents beside its TOML."""

    edition = models.ForeignKey(RuleEdition, on_delete=models.PROTECT, related_name="rules", verbose_name="规则版本")
    area = models.CharField("领域", max_length=30)
    code = models.CharField("代码", max_length=60)
    title = models.CharField("名称", max_length=120)
    clause = models.CharField("条款", max_length=60, blank=True)
    certainty = models.CharField("依据等级", max_length=12, choices=Certainty)
    explanation = models.TextField("说明", blank=True)
    values = models.JSONField("参数", default=dict)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "规则"
        verbose_name_plural = "规则"
        ordering = ["edition", "area", "pk"]
        constraints = [models.UniqueConstraint(fields=["edition", "area", "code"], name="rule_once")]

    def __str__(self) -> str:
        return self.title
