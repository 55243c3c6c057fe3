"""Spot checks of a class (培训检查) by the city's supervisor or the province's inspector, and what follows [四(一)]."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.inspections.models import AnswerFields, FindingFields
from certification.inspections.states import TO_REMEDY, CheckState
from certification.organisations.models import Organisation, named
from certification.organisations.scope import Scope, ScopedQuerySet
from training.models.lessons import Lesson
from training.models.plans import TrainingPlan
from training.states import SPOT_CHECK


class SpotCheckQuerySet(ScopedQuerySet):
    def to_remedy(self):
        """What an institution has to remedy."""
        return self.filter(state__in=TO_REMEDY)

    def for_display(self):
        """With what a row shows."""
        return self.select_related(
            "plan__job_type", "plan__institution", "organisation", "inspector__person", "on_behalf_of__person"
        )


class SpotCheck(models.Model):
    """One visit to a class. ``expected`` is the roster, ``signed_in`` the sign-in of the lesson at that moment (None:
    not signed yet), ``counted`` the heads that the inspector counted. ``remedy_rule`` names the deadline rule by
    which what was found is to be remedied ("" where nothing was)."""

    scope = Scope(
        institution="plan__institution", organiser="plan__organiser", territory="plan__institution__territory"
    )

    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="spot_checks", verbose_name="班级")
    lesson = models.ForeignKey(
        Lesson, on_delete=models.PROTECT, null=True, blank=True, related_name="spot_checks", verbose_name="课程"
    )
    number = models.CharField("检查编号", max_length=40, unique=True)
    entry_key = models.UUIDField("表单标识", unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="检查单位")
    inspector = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="检查人"
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    checked_at = models.DateTimeField("检查时间")
    expected = models.PositiveSmallIntegerField("在册人数")
    signed_in = models.PositiveSmallIntegerField("签到人数", null=True, blank=True)
    counted = models.PositiveSmallIntegerField("现场人数")
    remarks = models.TextField("检查记录", blank=True)
    remedy_rule = models.CharField("整改时限", max_length=60, blank=True)
    state = models.CharField("状态", max_length=10, choices=CheckState)

    history = HistoricalRecords()
    objects = SpotCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "培训检查"
        verbose_name_plural = "培训检查"
        constraints = [
            SPOT_CHECK.constraint("spot_check_state_known"),
            models.CheckConstraint(
                condition=Q(state="CLEAN", remedy_rule="") | (~Q(state="CLEAN") & ~Q(remedy_rule="")),
                name="spot_check_remedy_has_rule",
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="spot_check_state")]

    def __str__(self) -> str:
        return f"{self.plan.institution.short_name}{self.plan.job_type}班培训检查（{self.number}）"

    @property
    def inspector_name(self) -> str:
        """Who came, and for whom they acted."""
        return named(self.inspector, self.on_behalf_of)


class SpotFinding(FindingFields):
    """One item of the checklist as it was found, with the text that the checklist had then."""

    visit = models.ForeignKey(SpotCheck, on_delete=models.PROTECT, related_name="findings", verbose_name="检查")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "检查项目"
        verbose_name_plural = "检查项目"
        constraints = [
            models.UniqueConstraint(fields=["visit", "item"], name="spot_finding_once"),
            models.CheckConstraint(condition=Q(grade="") | ~Q(note=""), name="spot_finding_says_what"),
        ]


class SpotAnswer(AnswerFields):
    """What the institution did about the findings, and what the inspector says of it; one row for each round."""

    scope = Scope(
        institution="visit__plan__institution",
        organiser="visit__plan__organiser",
        territory="visit__plan__institution__territory",
    )

    visit = models.ForeignKey(SpotCheck, on_delete=models.PROTECT, related_name="answers", verbose_name="检查")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "整改情况"
        verbose_name_plural = "整改情况"
        constraints = [models.UniqueConstraint(fields=["visit", "round"], name="spot_answer_once")]
