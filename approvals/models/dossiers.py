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


class DossierItem(models.Model):
    """One item of a sealed dossier's index: a file by its hash, or facts as they stood, by theirs."""

    scope = Scope(institution="plan__institution", organiser="dossier__session__organiser")

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="items", verbose_name="档案")
    plan = models.ForeignKey(
        TrainingPlan, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="班级"
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
