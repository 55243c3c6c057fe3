"""Materials: the papers of each applicant, and those that a class hands in once for everybody [三(二)]."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import DocumentType
from certification.records.models import StoredFile
from exams.models.applications import OF_APPLICATION, ExamApplication
from exams.models.declarations import DeclarationText
from training.models import TrainingPlan


class MaterialKind(models.TextChoices):
    """The kinds of papers. Labels are for lists of many people; ``named`` says what a paper is called for one."""

    PHOTO = "PHOTO", "照片"
    IDENTITY_CARD = "IDENTITY_CARD", "身份证件"
    IDENTITY_FRONT = "IDENTITY_FRONT", "身份证人像面"
    IDENTITY_BACK = "IDENTITY_BACK", "身份证国徽面"
    DIPLOMA = "DIPLOMA", "学历证书"
    HEALTH_COMMITMENT = "HEALTH_COMMITMENT", "健康承诺书"
    CONSENT = "CONSENT", "个人信息同意书"
    HOURS_PROOF = "HOURS_PROOF", "学时证明"
    OLD_CERTIFICATE = "OLD_CERTIFICATE", "原操作证"
    EXEMPTION_PROOF = "EXEMPTION_PROOF", "免培训证明"

    def named(self, document_type: str) -> str:
        """What the paper is called for somebody registered by such a document: 护照 for the holder of a passport."""
        resident = document_type == DocumentType.IDENTITY_CARD
        document = "身份证" if resident else DocumentType(document_type).label
        of_document = {self.IDENTITY_CARD: document}
        if not resident:
            of_document |= {self.IDENTITY_FRONT: f"{document}人像面", self.IDENTITY_BACK: f"{document}背面"}
        return of_document.get(self, self.label)


class Material(models.Model):
    """One paper of one application. A replaced paper stays, with the time at which it was replaced.

    ``source_sha256`` is of the file as it was handed in, before it was made fit to keep: the same file again changes
    nothing. ``text`` is the edition that was signed, for papers that are signed forms.
    """

    scope = Scope(**{reach: f"application__{path}" for reach, path in OF_APPLICATION.items()})
    # Set by the activity that attached it: whether this was a new file or the one that was already there.
    is_new = False

    application = models.ForeignKey(
        ExamApplication, on_delete=models.PROTECT, related_name="materials", verbose_name="考试申报"
    )
    kind = models.CharField("材料", max_length=20, choices=MaterialKind)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name="文件")
    source_sha256 = models.CharField(max_length=64, blank=True)
    text = models.ForeignKey(
        DeclarationText, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文本版本"
    )
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField("上传时间")
    replaced_at = models.DateTimeField("替换时间", null=True, blank=True)
    rejected_reason = models.CharField("不予采用的原因", max_length=200, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "申报材料"
        verbose_name_plural = "申报材料"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "kind"], condition=Q(replaced_at__isnull=True), name="material_current_once"
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def name(self) -> str:
        """What the paper is called for its applicant; reads the application's person."""
        return MaterialKind(self.kind).named(self.application.person.document_type)


class ClassMaterialKind(models.TextChoices):
    INSTITUTION_COMMITMENT = "INSTITUTION_COMMITMENT", "培训机构承诺书"
    EMPLOYER_LIST = "EMPLOYER_LIST", "用人单位人员名册"


class ClassMaterial(models.Model):
    """One paper that a class hands in once, for all its applications. Versions as of ``Material``."""

    scope = Scope(
        institution="plan__institution", organiser="plan__organiser", territory="plan__institution__territory"
    )
    is_new = False

    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="materials", verbose_name="班级")
    kind = models.CharField("材料", max_length=24, choices=ClassMaterialKind)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name="文件")
    source_sha256 = models.CharField(max_length=64, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField("上传时间")
    replaced_at = models.DateTimeField("替换时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "班级材料"
        verbose_name_plural = "班级材料"
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "kind"], condition=Q(replaced_at__isnull=True), name="class_material_current_once"
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
