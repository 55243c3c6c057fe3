"""Imports of certificate registers: one row for every file that was checked."""

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from certification.records.models import StoredFile


class ImportState(models.TextChoices):
    CHECKED = "CHECKED", "待确认"
    WAITING = "WAITING", "导入中"
    DONE = "DONE", "已导入"
    DROPPED = "DROPPED", "已放弃"


class RegisterImport(models.Model):
    """One register file: what was found in it, whether and how it was taken over.

    ``counts`` are numbers of rows by outcome (see ``register_checks``), ``findings`` what was found in single rows;
    after the import they are those of the moment at which it was saved. ``progress`` is only for the eye.
    """

    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文件"
    )
    name = models.CharField("文件名", max_length=255)
    state = models.CharField("状态", max_length=10, choices=ImportState, default=ImportState.CHECKED)
    rows = models.PositiveIntegerField("行数")
    counts = models.JSONField("核对结果", default=dict)
    findings = models.JSONField("逐行结果", default=list)
    sound_only = models.BooleanField("只导入无错误的行", default=False)
    progress = models.PositiveIntegerField("已处理行数", default=0)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    history = HistoricalRecords(excluded_fields=["findings", "progress"])

    class Meta:
        verbose_name = "证书登记导入"
        verbose_name_plural = "证书登记导入"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=ImportState.values), name="register_import_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["CHECKED", "DROPPED"])
                | models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="register_import_confirmed_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["confirmed_at"], condition=models.Q(state="WAITING"), name="register_import_waiting")
        ]

    def __str__(self) -> str:
        return self.name
