"""Imports of certificate registers that were saved: where imported certificates come from."""

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from certification.records.models import StoredFile


class RegisterImport(models.Model):
    """One register file that was taken over. How it was uploaded, checked and corrected stands in
    certification.imports; this is what remains: the file, how many rows came to what (``register_checks.Outcome``),
    and in ``findings`` what the register keeps although the file says otherwise, and what somebody should look at."""

    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文件"
    )
    name = models.CharField("文件名", max_length=255)
    rows = models.PositiveIntegerField("行数")
    counts = models.JSONField("导入结果", default=dict)
    findings = models.JSONField("逐行结果", default=list)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间")
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField("导入时间")

    history = HistoricalRecords(excluded_fields=["findings"])

    class Meta:
        verbose_name = "证书登记导入"
        verbose_name_plural = "证书登记导入"
        indexes = [models.Index(fields=["-saved_at", "-id"], name="register_import_saved")]

    def __str__(self) -> str:
        return self.name
