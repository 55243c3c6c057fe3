"""What moves the clocks of a decision, and what the applicant is told of it (行政许可法第四十二条、第四十五条).

The pauses themselves are rows of ``deadlines.Pause``: days are derived from them and never counted down.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from approvals.models.licences import LicenceApplicant, scope_of_applicant
from approvals.models.withdrawals import Withdrawal
from approvals.states import EXTENSION, ExtensionState
from certification.deadlines.models import Pause
from certification.organisations.models import signed_name
from certification.organisations.scope import ScopedQuerySet
from certification.records.models import StoredFile


class ExtensionProposal(models.Model):
    """Somebody asks the head to extend the statutory limit of one decision, once.

    ``reason`` is told to the applicant if the head approves. ``due_before`` is the last day as it stood when this was
    proposed and then when it was decided; ``due_after`` is set by the approval alone, with ``days``.
    """

    scope = scope_of_applicant()

    applicant = models.ForeignKey(
        LicenceApplicant, on_delete=models.PROTECT, related_name="extension_proposals", verbose_name="申请人"
    )
    state = models.CharField("状态", max_length=12, choices=ExtensionState, default=ExtensionState.REQUESTED)
    reason = models.TextField("延长的理由")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="提请人"
    )
    proposed_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    proposed_at = models.DateTimeField("提请时间")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="批准人",
    )
    decided_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)
    decision_reason = models.TextField("审批意见", blank=True)
    days = models.PositiveSmallIntegerField("延长工作日", default=0)
    due_before = models.DateField("原截止日期")
    due_after = models.DateField("延长后截止日期", null=True, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "延长期限提请"
        verbose_name_plural = "延长期限提请"
        constraints = [
            EXTENSION.constraint("extension_state_known"),
            models.UniqueConstraint(
                fields=["applicant"], condition=Q(state=ExtensionState.REQUESTED), name="extension_open_once"
            ),
            models.UniqueConstraint(
                fields=["applicant"], condition=Q(state=ExtensionState.APPROVED), name="extension_approved_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ExtensionState.APPROVED, ExtensionState.DECLINED])
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision_reason="")),
                name="extension_decided_by_name",
            ),
            models.CheckConstraint(
                condition=Q(state=ExtensionState.APPROVED, due_after__isnull=False, days__gt=0)
                | (~Q(state=ExtensionState.APPROVED) & Q(due_after__isnull=True, days=0)),
                name="extension_approved_has_day",
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="extension_state")]

    def __str__(self) -> str:
        return str(self.applicant)

    proposed_by_name = signed_name("proposed")
    decided_by_name = signed_name("decided")


class ClockNotice(models.Model):
    """What the applicant is told in writing about the clocks of the decision: one numbered paper for each event.

    ``until_on`` is the day by which a pause is expected to end, the last day that did not count, or the day by which a
    correction was not answered; ``promise_due`` and ``statutory_due`` are the last days as they stand after the event
    (None while the clock stands still, or where it ended). The paper is made after the commit; an empty ``letter`` is
    the work still to do.
    """

    class Kind(models.TextChoices):
        PAUSED = "PAUSED", "中止计算期限告知书"
        RESUMED = "RESUMED", "恢复计算期限告知书"
        EXTENDED = "EXTENDED", "延长决定期限告知书"
        ENDED = "ENDED", "终止办理告知书"

    scope = scope_of_applicant()

    applicant = models.ForeignKey(
        LicenceApplicant, on_delete=models.PROTECT, related_name="clock_notices", verbose_name="申请人"
    )
    kind = models.CharField("文书", max_length=10, choices=Kind)
    number = models.CharField("文号", max_length=60, unique=True)
    pause = models.ForeignKey(Pause, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    extension = models.OneToOneField(
        ExtensionProposal, on_delete=models.PROTECT, null=True, blank=True, related_name="notice"
    )
    withdrawal = models.OneToOneField(
        Withdrawal, on_delete=models.PROTECT, null=True, blank=True, related_name="notice"
    )
    reason = models.TextField("理由")
    from_on = models.DateField("自")
    until_on = models.DateField("至", null=True, blank=True)
    promise_due = models.DateField("承诺时限", null=True, blank=True)
    statutory_due = models.DateField("法定时限", null=True, blank=True)
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField("告知时间")
    letter = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "期限告知书"
        verbose_name_plural = "期限告知书"
        constraints = [
            models.UniqueConstraint(fields=["pause", "kind"], name="clock_notice_once_per_event"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["PAUSED", "RESUMED"],
                    pause__isnull=False,
                    extension__isnull=True,
                    withdrawal__isnull=True,
                )
                | Q(kind="EXTENDED", pause__isnull=True, extension__isnull=False, withdrawal__isnull=True)
                | Q(kind="ENDED", pause__isnull=True, extension__isnull=True, withdrawal__isnull=False),
                name="clock_notice_about_its_event",
            ),
        ]

    def __str__(self) -> str:
        return self.number
