"""What a row of a finding and of an answer holds; each kind of inspection has tables of its own."""

from django.conf import settings
from django.db import models


class Grade(models.TextChoices):
    """How grave a finding is; the gravest last."""

    MINOR = "MINOR", "一般"
    SERIOUS = "SERIOUS", "较重"
    SEVERE = "SEVERE", "严重"


class FindingFields(models.Model):
    """One item of the checklist as it was found, with the text that the checklist had then."""

    item = models.CharField("检查项目", max_length=40)
    text = models.CharField("检查内容", max_length=120)
    grade = models.CharField("程度", max_length=8, choices=Grade, blank=True)
    note = models.TextField("发现的问题", blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text


class AnswerFields(models.Model):
    """What was done about the findings, and what the inspector says of it; one row for each round."""

    round = models.PositiveSmallIntegerField("第几次")
    text = models.TextField("整改情况")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField("报送时间")
    accepted = models.BooleanField("整改合格", null=True)
    opinion = models.TextField("复核意见", blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    judged_at = models.DateTimeField("复核时间", null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"第{self.round}次整改"
