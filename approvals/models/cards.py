"""Cards (实体证书) on request, handed over in person against the identity card [三(五)]."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from approvals.models.licences import LicenceApplicant
from approvals.states import CARD, CardState
from certification.organisations.models import Organisation
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Certificate


class CardRequest(models.Model):
    """A request for the card of one certificate at one window."""

    scope = Scope(window="window", organiser="applicant__batch__organiser")

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="cards", verbose_name="操作证")
    applicant = models.ForeignKey(
        LicenceApplicant, on_delete=models.PROTECT, null=True, blank=True, related_name="cards", verbose_name="发证申请"
    )
    window = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="窗口")
    state = models.CharField("状态", max_length=16, choices=CardState, default=CardState.REQUESTED)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField("申请时间")
    card_number = models.CharField("卡片流水号", max_length=30, blank=True)
    printed_at = models.DateTimeField("制证时间", null=True, blank=True)
    handed_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    handed_over_at = models.DateTimeField("领取时间", null=True, blank=True)
    identity_checked = models.BooleanField("已核验本人身份证", default=False)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "实体证书"
        verbose_name_plural = "实体证书"
        constraints = [
            CARD.constraint("card_request_state_known"),
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(state__in=[CardState.REQUESTED, CardState.PRINTED]),
                name="card_request_open_once",
            ),
            models.UniqueConstraint(fields=["card_number"], condition=~Q(card_number=""), name="card_number_once"),
            models.CheckConstraint(
                condition=~Q(state=CardState.HANDED_OVER) | Q(identity_checked=True), name="card_against_identity_card"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.certificate} {self.window}"
