"""What came back from the national platform: each file, and what it says of each person (rules 8)."""

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from approvals.models.licences import LicenceApplicant, LicenceApplication
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.records.models import StoredFile


class PlatformReturn(models.Model):
    """One file that came back for an application. ``unknown`` names, masked, whom it lists and the application does
    not."""

    scope = Scope(organiser="batch__organiser", territory="batch__organiser__territory")

    batch = models.ForeignKey(
        LicenceApplication, on_delete=models.PROTECT, related_name="returns", verbose_name="发证许可申请"
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name="返回文件")
    headcount = models.PositiveSmallIntegerField("人数")
    unknown = models.JSONField("申请中没有的人员", default=list, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "平台返回文件"
        verbose_name_plural = "平台返回文件"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.batch} {self.uploaded_at:%Y-%m-%d %H:%M}"


class PlatformReceipt(models.Model):
    """What one return says of one person: ``said`` holds the values of the columns that it has, by their source, to be
    compared with what was sent last. The last return that names somebody is the one that counts."""

    returned = models.ForeignKey(
        PlatformReturn, on_delete=models.PROTECT, related_name="receipts", verbose_name="平台返回文件"
    )
    applicant = models.ForeignKey(
        LicenceApplicant, on_delete=models.PROTECT, related_name="platform_receipts", verbose_name="发证申请人"
    )
    number = models.CharField("平台编号", max_length=60, blank=True)
    standing = models.CharField("平台状态", max_length=60, blank=True)
    said = models.JSONField("返回内容", default=dict, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "平台回执"
        verbose_name_plural = "平台回执"
        constraints = [models.UniqueConstraint(fields=["returned", "applicant"], name="platform_receipt_once")]

    def __str__(self) -> str:
        return f"{self.applicant} {self.number}"
