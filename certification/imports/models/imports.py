"""One import: the files that somebody uploaded for one purpose, and how far they are."""

import uuid

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from certification.imports.states import ImportState
from certification.organisations.models import Organisation
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.records.models import StoredFile


class Import(models.Model):
    """``purpose`` is the code of a registered Purpose, ``subject`` the case that it is for (none for a register).

    ``files`` are the upload and the corrections sent after it; ``dropped`` the numbers of rows that were taken out.
    ``report`` is what the last check found, packed by ``reports``; ``counts`` its numbers; ``basis`` what it was
    judged against, for whoever saves to compare. ``done`` of ``total`` rows is progress. ``taken_at`` (database time)
    and ``token`` say which worker has it, ``attempts`` how often one began. ``workbook`` is the file that goes back,
    made by the background where ``workbook_wanted`` (of a short import it is made when somebody asks for it).
    """

    scope = Scope(institution="organisation", organiser="organisation", window="organisation")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    purpose = models.CharField("用途", max_length=40)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, null=True, related_name="+")
    subject_id = models.BigIntegerField(null=True)
    subject = GenericForeignKey("subject_type", "subject_id")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    state = models.CharField("状态", max_length=12, choices=ImportState, default=ImportState.WAITING)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间")
    dropped = models.JSONField(default=list, blank=True)

    stage = models.CharField("步骤", max_length=40, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField(null=True, blank=True)
    token = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    doubts = models.JSONField(default=list, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    basis = models.JSONField(default=dict, blank=True)
    report = models.BinaryField(default=b"", blank=True)
    refusal = models.JSONField(default=dict, blank=True)
    workbook = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核对结果"
    )
    workbook_wanted = models.BooleanField(default=False)
    checked_at = models.DateTimeField("核对时间", null=True, blank=True)

    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    save_asked_at = models.DateTimeField("提交时间", null=True, blank=True)
    saved_at = models.DateTimeField("保存时间", null=True, blank=True)
    result = models.JSONField(default=dict, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "导入"
        verbose_name_plural = "导入"
        constraints = [models.CheckConstraint(condition=Q(state__in=ImportState.values), name="import_state_known")]
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["WAITING", "SAVING"]), name="import_at_work"),
            models.Index(fields=["id"], condition=Q(workbook_wanted=True), name="import_workbook_wanted"),
            models.Index(fields=["uploaded_at"], condition=Q(state__in=["ASKING", "CHECKED"]), name="import_undecided"),
            models.Index(fields=["subject_type", "subject_id", "purpose"], name="import_subject"),
            models.Index(fields=["organisation", "purpose", "-id"], name="import_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.uploaded_at:%Y-%m-%d %H:%M}"


class ImportFile(models.Model):
    """One file of an import, as received: number 1 is the upload, the others are corrections. ``layout`` says where
    its columns stand (``spreadsheets.layout.Layout``), empty until that is certain; ``targets`` which row of the upload
    each row of a correction stands for, once that was found."""

    owner_import = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="files", verbose_name="导入")
    number = models.PositiveSmallIntegerField("序号")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name="文件")
    layout = models.JSONField(default=dict, blank=True)
    targets = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = "导入文件"
        verbose_name_plural = "导入文件"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["owner_import", "number"], name="import_file_number_once")]

    def __str__(self) -> str:
        return str(self.file)

    def content(self) -> bytes:
        """The file as it was received."""
        with self.file.file.open("rb") as kept:
            return kept.read()
