"""Certificates held (特种作业操作证), imported or issued here."""

from django.db import models
from simple_history.models import HistoricalRecords

from certification.catalogue.models import JobType, JobTypeCodeField
from certification.people.models.imports import RegisterImport
from certification.people.models.persons import Person


class CertificateState(models.TextChoices):
    VALID = "VALID", "有效"
    REPLACED = "REPLACED", "已换证"
    REVOKED = "REVOKED", "已撤销"
    CANCELLED = "CANCELLED", "已注销"


class Certificate(models.Model):
    """One person's certificate for one job type. The number is "T" + identity number for all items of a person
    (facts 2), so that person and job type are the key; at most one is valid at a time, whatever edition of the
    catalogue names the job type: ``job_type_code`` (history leaves it out, since it has the job type).

    ``register_import`` and ``register_row`` say by which file and row it stands; what was issued here has none.
    """

    class Source(models.TextChoices):
        IMPORTED = "IMPORTED", "导入"
        ISSUED = "ISSUED", "本系统核发"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="certificates", verbose_name="持证人")
    job_type = models.ForeignKey(JobType, on_delete=models.PROTECT, related_name="+", verbose_name="操作项目")
    job_type_code = JobTypeCodeField("操作项目代码")
    number = models.CharField("证号", max_length=32)
    first_issued_on = models.DateField("初领日期")
    valid_from = models.DateField("有效期开始日期")
    valid_until = models.DateField("有效期结束日期")
    review_due_on = models.DateField("应复审日期", null=True, blank=True)
    reviewed_on = models.DateField("实际复审日期", null=True, blank=True)
    authority = models.CharField("签发机关", max_length=80)
    source = models.CharField("来源", max_length=10, choices=Source)
    register_import = models.ForeignKey(
        RegisterImport,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="certificates",
        verbose_name="最近一次导入",
    )
    register_row = models.PositiveIntegerField("文件中的行号", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=CertificateState, default=CertificateState.VALID)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="换发自"
    )

    history = HistoricalRecords(excluded_fields=["job_type_code"])

    class Meta:
        verbose_name = "操作证"
        verbose_name_plural = "操作证"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=CertificateState.values), name="certificate_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__gte=models.F("valid_from")), name="certificate_dates_in_order"
            ),
            models.CheckConstraint(condition=~models.Q(job_type_code=""), name="certificate_job_type_coded"),
            models.UniqueConstraint(
                fields=["person", "job_type_code"], condition=models.Q(state="VALID"), name="certificate_valid_once"
            ),
        ]
        indexes = [
            models.Index(fields=["number"], name="certificate_number"),
            models.Index(fields=["review_due_on"], name="certificate_review_due"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.job_type}"
