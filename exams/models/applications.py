"""Exam applications (申报考试) [三(二)]."""

from datetime import date

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from simple_history.models import HistoricalRecords

from certification.catalogue.models import ApplicationKind, Category, JobType, JobTypeCodeField, JobTypeVariant
from certification.organisations.models import Organisation
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Person
from certification.rulebook.models import RuleEdition
from exams.models.sessions import ExamSession
from exams.states import (
    APPLICATION,
    IN_POOL,
    IN_SESSION,
    OPEN,
    UNDER_REVIEW,
    ApplicationState,
    CandidateState,
)
from training.models import Trainee, TrainingPlan

# Comes last in every list by due day: no exam session yet, so no day is counted.
NO_DATE = date(9999, 12, 31)
_WAITS = Q(state__in=[state.value for state in UNDER_REVIEW])
OF_APPLICATION = {"institution": "institution", "organiser": "organiser", "territory": "institution__territory"}


class ApplicationBatch(models.Model):
    """One submission by an institution: applications of one class sent together, with one receipt."""

    scope = Scope(
        institution="plan__institution", organiser="plan__organiser", territory="plan__institution__territory"
    )

    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="batches", verbose_name="班级")
    number = models.CharField("申报编号", max_length=40, unique=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField("提交时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "申报批次"
        verbose_name_plural = "申报批次"

    def __str__(self) -> str:
        return self.number


class ExamApplicationQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """As the scope says; what was never submitted is nobody's business but its institution's."""
        seen = super().visible_to(user)
        if user.is_system:
            return seen
        return seen.filter(Q(first_submitted_at__isnull=False) | Q(institution=user.organisation_id))

    def with_case(self):
        """With everything that a row of a list and a check read, in the same query."""
        return self.select_related(
            "person",
            "trainee",
            "plan__job_type__group",
            "institution",
            "organiser",
            "job_type__group",
            "variant",
            "rule_edition",
            "wished_session",
        )

    def waiting_for_session(self, used_up: Exists):
        """The pool (待安排考试): submitted, in no session, not passed, and with a sitting left, which ``used_up`` tells
        (``exams.sessions.sittings``)."""
        own = apps.get_model("exams", "Candidate").objects.filter(application=OuterRef("pk"))
        placed = own.filter(state__in=[*IN_SESSION, CandidateState.PASSED])
        # Subqueries and no GROUP BY over the joined case: without statistics PostgreSQL chose a plan of minutes.
        return self.filter(~Exists(placed), ~used_up, state__in=IN_POOL)


class ExamApplication(models.Model):
    """One trainee's application. ``state`` is where its review stands; opinions about it live in approvals.

    ``wished_session``: INITIAL names an announced session of its own organiser and job type; the others wait in
    the pool (rules 2.7). ``first_submitted_at`` is the receipt date that a return for correction keeps (2.8).
    ``exempt_basis``: the code of the ground on which no hours are asked for (``paper_standards``), "" for none.
    ``resubmitted_at``: when it came back from its institution last, corrected. ``due_on`` and ``awaits_record`` repeat
    what deadlines and opinions say (``due_days``; the province's own record is still to come, rules 3.1), so that
    lists are read in order from one index, and ``job_type_code`` the code of the job type, which editions of the
    catalogue share; history leaves them out.
    """

    scope = Scope(**OF_APPLICATION)

    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="applications", verbose_name="学员")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="applications", verbose_name="考生")
    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="applications", verbose_name="班级")
    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="培训机构")
    organiser = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="考试组织单位")
    kind = models.CharField("申请类型", max_length=16, choices=ApplicationKind)
    category = models.CharField("分类", max_length=3, choices=Category)
    job_type = models.ForeignKey(JobType, on_delete=models.PROTECT, related_name="+", verbose_name="操作项目")
    job_type_code = JobTypeCodeField("操作项目代码")
    variant = models.ForeignKey(
        JobTypeVariant, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="细分"
    )
    rule_edition = models.ForeignKey(RuleEdition, on_delete=models.PROTECT, related_name="+", verbose_name="规则版本")
    wished_session = models.ForeignKey(
        ExamSession, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="申报场次"
    )
    batch = models.ForeignKey(
        ApplicationBatch, on_delete=models.PROTECT, null=True, blank=True, related_name="applications"
    )
    number = models.CharField("申报编号", max_length=40, blank=True)
    state = models.CharField("状态", max_length=24, choices=ApplicationState, default=ApplicationState.DRAFT)
    returned_from = models.CharField("退回前状态", max_length=24, choices=ApplicationState, blank=True)
    exempt_basis = models.CharField("免培训依据", max_length=40, blank=True)
    conditional = models.BooleanField("待补学时证明", default=False)
    hours_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    hours_confirmed_at = models.DateTimeField("学时证明确认时间", null=True, blank=True)
    first_submitted_at = models.DateTimeField("首次收到时间", null=True, blank=True)
    created_at = models.DateTimeField("创建时间")
    resubmitted_at = models.DateTimeField("补正后再次提交时间", null=True, blank=True)
    due_on = models.DateField("审核截止日期", default=NO_DATE, editable=False)
    awaits_record = models.BooleanField("待省级审核记录", default=False, editable=False)

    history = HistoricalRecords(excluded_fields=["job_type_code", "due_on", "awaits_record"])
    objects = ExamApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "考试申报"
        verbose_name_plural = "考试申报"
        constraints = [
            APPLICATION.constraint("exam_application_state_known"),
            models.CheckConstraint(condition=~Q(job_type_code=""), name="exam_application_job_type_coded"),
            models.UniqueConstraint(
                fields=["person", "job_type_code"],
                condition=Q(state__in=[state.value for state in OPEN if state != ApplicationState.CLEARED]),
                name="exam_application_open_once",
            ),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="exam_application_number_once"),
        ]
        indexes = [
            models.Index(fields=["organiser", "state", "id"], name="exam_application_organiser"),
            models.Index(fields=["state", "id"], name="exam_application_state"),
            models.Index(fields=["plan", "state"], name="exam_application_plan"),
            models.Index(fields=["institution", "state", "id"], name="exam_application_institut"),
            # The review queues, in their order; small beside the table, since most applications are long decided.
            models.Index(fields=["state", "due_on", "id"], condition=_WAITS, name="exam_application_queue"),
            models.Index(
                fields=["organiser", "state", "due_on", "id"], condition=_WAITS, name="exam_application_own_queue"
            ),
            models.Index(
                fields=["state", "due_on", "id"],
                condition=_WAITS & Q(resubmitted_at__isnull=False),
                name="exam_application_again",
            ),
            models.Index(fields=["id"], condition=Q(awaits_record=True), name="exam_application_reported"),
        ]

    def __str__(self) -> str:
        return f"{self.person}（{self.job_type}，{self.get_kind_display()}）"
