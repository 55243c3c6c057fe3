"""The ledger of reminders: who was told what about which due date, and who was not and why (rules 2.6)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from certification.deadlines.models.deadlines import Deadline
from certification.notices.models import Notice


class Reminder(models.Model):
    """One stage of one due date for one recipient, at most once: ``due_version`` is the deadline's version, so that
    a date that moved is reminded of anew. Written in the transaction of its notice, never changed afterwards.

    Several reminders of one run that say the same to the same person share one notice. ``recipient`` is empty only
    where nobody held the role that must act: then ``notice`` is what was told to somebody else instead.
    """

    class State(models.TextChoices):
        SENT = "SENT", "已提醒"
        SUPPRESSED = "SUPPRESSED", "未提醒"

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="reminders", verbose_name="时限")
    stage = models.CharField("时点", max_length=12)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="收件人",
    )
    due_version = models.PositiveSmallIntegerField("截止日期版本")
    due_on = models.DateField("截止日期")
    state = models.CharField("状态", max_length=10, choices=State)
    reason = models.CharField("未提醒的原因", max_length=120, blank=True)
    notice = models.ForeignKey(
        Notice, on_delete=models.PROTECT, null=True, blank=True, related_name="reminders", verbose_name="通知"
    )
    created_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "提醒"
        verbose_name_plural = "提醒"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["deadline", "stage", "recipient", "due_version"], name="reminder_once"),
            # For a unique constraint two missing recipients are two.
            models.UniqueConstraint(
                fields=["deadline", "stage", "due_version"],
                condition=Q(recipient__isnull=True),
                name="reminder_of_nobody_once",
            ),
            models.CheckConstraint(
                condition=Q(state="SENT", reason="", recipient__isnull=False, notice__isnull=False)
                | Q(state="SUPPRESSED") & ~Q(reason=""),
                name="reminder_sent_or_why_not",
            ),
        ]
        indexes = [models.Index(fields=["recipient", "-created_at", "-id"], name="reminder_recipient")]

    def __str__(self) -> str:
        return f"{self.deadline} {self.stage}"
