"""The outbox: what leaves the house for a notice, by which channel, and what became of it."""

from django.db import models
from django.db.models import Q

from certification.notices.models.channels import GroupChannel
from certification.notices.models.notices import Notice


class Delivery(models.Model):
    """One notice by one channel. Written in the transaction of the notice, sent after its commit.

    ``started_at`` marks an attempt under way: it is committed before anything is sent and cleared with the result.
    A row found with it long afterwards was interrupted; whether it went out is not known, so it is not sent again.
    ``next_attempt_at`` is the earliest moment, ``not_before`` what the person's quiet hours or digest asked for.
    ``reason`` says why it was suppressed, ``error`` what the last attempt met.
    """

    class Channel(models.TextChoices):
        EMAIL = "EMAIL", "电子邮件"
        WEBHOOK = "WEBHOOK", "即时消息"
        GROUP = "GROUP", "单位通道"

    class State(models.TextChoices):
        PENDING = "PENDING", "待发送"
        SENT = "SENT", "已发送"
        FAILED = "FAILED", "发送失败"
        SUPPRESSED = "SUPPRESSED", "未发送"

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries", verbose_name="通知")
    channel = models.CharField("通道", max_length=8, choices=Channel)
    group = models.ForeignKey(
        GroupChannel, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位通道"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField("未发送的原因", max_length=120, blank=True)
    digest = models.BooleanField("汇总发送", default=False)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    not_before = models.DateTimeField("不早于")
    next_attempt_at = models.DateTimeField("下次发送")
    started_at = models.DateTimeField("开始发送", null=True, blank=True)
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)
    error = models.CharField("错误", max_length=300, blank=True)

    class Meta:
        verbose_name = "发送记录"
        verbose_name_plural = "发送记录"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["PENDING", "SENT", "FAILED", "SUPPRESSED"]), name="delivery_state_known"
            ),
            models.CheckConstraint(
                condition=Q(channel="GROUP", group__isnull=False)
                | Q(channel__in=["EMAIL", "WEBHOOK"], group__isnull=True),
                name="delivery_channel_known",
            ),
            models.CheckConstraint(
                condition=Q(state="SUPPRESSED") & ~Q(reason="") | ~Q(state="SUPPRESSED") & Q(reason=""),
                name="delivery_suppressed_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="SENT", sent_at__isnull=False) | ~Q(state="SENT") & Q(sent_at__isnull=True),
                name="delivery_sent_when",
            ),
            models.CheckConstraint(
                condition=Q(started_at__isnull=True) | Q(state="PENDING"), name="delivery_started_is_pending"
            ),
            models.UniqueConstraint(
                fields=["notice", "channel"], condition=Q(group__isnull=True), name="delivery_once_a_channel"
            ),
            models.UniqueConstraint(
                fields=["notice", "group"], condition=Q(group__isnull=False), name="delivery_once_a_group"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state="PENDING", started_at__isnull=True),
                name="delivery_waiting",
            ),
            models.Index(
                fields=["started_at"], condition=Q(state="PENDING", started_at__isnull=False), name="delivery_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}：{self.get_state_display()}"
