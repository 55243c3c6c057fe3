"""Licence applications that ended without a decision."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from approvals.models.licences import LicenceApplicant, scope_of_applicant
from certification.organisations.models import signed_name
from certification.organisations.scope import ScopedQuerySet
from certification.records.models import StoredFile


class Withdrawal(models.Model):
    """The end of one person's application without a decision.

    Either the applicant asked for it, on ``asked_on``, by the signed paper ``file``; or the notice ``correction`` was
    not answered by ``due_on`` (rule ``decision.correction_lapse``), and somebody put that on record.
    """

    class Kind(models.TextChoices):
        ASKED = "ASKED", "申请人撤回申请"
        LAPSED = "LAPSED", "逾期未补正，视为撤回申请"

    scope = scope_of_applicant()

    applicant = models.OneToOneField(
        LicenceApplicant, on_delete=models.PROTECT, related_name="withdrawal", verbose_name="申请人"
    )
    kind = models.CharField("事由", max_length=8, choices=Kind)
    asked_on = models.DateField("申请撤回日期", null=True, blank=True)
    correction = models.OneToOneField(
        "approvals.CorrectionNotice", on_delete=models.PROTECT, null=True, blank=True, related_name="withdrawal"
    )
    due_on = models.DateField("补正截止日期", null=True, blank=True)
    reason = models.TextField("理由")
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签字的撤回申请"
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="登记人"
    )
    recorded_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField("登记时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "撤回申请"
        verbose_name_plural = "撤回申请"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="ASKED", asked_on__isnull=False, correction__isnull=True, due_on__isnull=True)
                | Q(kind="LAPSED", asked_on__isnull=True, correction__isnull=False, due_on__isnull=False),
                name="withdrawal_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return str(self.applicant)

    recorded_by_name = signed_name("recorded")
