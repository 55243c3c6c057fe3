"""Rosters (学员名单) and the trainees of a class [三(二)1]."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.imports.models import Import
from certification.organisations.models import Organisation
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Certificate, Education, FemaleClass, Person
from certification.records.models import StoredFile
from training.models.plans import TrainingPlan
from training.states import TRAINEE, TraineeState


class Roster(models.Model):
    """One submitted version of a class's roster. A later upload, an entry by form, a withdrawal is a new version.

    ``upload`` is the import that it came from, ``file`` that import's file where it is the version as it stands,
    without corrections and left-out rows; ``changes`` says what it changed of trainees who stay: trainee id → list of
    (column, before, after).
    """

    scope = Scope(
        institution="plan__institution", organiser="plan__organiser", territory="plan__institution__territory"
    )

    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="rosters", verbose_name="培训计划")
    version = models.PositiveSmallIntegerField("版本")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    upload = models.ForeignKey(Import, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    headcount = models.PositiveSmallIntegerField("人数")
    changes = models.JSONField("变更", default=dict, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField("提交时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "学员名单"
        verbose_name_plural = "学员名单"
        constraints = [models.UniqueConstraint(fields=["plan", "version"], name="roster_version_once")]

    def __str__(self) -> str:
        return f"{self.plan} 名单第{self.version}版"

    def received(self) -> list[StoredFile]:
        """Every file that this version came from, as received: the upload, then its corrections; none where it was
        entered by form."""
        files = [each.file for each in self.upload.files.all()] if self.upload else []
        return files if self.file is None or self.file in files else [*files, self.file]

    def members(self):
        """The trainees whom this version names, whatever became of them later."""
        of_class = Trainee.objects.filter(plan=self.plan_id, first_roster__version__lte=self.version)
        return of_class.filter(Q(last_roster__isnull=True) | Q(last_roster__version__gte=self.version))

    def joined(self):
        """The trainees whom this version is the first to name."""
        return Trainee.objects.filter(first_roster=self.pk)

    def left(self):
        """The trainees whom the version before was the last to name."""
        return Trainee.objects.filter(plan=self.plan_id, last_roster__version=self.version - 1)


class RosterReceipt(models.Model):
    """One recipient's receipt of a roster version; Category 2 has two."""

    roster = models.ForeignKey(Roster, on_delete=models.PROTECT, related_name="receipts", verbose_name="学员名单")
    recipient = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="接收单位")
    number = models.CharField("回执编号", max_length=40, unique=True)
    received_at = models.DateTimeField("收到时间")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "名单回执"
        verbose_name_plural = "名单回执"
        constraints = [models.UniqueConstraint(fields=["roster", "recipient"], name="roster_receipt_once")]

    def __str__(self) -> str:
        return self.number


class Trainee(models.Model):
    """A person in a class, with what the roster says of them."""

    scope = Scope(
        institution="plan__institution", organiser="plan__organiser", territory="plan__institution__territory"
    )

    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="trainees", verbose_name="培训计划")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="trainings", verbose_name="学员")
    first_roster = models.ForeignKey(Roster, on_delete=models.PROTECT, related_name="+", verbose_name="首次列入的名单")
    last_roster = models.ForeignKey(
        Roster, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="最后列入的名单"
    )
    education = models.CharField("文化程度", max_length=20, choices=Education)
    employer = models.CharField("工作单位", max_length=120, blank=True)
    position = models.CharField("从事岗位", max_length=60, blank=True)
    phone = models.CharField("手机号", max_length=20, blank=True)
    female_class = models.CharField("女职工类别", max_length=3, choices=FemaleClass, blank=True)
    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所持操作证"
    )
    state = models.CharField("状态", max_length=16, choices=TraineeState, default=TraineeState.ENROLLED)
    created_at = models.DateTimeField("列入时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "学员"
        verbose_name_plural = "学员"
        constraints = [
            TRAINEE.constraint("trainee_state_known"),
            models.UniqueConstraint(
                fields=["plan", "person"], condition=Q(state="ENROLLED"), name="trainee_enrolled_once"
            ),
        ]
        indexes = [models.Index(fields=["person", "state"], name="trainee_person")]

    def __str__(self) -> str:
        return str(self.person)
