"""Who of a tier's reviewers works on which application: taken from the pool, assigned, handed over, given back."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from simple_history.models import HistoricalRecords

from approvals.models.reviews import Stage
from certification.organisations.models import Organisation, signed_name
from certification.organisations.scope import Scope, ScopedQuerySet
from exams.models import ExamApplication


class How(models.TextChoices):
    """How an application came to whoever works on it."""

    TAKEN = "TAKEN", "认领"
    ASSIGNED = "ASSIGNED", "分派"
    HANDED_OVER = "HANDED_OVER", "转办"
    TAKEN_OVER = "TAKEN_OVER", "接手"


class Ending(models.TextChoices):
    """How it left them."""

    DONE = "DONE", "已办理"
    MOVED_ON = "MOVED_ON", "事项已转出"
    HANDED_OVER = "HANDED_OVER", "转办"
    GIVEN_BACK = "GIVEN_BACK", "退回待认领"
    TAKEN_OVER = "TAKEN_OVER", "由他人接手"
    REASSIGNED = "REASSIGNED", "改派"


class AssignmentQuerySet(ScopedQuerySet):
    def open(self) -> "AssignmentQuerySet":
        """What somebody works on now."""
        return self.filter(ended_at__isnull=True)

    def for_display(self) -> "AssignmentQuerySet":
        """With the names that a line shows."""
        return self.select_related("assignee__person", "assigned_by__person", "on_behalf_of__person")

    def of_row(self) -> Exists:
        """Whether one of these is about the application that an outer query is at."""
        return Exists(self.filter(application=OuterRef("pk")))


class Assignment(models.Model):
    """``assignee`` works on the review of an application in one ``stage``. A row for each turn: a hand-over ends one
    and begins the next. Whoever acts for somebody (rules 4.5) takes in the name of the absent person.

    It says who works on what, not who may: that is ``reviewing`` and the rule review.assignment.
    """

    scope = Scope(organiser="application__organiser", territory="application__institution__territory")

    application = models.ForeignKey(
        ExamApplication, on_delete=models.PROTECT, related_name="assignments", verbose_name="考试申报"
    )
    stage = models.CharField("环节", max_length=20, choices=Stage)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="审核单位")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments", verbose_name="办理人"
    )
    how = models.CharField("方式", max_length=12, choices=How)
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="经办人"
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    assigned_at = models.DateTimeField("时间")
    reason = models.CharField("理由", max_length=200, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ending = models.CharField("结束方式", max_length=12, choices=Ending, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    history = HistoricalRecords()
    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "办理分派"
        verbose_name_plural = "办理分派"
        ordering = ["assigned_at", "pk"]
        indexes = [
            models.Index(
                fields=["organisation", "assignee"], condition=Q(ended_at__isnull=True), name="assignment_in_hand"
            ),
            models.Index(fields=["organisation", "ended_at"], name="assignment_ended"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "stage"], condition=Q(ended_at__isnull=True), name="assignment_open_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ending="", ended_by__isnull=True)
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ending="")),
                name="assignment_ended_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(how="HANDED_OVER") | ~Q(reason=""), name="assignment_hand_over_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}：{self.assignee}"

    assigned_by_name = signed_name("assigned", "on_behalf_of")
