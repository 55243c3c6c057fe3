"""Decisions on licences [三(四)]: per person, in the name of the licensing authority."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from approvals.models.licences import LicenceApplicant
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Certificate
from certification.records.models import StoredFile


class DecisionOutcome(models.TextChoices):
    GRANTED = "GRANTED", "准予许可"
    REFUSED = "REFUSED", "不予许可"


class Decision(models.Model):
    """Granted, or refused with facts, basis and reasons. ``number`` comes from a gap-free counter per year."""

    scope = Scope(
        institution="applicant__candidate__application__institution",
        organiser="applicant__batch__organiser",
        territory="applicant__candidate__application__institution__territory",
    )

    class ServiceMethod(models.TextChoices):
        HANDED_OVER = "HANDED_OVER", "直接送达"
        THROUGH_INSTITUTION = "THROUGH_INSTITUTION", "由培训机构转交"

    applicant = models.OneToOneField(
        LicenceApplicant, on_delete=models.PROTECT, related_name="decision", verbose_name="申请人"
    )
    outcome = models.CharField("决定", max_length=10, choices=DecisionOutcome)
    number = models.CharField("文号", max_length=60, unique=True)
    facts = models.TextField("事实", blank=True)
    basis = models.TextField("依据", blank=True)
    reasons = models.TextField("理由", blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("决定时间")
    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name="操作证"
    )
    letter = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    served_at = models.DateTimeField("送达时间", null=True, blank=True)
    served_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    service_method = models.CharField("送达方式", max_length=20, choices=ServiceMethod, blank=True)
    service_evidence = models.TextField("送达凭证", blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "许可决定"
        verbose_name_plural = "许可决定"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="GRANTED", certificate__isnull=False)
                | (Q(outcome="REFUSED") & ~Q(facts="") & ~Q(basis="") & ~Q(reasons="")),
                name="decision_complete",
            )
        ]

    def __str__(self) -> str:
        return self.number
