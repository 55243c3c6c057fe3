"""Dossiers (一期一档): one per exam session, with a part for each training class in it [四(二)]."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from approvals.states import DOSSIER, DossierState
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.records.models import StoredFile
from exams.models import ExamSession
from training.models import TrainingPlan


class Dossier(models.Model):
    """Everything about one session, gathered as it happens; sealed with an index of SHA-256 of every item.

    An institution sees only its own part, through ``DossierItem``.
    """

    scope = Scope(organiser="session__organiser", territory="session__organiser__territory")

    session = models.OneToOneField(ExamSession, on_delete=models.PROTECT, related_name="dossier", verbose_name="场次")
    number = models.CharField("档号", max_length=40, unique=True)
    state = models.CharField("状态", max_length=16, choices=DossierState, default=DossierState.OPEN)
    opened_at = models.DateTimeField("建档时间")
    sealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sealed_at = models.DateTimeField("封存时间", null=True, blank=True)
    index_sha256 = models.CharField("目录校验值", max_length=64, blank=True)
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    archive = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "档案"
        verbose_name_plural = "档案"
        constraints = [
            DOSSIER.constraint("dossier_state_known"),
            models.CheckConstraint(
                condition=Q(state=DossierState.OPEN)
                | (Q(pdf__isnull=False, archive__isnull=False, sealed_at__isnull=False) & ~Q(index_sha256="")),
                name="dossier_sealed_has_index",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class DossierAddition(models.Model):
    """What happened after the sealing, under a seal of its own that names the one before (``previous_sha256``): the
    newest digest proves all of them. Append-only."""

    scope = Scope(organiser="dossier__session__organiser", territory="dossier__session__organiser__territory")

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="additions", verbose_name="档案")
    number = models.PositiveSmallIntegerField("补充序号")
    sealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sealed_at = models.DateTimeField("封存时间")
    index_sha256 = models.CharField("目录校验值", max_length=64)
    previous_sha256 = models.CharField("前一目录校验值", max_length=64)
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    archive = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "补充归档"
        verbose_name_plural = "补充归档"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "number"], name="dossier_addition_once"),
            models.UniqueConstraint(fields=["dossier", "previous_sha256"], name="dossier_addition_in_chain"),
            models.CheckConstraint(condition=Q(number__gte=1), name="dossier_addition_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier}补充{self.number}"


class DossierHold(models.Model):
    """A head's order that a dossier must stay whatever its retention says: a lawsuit, an inquiry. Lifted, never
    removed."""

    scope = Scope(organiser="dossier__session__organiser", territory="dossier__session__organiser__territory")

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="holds", verbose_name="档案")
    reason = models.TextField("冻结理由")
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField("冻结时间")
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField("解除时间", null=True, blank=True)
    lifted_reason = models.TextField("解除理由", blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "档案冻结"
        verbose_name_plural = "档案冻结"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(lifted_at__isnull=True), name="dossier_one_hold_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier}冻结"


class DossierItem(models.Model):
    """One item of a sealed dossier's index: a file by its hash, or facts as they stood, by theirs. ``addition``: the
    seal that it lies under, none for the sealing itself."""

    scope = Scope(institution="plan__institution", organiser="dossier__session__organiser")

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="items", verbose_name="档案")
    plan = models.ForeignKey(
        TrainingPlan, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="班级"
    )
    addition = models.ForeignKey(
        DossierAddition, on_delete=models.PROTECT, null=True, blank=True, related_name="items", verbose_name="补充归档"
    )
    section = models.CharField("部分", max_length=40)
    title = models.CharField("名称", max_length=160)
    path = models.CharField("路径", max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField("大小（字节）")
    appended_at = models.DateTimeField("归入时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "档案条目"
        verbose_name_plural = "档案条目"
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["dossier", "path"], name="dossier_item_once")]

    def __str__(self) -> str:
        return self.title
