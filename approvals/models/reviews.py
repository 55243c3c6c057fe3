"""Opinions about exam applications: both tiers' reviews, objections, and the province's own record."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.organisations.models import Organisation, named
from certification.organisations.scope import Scope, ScopedQuerySet
from exams.models import ExamApplication


class Stage(models.TextChoices):
    """Which review of rules 3.1 an opinion belongs to."""

    PRELIMINARY = "PRELIMINARY", "初审"
    FINAL = "FINAL", "省级审核"
    DIRECT = "DIRECT", "审核"
    CITY_REVIEW = "CITY_REVIEW", "市级审核"
    TAKEN_OVER = "TAKEN_OVER", "提级审核"
    OBJECTION = "OBJECTION", "省级异议"
    PROVINCIAL_RECORD = "PROVINCIAL_RECORD", "省级审核记录"


class Outcome(models.TextChoices):
    PASS = "PASS", "通过"
    RETURN = "RETURN", "退回补正"
    RETURN_TO_CITY = "RETURN_TO_CITY", "退回下级"
    PROPOSE_REFUSAL = "PROPOSE_REFUSAL", "拟不通过"
    REFUSE = "REFUSE", "不通过"
    OBJECT = "OBJECT", "异议"


class Review(models.Model):
    """One opinion of one reviewer about one application. Append-only; the upper tier sees the lower tier's.

    ``items`` lists what to correct, once and complete: [{"material": kind or "", "text": …}].
    """

    scope = Scope(
        institution="application__institution",
        organiser="application__organiser",
        territory="application__institution__territory",
    )

    application = models.ForeignKey(
        ExamApplication, on_delete=models.PROTECT, related_name="reviews", verbose_name="考试申报"
    )
    stage = models.CharField("环节", max_length=20, choices=Stage)
    outcome = models.CharField("意见", max_length=20, choices=Outcome)
    reason = models.TextField("理由", blank=True)
    items = models.JSONField("补正事项", default=list, blank=True)
    conditional = models.BooleanField("附条件（待补学时证明）", default=False)
    late = models.BooleanField("逾期", default=False)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="审核单位")
    at = models.DateTimeField("时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "审核意见"
        verbose_name_plural = "审核意见"
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["application", "stage"], name="review_application")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="PASS") | ~Q(reason="") | ~Q(items=[]), name="review_reason_given"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}{self.get_outcome_display()}"

    @property
    def handover(self):
        """The hand-over (移交单) with which the opinion took effect; None for one that was given at once."""
        return getattr(getattr(self, "prepared", None), "handover", None)

    @property
    def reviewer_name(self) -> str:
        """The reviewer, and for whom they acted: B 代 A."""
        return named(self.reviewer, self.on_behalf_of)
