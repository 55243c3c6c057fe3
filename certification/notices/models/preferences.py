"""How each person wants to be told outside the inbox."""

from datetime import time

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords


class Digest(models.TextChoices):
    AT_ONCE = "AT_ONCE", "逐条即时发送"
    DAILY = "DAILY", "每日汇总一次"


class Preference(models.Model):
    """Whoever has none is told in the inbox only. The inbox itself is always immediate.

    Quiet hours run from ``quiet_from`` to ``quiet_until`` (Asia/Shanghai, over midnight where the end is earlier);
    both None: no quiet hours. ``webhook`` is a secret: it is shown masked and stands in no history.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notice_preference")
    email_on = models.BooleanField("发送电子邮件", default=False)
    email = models.EmailField("电子邮箱", blank=True)
    webhook_on = models.BooleanField("发送到即时消息通道", default=False)
    webhook = models.CharField("通道地址", max_length=500, blank=True)
    digest = models.CharField("发送方式", max_length=8, choices=Digest, default=Digest.AT_ONCE)
    digest_hour = models.PositiveSmallIntegerField("汇总时间", default=8)
    quiet_from = models.TimeField("免打扰开始", null=True, blank=True, default=time(20))
    quiet_until = models.TimeField("免打扰结束", null=True, blank=True, default=time(8))
    urgent_breaks_quiet = models.BooleanField("逾期提醒不受免打扰限制", default=False)

    history = HistoricalRecords(excluded_fields=["webhook"])

    class Meta:
        verbose_name = "通知设置"
        verbose_name_plural = "通知设置"
        constraints = [
            models.CheckConstraint(condition=Q(digest__in=Digest.values), name="preference_digest_known"),
            models.CheckConstraint(condition=Q(digest_hour__lt=24), name="preference_digest_hour"),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="preference_quiet_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}的通知设置"
