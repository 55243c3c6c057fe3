"""Inspection tours (巡考) of a session by the province or the city, what was found, and what follows [三(三)]."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.inspections.models import AnswerFields, FindingFields
from certification.inspections.states import TO_REMEDY, CheckState
from certification.organisations.models import Organisation, named
from certification.organisations.scope import Scope, ScopedQuerySet
from exams.day_states import TOUR
from exams.models.sessions import ExamSession


class TourEffect(models.TextChoices):
    """What a tour means for the site."""

    NONE = "NONE", "无"
    ADMONISHED = "ADMONISHED", "通报"
    SUSPENSION = "SUSPENSION", "建议暂停使用考试点"


class TourQuerySet(ScopedQuerySet):
    def suspending(self):
        """The tours by which a site is suspended now."""
        return self.filter(suspended_at__isnull=False, restored_at__isnull=True)

    def to_remedy(self):
        """What an organiser has to remedy."""
        return self.filter(state__in=TO_REMEDY)

    def for_display(self):
        """With what a row shows."""
        return self.select_related(
            "session__job_type",
            "session__site",
            "session__organiser",
            "organisation",
            "inspector__person",
            "on_behalf_of__person",
            "about",
        )


class InspectionTour(models.Model):
    """One tour of a session at its site. The organiser remedies what was found; ``about`` is a training institution
    whose candidates it concerns. ``suspended_at``: the head suspended the site, ``restored_at``: it may be used again,
    where it was in use before (``was_active``) and no other tour suspends it.
    """

    scope = Scope(organiser="session__organiser", territory="session__site__territory")

    session = models.ForeignKey(ExamSession, on_delete=models.PROTECT, related_name="tours", verbose_name="考试场次")
    number = models.CharField("巡考编号", max_length=40, unique=True)
    entry_key = models.UUIDField("表单标识", unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="巡考单位")
    inspector = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="巡考人"
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    toured_at = models.DateTimeField("巡考时间")
    remarks = models.TextField("巡考记录", blank=True)
    about = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及培训机构"
    )
    remedy_rule = models.CharField("整改时限", max_length=60, blank=True)
    state = models.CharField("状态", max_length=10, choices=CheckState)
    effect = models.CharField("对考试点的处理", max_length=12, choices=TourEffect, default=TourEffect.NONE)
    suspended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    suspended_at = models.DateTimeField("暂停使用时间", null=True, blank=True)
    was_active = models.BooleanField("暂停前启用", null=True, editable=False)
    restored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    restored_at = models.DateTimeField("恢复使用时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = TourQuerySet.as_manager()

    class Meta:
        verbose_name = "巡考"
        verbose_name_plural = "巡考"
        constraints = [
            TOUR.constraint("tour_state_known"),
            models.CheckConstraint(
                condition=Q(state="CLEAN", remedy_rule="") | (~Q(state="CLEAN") & ~Q(remedy_rule="")),
                name="tour_remedy_has_rule",
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="tour_state")]

    def __str__(self) -> str:
        return f"{self.session.site}巡考（{self.number}）"

    @property
    def inspector_name(self) -> str:
        """Who came, and for whom they acted."""
        return named(self.inspector, self.on_behalf_of)


class TourFinding(FindingFields):
    """One item of the tour's checklist as it was found."""

    visit = models.ForeignKey(InspectionTour, on_delete=models.PROTECT, related_name="findings", verbose_name="巡考")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "巡考项目"
        verbose_name_plural = "巡考项目"
        constraints = [
            models.UniqueConstraint(fields=["visit", "item"], name="tour_finding_once"),
            models.CheckConstraint(condition=Q(grade="") | ~Q(note=""), name="tour_finding_says_what"),
        ]


class TourAnswer(AnswerFields):
    """What the organiser did about the findings, and what the inspector says of it; one row for each round."""

    scope = Scope(organiser="visit__session__organiser", territory="visit__session__site__territory")

    visit = models.ForeignKey(InspectionTour, on_delete=models.PROTECT, related_name="answers", verbose_name="巡考")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "巡考整改情况"
        verbose_name_plural = "巡考整改情况"
        constraints = [models.UniqueConstraint(fields=["visit", "round"], name="tour_answer_once")]
