"""Cards (实体证书) on request, handed over in person against the identity card [三(五)]."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from approvals.models.licences import LicenceApplicant
from approvals.states import BLANK, CARD, BlankState, CardState
from certification.organisations.models import Organisation
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Certificate


class CardRequest(models.Model):
    """A request for the card of one certificate at one window."""

    scope = Scope(window="window", organiser="applicant__batch__organiser")

    class Reason(models.TextChoices):
        FIRST = "FIRST", "首次申领"
        LOST = "LOST", "遗失补发"
        DAMAGED = "DAMAGED", "损毁换发"
        CHANGED = "CHANGED", "信息变更换发"

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="cards", verbose_name="操作证")
    applicant = models.ForeignKey(
        LicenceApplicant, on_delete=models.PROTECT, null=True, blank=True, related_name="cards", verbose_name="发证申请"
    )
    window = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="窗口")
    state = models.CharField("状态", max_length=16, choices=CardState, default=CardState.REQUESTED)
    reason = models.CharField("申领事由", max_length=8, choices=Reason, default=Reason.FIRST)
    note = models.CharField("情况说明", max_length=200, blank=True)
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
            models.CheckConstraint(condition=Q(reason="FIRST") | ~Q(note=""), name="card_replacement_explained"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate} {self.window}"


class CardDelivery(models.Model):
    """Blanks that a window received: consecutive serial numbers, counted and signed for."""

    scope = Scope(window="window", territory="window__territory")

    window = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="窗口")
    first_number = models.CharField("起始流水号", max_length=30)
    last_number = models.CharField("截止流水号", max_length=30)
    count = models.PositiveIntegerField("数量")
    source = models.CharField("来源", max_length=120)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField("入库时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "空白证件入库"
        verbose_name_plural = "空白证件入库"
        constraints = [models.CheckConstraint(condition=Q(count__gt=0), name="card_delivery_counts")]

    def __str__(self) -> str:
        return f"{self.first_number}—{self.last_number}"


class CardBlank(models.Model):
    """One blank card by its serial number; ``request`` is whose card was printed on it, even if that was spoilt."""

    scope = Scope(window="window", territory="window__territory")

    window = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="窗口")
    delivery = models.ForeignKey(CardDelivery, on_delete=models.PROTECT, related_name="blanks", verbose_name="入库批次")
    number = models.CharField("卡片流水号", max_length=30, unique=True)
    state = models.CharField("状态", max_length=12, choices=BlankState, default=BlankState.IN_STOCK)
    request = models.ForeignKey(
        CardRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="blanks", verbose_name="申请"
    )
    printed_at = models.DateTimeField("制证时间", null=True, blank=True)
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField("发放或者作废时间", null=True, blank=True)
    spoiled_reason = models.CharField("作废原因", max_length=200, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "空白证件"
        verbose_name_plural = "空白证件"
        constraints = [
            BLANK.constraint("card_blank_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=[BlankState.PRINTED, BlankState.HANDED_OVER]) | Q(request__isnull=False),
                name="card_blank_used_for_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=BlankState.SPOILED) | ~Q(spoiled_reason=""), name="card_blank_spoiled_why"
            ),
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(state__in=[BlankState.PRINTED, BlankState.HANDED_OVER]),
                name="card_blank_one_for_a_request",
            ),
        ]
        indexes = [models.Index(fields=["window", "state", "number"], name="card_blank_stock")]

    def __str__(self) -> str:
        return self.number
