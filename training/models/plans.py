"""The training plan (培训计划): one plan is one class of one job type and one kind [三(一)]."""

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from certification.catalogue.models import ApplicationKind, Category, JobType, JobTypeVariant
from certification.organisations.models import Organisation, signed_name
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Person
from certification.rulebook.models import RuleEdition
from certification.workdays.wording import plain_day
from training.states import PLAN, RECEIPT, STANDING, Phase, PlanState, ReceiptState


class TrainingPlanQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """As the scope says; what was never filed is nobody's business but its institution's."""
        seen = super().visible_to(user)
        if user.is_system:
            return seen
        return seen.filter(Q(filed_at__isnull=False) | Q(institution=user.organisation_id))

    def standing(self):
        """Plans whose class may run: filed, and neither returned nor rejected."""
        return self.filter(state__in=STANDING)

    def in_phase(self, phase: str, today: date):
        """Standing classes that on ``today`` are before, in, or behind their days of class."""
        days = {
            Phase.UPCOMING: Q(class_start__gt=today),
            Phase.RUNNING: Q(class_start__lte=today, class_end__gte=today),
            Phase.ENDED: Q(class_end__lt=today),
        }
        return self.standing().filter(days[Phase(phase)])


class TrainingPlan(models.Model):
    """What an institution files before class. Route, rule edition and number are fixed at the first filing.

    A draft may be incomplete: the columns hold what could be read of it, ``typed`` the form as it was typed. While
    the plan is returned, ``typed`` collects the answer; the columns change when it is filed again.
    """

    scope = Scope(institution="institution", organiser="organiser", territory="institution__territory")

    institution = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="training_plans", verbose_name="培训机构"
    )
    job_type = models.ForeignKey(
        JobType, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="操作项目"
    )
    variant = models.ForeignKey(
        JobTypeVariant, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="细分"
    )
    kind = models.CharField("培训类型", max_length=16, choices=ApplicationKind, blank=True)
    class_start = models.DateField("开班日期", null=True, blank=True)
    class_end = models.DateField("结班日期", null=True, blank=True)
    wished_exam_on = models.DateField("拟考试日期", null=True, blank=True)
    capacity = models.PositiveSmallIntegerField("班级容量", null=True, blank=True)
    onsite_hours = models.PositiveSmallIntegerField("线下学时", null=True, blank=True)
    online_hours = models.PositiveSmallIntegerField("线上学时", default=0)
    venue = models.CharField("培训地点", max_length=160, blank=True)
    remarks = models.TextField("备注", blank=True)
    entry_key = models.UUIDField("表单标识", default=uuid.uuid4, unique=True, editable=False)
    typed = models.JSONField("填写内容", default=dict, blank=True)

    state = models.CharField("状态", max_length=16, choices=PlanState, default=PlanState.DRAFT)
    version = models.PositiveSmallIntegerField("报备版本", default=0)
    number = models.CharField("报备编号", max_length=40, blank=True)
    category = models.CharField("分类", max_length=3, choices=Category, blank=True)
    organiser = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="考试组织单位"
    )
    rule_edition = models.ForeignKey(
        RuleEdition, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="规则版本"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("创建时间")
    filed_at = models.DateTimeField("首次报备时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = TrainingPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "培训计划"
        verbose_name_plural = "培训计划"
        constraints = [
            PLAN.constraint("training_plan_state_known"),
            models.CheckConstraint(condition=Q(class_end__gte=F("class_start")), name="training_plan_dates_in_order"),
            models.CheckConstraint(condition=Q(capacity__gt=0), name="training_plan_capacity"),
            models.CheckConstraint(
                condition=Q(state__in=[PlanState.DRAFT, PlanState.WITHDRAWN])
                | Q(organiser__isnull=False, rule_edition__isnull=False, filed_at__isnull=False),
                name="training_plan_filed_is_routed",
            ),
            models.CheckConstraint(
                condition=Q(filed_at__isnull=True)
                | Q(
                    ~Q(kind=""),
                    job_type__isnull=False,
                    class_start__isnull=False,
                    class_end__isnull=False,
                    capacity__isnull=False,
                    onsite_hours__isnull=False,
                ),
                name="training_plan_filed_is_complete",
            ),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="training_plan_number_once"),
        ]
        indexes = [
            models.Index(fields=["institution", "-class_start", "-id"], name="training_plan_institution"),
            models.Index(fields=["organiser", "-class_start", "-id"], name="training_plan_organiser"),
            models.Index(fields=["state", "class_start"], name="training_plan_state"),
        ]

    def __str__(self) -> str:
        name = f"{self.job_type or '未选操作项目的'}{self.get_kind_display()}班"
        return f"{name}（{plain_day(self.class_start)}开班）" if self.class_start else name

    @property
    def total_hours(self) -> int:
        """On-site and online hours together."""
        return (self.onsite_hours or 0) + self.online_hours

    @property
    def is_standing(self) -> bool:
        """Whether the class may run: filed, and neither returned, rejected nor withdrawn."""
        return self.state in STANDING


class PlanTeacher(models.Model):
    """A teacher of the class, from the register of persons: separation (4.1) compares persons."""

    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="teachers", verbose_name="培训计划")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name="教师")
    subject = models.CharField("授课内容", max_length=60, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "教师"
        verbose_name_plural = "教师"
        constraints = [models.UniqueConstraint(fields=["plan", "person"], name="plan_teacher_once")]

    def __str__(self) -> str:
        return str(self.person)


class PlanReceiptQuerySet(ScopedQuerySet):
    def to_answer(self, recipient_id: int | None, today: date):
        """What ``recipient`` has not answered yet, of plans that stand and whose class starts after ``today``."""
        return self.filter(
            recipient=recipient_id,
            state=ReceiptState.RECEIVED,
            plan__state__in=STANDING,
            plan__class_start__gt=today,
        )


class PlanReceipt(models.Model):
    """One recipient's receipt of a filed plan, issued by the system at filing, and that recipient's answer.

    The province's word overrides the city's (rules 3).
    """

    scope = Scope(institution="plan__institution", organiser="recipient")

    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="receipts", verbose_name="培训计划")
    recipient = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="接收单位")
    number = models.CharField("回执编号", max_length=40, unique=True)
    received_at = models.DateTimeField("首次收到时间")
    version = models.PositiveSmallIntegerField("报备版本", default=1)
    state = models.CharField("状态", max_length=16, choices=ReceiptState, default=ReceiptState.RECEIVED)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    answered_at = models.DateTimeField("处理时间", null=True, blank=True)
    reason = models.TextField("意见", blank=True)

    history = HistoricalRecords()
    objects = PlanReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = "报备回执"
        verbose_name_plural = "报备回执"
        constraints = [
            RECEIPT.constraint("plan_receipt_state_known"),
            models.UniqueConstraint(fields=["plan", "recipient"], name="plan_receipt_once"),
        ]

    def __str__(self) -> str:
        return self.number

    answered_by_name = signed_name("answered")
