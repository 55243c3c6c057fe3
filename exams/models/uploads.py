"""Uploads of many files: each file is kept until it is somebody's paper or was given up, so that none is lost."""

from django.conf import settings
from django.db import models

from certification.organisations.scope import Scope, ScopedQuerySet
from certification.records.models import StoredFile
from exams.models.applications import ExamApplication
from exams.models.materials import Material, MaterialKind
from training.models import TrainingPlan


class MaterialUpload(models.Model):
    """Files that an institution sent together for one class. ``kind``: the paper that all of them are, "" where the
    names say it; ``warned_at``: when the institution was told that undecided files will be given up."""

    scope = Scope(institution="plan__institution", province=False)

    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="uploads", verbose_name="班级")
    kind = models.CharField("材料", max_length=20, choices=MaterialKind, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间")
    warned_at = models.DateTimeField("提醒时间", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "材料批量上传"
        verbose_name_plural = "材料批量上传"
        indexes = [models.Index(fields=["plan", "id"], name="material_upload_plan")]

    def __str__(self) -> str:
        return f"{self.plan} {self.uploaded_at:%Y-%m-%d %H:%M}"


class FileState(models.TextChoices):
    WAITING = "WAITING", "待处理"
    ATTACHED = "ATTACHED", "已归入"
    SAME = "SAME", "已有相同文件"
    UNMATCHED = "UNMATCHED", "未匹配"
    AMBIGUOUS = "AMBIGUOUS", "需要确认"
    CROP = "CROP", "需要裁剪"
    REFUSED = "REFUSED", "不予接收"
    DISCARDED = "DISCARDED", "已放弃"


# States in which somebody still has to do something about a file.
TO_DECIDE = (FileState.UNMATCHED, FileState.AMBIGUOUS, FileState.CROP)


class UploadedFile(models.Model):
    """One file of an upload. ``file`` holds it while it waits (as it came) or has to be decided (made fit to keep);
    what became a paper is kept with the paper. ``container``: the archive that it came in, as its ``entry``."""

    scope = Scope(institution="upload__plan__institution", province=False)

    upload = models.ForeignKey(MaterialUpload, on_delete=models.PROTECT, related_name="files")
    position = models.PositiveIntegerField()
    name = models.CharField("文件名", max_length=400)
    size = models.PositiveBigIntegerField("大小(字节)", default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    container = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    entry = models.PositiveIntegerField(null=True, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField("状态", max_length=10, choices=FileState, default=FileState.WAITING)
    kind = models.CharField("材料", max_length=20, choices=MaterialKind, blank=True)
    application = models.ForeignKey(
        ExamApplication, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="考试申报"
    )
    why = models.CharField("说明", max_length=400, blank=True)
    material = models.ForeignKey(Material, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "上传的文件"
        verbose_name_plural = "上传的文件"
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=FileState.values), name="uploaded_file_state_known"),
            models.UniqueConstraint(fields=["upload", "position"], name="uploaded_file_position_once"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state="WAITING"), name="uploaded_file_waiting"),
            models.Index(
                fields=["upload"],
                condition=models.Q(state__in=["UNMATCHED", "AMBIGUOUS", "CROP"]),
                name="uploaded_file_to_decide",
            ),
        ]

    def __str__(self) -> str:
        return self.name
