"""Licence applications (发证许可申请): the organiser's batch through the national platform, decided per person."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from approvals.states import BATCH, ENDED, LICENCE, BatchState, LicenceState
from certification.organisations.models import Organisation, signed_name
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.records.models import StoredFile
from exams.models import Candidate, ExamSession


class LicenceApplication(models.Model):
    """What the organiser submits after an exam [三(三)]: the file that went to the platform and its receipt."""

    scope = Scope(organiser="organiser", territory="organiser__territory")

    session = models.ForeignKey(
        ExamSession, on_delete=models.PROTECT, related_name="licence_applications", verbose_name="场次"
    )
    organiser = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="考试组织单位")
    number = models.CharField("申请编号", max_length=40, unique=True)
    state = models.CharField("状态", max_length=16, choices=BatchState, default=BatchState.PREPARED)
    platform_file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="平台报送文件"
    )
    platform_receipt = models.CharField("平台回执号", max_length=60, blank=True)
    platform_sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    platform_sent_at = models.DateTimeField("平台报送时间", null=True, blank=True)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField("生成时间")
    submitted_at = models.DateTimeField("收到时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "发证许可申请"
        verbose_name_plural = "发证许可申请"
        constraints = [
            BATCH.constraint("licence_application_state_known"),
            models.CheckConstraint(
                condition=Q(state=BatchState.PREPARED) | (~Q(platform_receipt="") & Q(submitted_at__isnull=False)),
                name="licence_application_has_receipt",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class AcceptanceNotice(models.Model):
    """The notice of acceptance (受理通知书, 行政许可法第三十二条): one for each act of acceptance and licence
    application, with the names of those whom it accepted.

    The paper is made after the commit; an empty ``letter`` is the work still to do.
    """

    scope = Scope(organiser="batch__organiser", territory="batch__organiser__territory")

    batch = models.ForeignKey(
        LicenceApplication, on_delete=models.PROTECT, related_name="acceptances", verbose_name="发证许可申请"
    )
    number = models.CharField("文号", max_length=60, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("受理时间")
    letter = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "受理通知书"
        verbose_name_plural = "受理通知书"

    def __str__(self) -> str:
        return self.number


class LicenceApplicantQuerySet(ScopedQuerySet):
    def standing(self):
        """Those that are not over without a decision: of each candidate at most one."""
        return self.exclude(state__in=ENDED)


class LicenceApplicant(models.Model):
    """One person in a licence application. Who was not accepted, or withdrew, may be in a later one again.

    ``sent`` is what went to the platform about this person (see ``approvals.licences.platform_file.facts_of``),
    ``differences`` what the check of scores and names found: [{"field", "sent", "held"}].
    """

    scope = Scope(
        institution="candidate__application__institution",
        organiser="batch__organiser",
        territory="candidate__application__institution__territory",
    )

    batch = models.ForeignKey(
        LicenceApplication, on_delete=models.PROTECT, related_name="applicants", verbose_name="发证许可申请"
    )
    candidate = models.ForeignKey(
        Candidate, on_delete=models.PROTECT, related_name="licence_applicants", verbose_name="考生"
    )
    state = models.CharField("状态", max_length=16, choices=LicenceState, default=LicenceState.PREPARED)
    received_at = models.DateTimeField("收到时间", null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    accepted_at = models.DateTimeField("受理时间", null=True, blank=True)
    acceptance = models.ForeignKey(
        AcceptanceNotice,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="applicants",
        verbose_name="受理通知书",
    )
    reconciled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reconciled_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    reconciled_at = models.DateTimeField("核对时间", null=True, blank=True)
    sent = models.JSONField("报送内容", default=dict, blank=True)
    differences = models.JSONField("核对差异", default=list, blank=True)

    history = HistoricalRecords()
    objects = LicenceApplicantQuerySet.as_manager()

    class Meta:
        verbose_name = "发证申请人"
        verbose_name_plural = "发证申请人"
        constraints = [
            LICENCE.constraint("licence_applicant_state_known"),
            models.UniqueConstraint(
                fields=["candidate"], condition=~Q(state__in=ENDED), name="licence_applicant_stands_once"
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="licence_applicant_state")]

    def __str__(self) -> str:
        return str(self.candidate)

    accepted_by_name = signed_name("accepted")
    reconciled_by_name = signed_name("reconciled")


class PlatformSending(models.Model):
    """The ledger of the national platform: one line for every file that went out, with its receipt number."""

    scope = Scope(organiser="batch__organiser", territory="batch__organiser__territory")

    batch = models.ForeignKey(
        LicenceApplication, on_delete=models.PROTECT, related_name="sendings", verbose_name="发证许可申请"
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name="报送文件")
    receipt_number = models.CharField("平台回执号", max_length=60)
    headcount = models.PositiveSmallIntegerField("人数")
    reason = models.TextField("说明", blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField("报送时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "平台报送记录"
        verbose_name_plural = "平台报送记录"
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(receipt_number=""), name="platform_sending_has_receipt"),
        ]

    def __str__(self) -> str:
        return self.receipt_number


def scope_of_applicant() -> Scope:
    """The scope of what is about one ``applicant``: that of the person."""
    return Scope(
        institution="applicant__candidate__application__institution",
        organiser="applicant__batch__organiser",
        territory="applicant__candidate__application__institution__territory",
    )
