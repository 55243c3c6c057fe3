"""Decisions on licences [三(四)]: per person, in the name of the licensing authority. That an application is not
accepted at all (行政许可法第三十二条) is one, too."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from approvals.models.licences import LicenceApplicant, scope_of_applicant
from approvals.states import PROPOSAL, ProposalState
from certification.organisations.models import signed_name
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Certificate
from certification.records.models import StoredFile


class DecisionOutcome(models.TextChoices):
    GRANTED = "GRANTED", "准予许可"
    REFUSED = "REFUSED", "不予许可"
    NOT_ACCEPTED = "NOT_ACCEPTED", "不予受理"


class Decision(models.Model):
    """Granted, or refused or not accepted with facts, basis and reasons. ``number`` comes from a gap-free counter per
    year. ``ground`` is the code of the reason for which it was not accepted (rule ``decision.non_acceptance``),
    ``apply_to`` the authority to turn to where it was not ours to decide."""

    scope = scope_of_applicant()

    class ServiceMethod(models.TextChoices):
        HANDED_OVER = "HANDED_OVER", "直接送达"
        THROUGH_INSTITUTION = "THROUGH_INSTITUTION", "由培训机构转交"
        ONLINE = "ONLINE", "本人网上签收"
        POSTED = "POSTED", "邮寄送达"
        LEFT = "LEFT", "留置送达"
        PUBLIC_NOTICE = "PUBLIC_NOTICE", "公告送达"

    applicant = models.OneToOneField(
        LicenceApplicant, on_delete=models.PROTECT, related_name="decision", verbose_name="申请人"
    )
    outcome = models.CharField("决定", max_length=12, choices=DecisionOutcome)
    number = models.CharField("文号", max_length=60, unique=True)
    facts = models.TextField("事实", blank=True)
    basis = models.TextField("依据", blank=True)
    reasons = models.TextField("理由", blank=True)
    ground = models.CharField("不予受理事由", max_length=40, blank=True)
    apply_to = models.CharField("应当向何机关申请", max_length=100, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField("决定时间")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="批准人",
    )
    approved_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    approved_at = models.DateTimeField("批准时间", null=True, blank=True)
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
                | (Q(outcome="REFUSED") & ~Q(facts="") & ~Q(basis="") & ~Q(reasons=""))
                | (Q(outcome="NOT_ACCEPTED") & ~Q(ground="") & ~Q(facts="") & ~Q(basis="") & ~Q(reasons="")),
                name="decision_complete",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | (Q(approved_by__isnull=False, approved_at__isnull=False) & ~Q(approved_by=models.F("decided_by"))),
                name="decision_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    decided_by_name = signed_name("decided")
    approved_by_name = signed_name("approved")


class DecisionProposal(models.Model):
    """A decision that one official drafted and another confirms, or the head approves (拟办意见).

    Nothing follows from it before it is approved: the applicant stands where it stood, its clocks run on.
    """

    scope = Scope(
        organiser="applicant__batch__organiser",
        territory="applicant__candidate__application__institution__territory",
    )

    class Needs(models.TextChoices):
        SECOND = "SECOND", "第二名工作人员复核"
        HEAD = "HEAD", "负责人批准"

    applicant = models.ForeignKey(
        LicenceApplicant, on_delete=models.PROTECT, related_name="proposals", verbose_name="申请人"
    )
    state = models.CharField("状态", max_length=12, choices=ProposalState, default=ProposalState.PROPOSED)
    needs = models.CharField("需要", max_length=8, choices=Needs)
    outcome = models.CharField("拟作决定", max_length=12, choices=DecisionOutcome)
    facts = models.TextField("事实", blank=True)
    basis = models.TextField("依据", blank=True)
    reasons = models.TextField("理由", blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="拟办人"
    )
    proposed_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    proposed_at = models.DateTimeField("拟办时间")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="批准人",
    )
    answered_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    opinion = models.TextField("批准意见", blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "拟办意见"
        verbose_name_plural = "拟办意见"
        constraints = [
            PROPOSAL.constraint("decision_proposal_state_known"),
            models.UniqueConstraint(
                fields=["applicant"], condition=Q(state=ProposalState.PROPOSED), name="decision_proposed_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ProposalState.PROPOSED, ProposalState.WITHDRAWN])
                | Q(answered_by__isnull=False, answered_at__isnull=False),
                name="decision_proposal_answered_by_name",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=models.F("proposed_by")),
                name="decision_proposal_two_people",
            ),
        ]

    def __str__(self) -> str:
        return str(self.applicant)

    proposed_by_name = signed_name("proposed")
    answered_by_name = signed_name("answered")


class ServiceEvent(models.Model):
    """One thing that proves that a letter reached whom it is for (送达证据): seen, opened, signed for. The letter is
    that of a decision on a licence, or of one that ended a certificate.

    Each kind once for each side, the first time; that the letter was made says the letter itself. Append-only.
    """

    scope = Scope(
        institution="decision__applicant__candidate__application__institution",
        organiser="decision__applicant__batch__organiser",
        territory="decision__applicant__candidate__application__institution__territory",
    )

    class Kind(models.TextChoices):
        SEEN = "SEEN", "查看决定"
        OPENED = "OPENED", "打开决定书"
        SIGNED = "SIGNED", "签收"

    class Side(models.TextChoices):
        APPLICANT = "APPLICANT", "本人"
        INSTITUTION = "INSTITUTION", "培训机构"
        AUTHORITY = "AUTHORITY", "许可机关"

    # By the side on which it is signed for, how a letter was served.
    WAYS = {
        Side.AUTHORITY: Decision.ServiceMethod.HANDED_OVER,
        Side.INSTITUTION: Decision.ServiceMethod.THROUGH_INSTITUTION,
        Side.APPLICANT: Decision.ServiceMethod.ONLINE,
    }

    decision = models.ForeignKey(
        Decision,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="service_events",
        verbose_name="许可决定",
    )
    ending = models.ForeignKey(
        "approvals.EndingCase",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="service_events",
        verbose_name="撤销、注销决定",
    )
    kind = models.CharField("事项", max_length=8, choices=Kind)
    side = models.CharField("一方", max_length=12, choices=Side)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办"
    )
    receipt_number = models.CharField("回执号", max_length=40, blank=True)
    detail = models.TextField("说明", blank=True)
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="送达回证"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "送达证据"
        verbose_name_plural = "送达证据"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "kind", "side"], name="service_event_once"),
            models.UniqueConstraint(fields=["ending", "kind", "side"], name="service_event_of_ending_once"),
            models.CheckConstraint(
                condition=Q(decision__isnull=True, ending__isnull=False)
                | Q(decision__isnull=False, ending__isnull=True),
                name="service_event_of_one_letter",
            ),
            models.UniqueConstraint(
                fields=["receipt_number"], condition=~Q(receipt_number=""), name="service_receipt_once"
            ),
        ]

    def __str__(self) -> str:
        if self.kind == self.Kind.SIGNED and self.way not in self.WAYS.values():
            return self.way.label
        if self.kind == self.Kind.SIGNED and self.side != self.Side.APPLICANT:
            # It is the holder who signs, whoever hands over and notes it.
            return f"{self.way.label}，本人{self.get_kind_display()}"
        return f"{self.get_side_display()}{self.get_kind_display()}"

    @property
    def way(self) -> Decision.ServiceMethod:
        """How the letter was served, where this is what proves it."""
        if self.decision_id and self.decision.service_method:
            return Decision.ServiceMethod(self.decision.service_method)
        return self.WAYS[self.Side(self.side)]
