"""The exam plan (考试计划): one organiser's filing of one or more announced sessions [三(三)]."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.organisations.models import Organisation
from certification.organisations.scope import Scope, ScopedQuerySet
from exams.states import EXAM_PLAN, ExamPlanState


class ExamPlanQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """As the scope says; what was never filed is nobody's business but its organiser's."""
        seen = super().visible_to(user)
        if user.is_system:
            return seen
        return seen.filter(Q(filed_at__isnull=False) | Q(organiser=user.organisation_id))


class ExamPlan(models.Model):
    """Filed with the province five working days before the earliest of its sessions, with provisional numbers.

    ``version`` grows each time it is filed again, and when a session of a filed plan moves or is cancelled (3.5).
    """

    scope = Scope(organiser="organiser", territory="organiser__territory")

    organiser = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="exam_plans", verbose_name="考试组织单位"
    )
    title = models.CharField("名称", max_length=80)
    number = models.CharField("编号", max_length=40, blank=True)
    state = models.CharField("状态", max_length=16, choices=ExamPlanState, default=ExamPlanState.DRAFT)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    filed_at = models.DateTimeField("首次报送时间", null=True, blank=True)
    version = models.PositiveSmallIntegerField("报送版本", default=1)
    answer = models.TextField("省厅考试中心意见", blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("创建时间")

    history = HistoricalRecords()
    objects = ExamPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "考试计划"
        verbose_name_plural = "考试计划"
        constraints = [
            EXAM_PLAN.constraint("exam_plan_state_known"),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="exam_plan_number_once"),
        ]

    def __str__(self) -> str:
        return self.title


class ExamPlanItem(models.Model):
    """One session in an exam plan, with the number of candidates expected when it was filed (rules 3.4).
    ``final`` is the number after the review, as it was told last, at ``followed_at``.

    ``filed_at`` is when the session was first filed with this plan; a return does not change it (2.8).
    """

    plan = models.ForeignKey(ExamPlan, on_delete=models.PROTECT, related_name="items", verbose_name="考试计划")
    session = models.OneToOneField(
        "exams.ExamSession", on_delete=models.PROTECT, related_name="plan_item", verbose_name="场次"
    )
    expected = models.PositiveSmallIntegerField("预计人数")
    filed_at = models.DateTimeField("首次报送时间", null=True, blank=True)
    final = models.PositiveSmallIntegerField("核定人数", null=True, blank=True)
    followed_at = models.DateTimeField("核定时间", null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "考试计划场次"
        verbose_name_plural = "考试计划场次"

    def __str__(self) -> str:
        return f"{self.plan} {self.session}"
