"""Opinions that are prepared (拟定意见) and not in force yet, and the hand-overs (移交单) by which they take effect."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.models.reviews import Outcome, Review, Stage
from certification.organisations.models import Organisation, named
from certification.organisations.scope import Scope, ScopedQuerySet
from exams.models import ExamApplication


def _sent_or_received(user) -> Q:
    return Q(sender=user.organisation_id) | Q(receiver=user.organisation_id)


class Handover(models.Model):
    """What one reviewer handed over at one time from one review to one receiver: the city to the province, the
    province's result to the city, an answer to the institution.

    ``counts`` says how many of each outcome, as they were handed over. ``receipt_number`` is the receiving office's
    receipt, issued with the hand-over; institutions give none. Append-only: the row is its own history.
    """

    scope = Scope(institution="receiver", organiser=_sent_or_received)

    number = models.CharField("移交单号", max_length=40, unique=True)
    receipt_number = models.CharField("接收回执号", max_length=40, blank=True)
    stage = models.CharField("环节", max_length=20, choices=Stage)
    sender = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="移交单位")
    receiver = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="接收单位")
    counts = models.JSONField("各意见人数", default=dict)
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="移交人"
    )
    at = models.DateTimeField("移交时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "移交单"
        verbose_name_plural = "移交单"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["sender", "-at", "-id"], name="handover_sender"),
            models.Index(fields=["receiver", "-at", "-id"], name="handover_receiver"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["receipt_number"], condition=~Q(receipt_number=""), name="handover_receipt_once"
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def people(self) -> int:
        """How many people it carries."""
        return sum(self.counts.values())

    @property
    def summary(self) -> str:
        """How many of each outcome, in words: 37 通过 · 2 退回补正."""
        return " · ".join(f"{count} {Outcome(outcome).label}" for outcome, count in self.counts.items())


class PreparedQuerySet(ScopedQuerySet):
    def standing(self) -> "PreparedQuerySet":
        """Neither handed over nor taken back."""
        return self.filter(review__isnull=True, ended_at__isnull=True)


class PreparedOpinion(models.Model):
    """What a reviewer means to say about one application; it moves nothing until it is handed over.

    One stands for each application at a time. It ends by its ``review`` (handed over), or with ``ended_at`` by being
    taken back, replaced by its own reviewer, or overtaken because the application moved on otherwise. What it says is
    never changed, so that the row with its end is its own history.
    """

    scope = Scope(
        organiser="application__organiser",
        territory="application__institution__territory",
    )

    application = models.ForeignKey(
        ExamApplication, on_delete=models.PROTECT, related_name="prepared", verbose_name="考试申报"
    )
    stage = models.CharField("环节", max_length=20, choices=Stage)
    outcome = models.CharField("拟定意见", max_length=20, choices=Outcome)
    reason = models.TextField("理由", blank=True)
    items = models.JSONField("补正事项", default=list, blank=True)
    conditional = models.BooleanField("附条件（待补学时证明）", default=False)
    hours_may_follow = models.BooleanField("缺学时证明的附条件", default=False)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="审核人"
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="审核单位")
    at = models.DateTimeField("拟定时间")
    review = models.OneToOneField(
        Review, on_delete=models.PROTECT, null=True, blank=True, related_name="prepared", verbose_name="生效的意见"
    )
    handover = models.ForeignKey(
        Handover, on_delete=models.PROTECT, null=True, blank=True, related_name="opinions", verbose_name="移交单"
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField("撤回时间", null=True, blank=True)
    end_reason = models.CharField("撤回原因", max_length=200, blank=True)

    objects = PreparedQuerySet.as_manager()

    class Meta:
        verbose_name = "拟定意见"
        verbose_name_plural = "拟定意见"
        ordering = ["at", "pk"]
        indexes = [
            models.Index(
                fields=["reviewer", "stage"],
                condition=Q(review__isnull=True, ended_at__isnull=True),
                name="prepared_standing_mine",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(review__isnull=True, ended_at__isnull=True),
                name="prepared_one_standing",
            ),
            models.CheckConstraint(
                condition=Q(outcome="PASS") | ~Q(reason="") | ~Q(items=[]), name="prepared_reason_given"
            ),
            models.CheckConstraint(
                condition=Q(review__isnull=True, handover__isnull=True)
                | Q(review__isnull=False, handover__isnull=False, ended_at__isnull=True),
                name="prepared_one_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}拟{self.get_outcome_display()}"

    @property
    def reviewer_name(self) -> str:
        """Who prepared it, and for whom they acted: B 代 A."""
        return named(self.reviewer, self.on_behalf_of)

    def is_of(self, user) -> bool:
        """Whether ``user`` prepared it, for the same person as now if for anybody: then ``user`` may hand it over."""
        return self.reviewer_id == user.pk and self.on_behalf_of_id == (user.acting_for.pk if user.acting_for else None)
