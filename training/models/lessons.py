"""The lessons of a class (课程表): what is taught when, where, by whom, for how many hours [四(一)]."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Person
from certification.workdays.wording import plain_day
from training.models.plans import TrainingPlan
from training.models.resources import Venue
from training.states import LESSON, LessonState


class LessonPart(models.TextChoices):
    THEORY = "THEORY", "理论"
    PRACTICAL = "PRACTICAL", "实操"


class LessonMode(models.TextChoices):
    ONSITE = "ONSITE", "线下"
    ONLINE = "ONLINE", "线上"


class LessonQuerySet(ScopedQuerySet):
    def standing(self):
        """Not cancelled."""
        return self.filter(state=LessonState.PLANNED)

    def to_sign(self):
        """Lessons at which people sign in: on site, not cancelled."""
        return self.standing().filter(mode=LessonMode.ONSITE)

    def for_display(self):
        """With what a row shows, in the order of time."""
        return self.select_related("teacher", "venue").order_by("day", "starts_at", "pk")


class Lesson(models.Model):
    """One lesson. ``hours`` are training hours (学时), not those of the clock; rule ``training.lesson`` says how many
    minutes one has. People sign in at lessons on site; hours online come from the platforms."""

    scope = Scope(
        institution="plan__institution", organiser="plan__organiser", territory="plan__institution__territory"
    )

    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="lessons", verbose_name="班级")
    day = models.DateField("日期")
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    hours = models.DecimalField("学时", max_digits=4, decimal_places=1)
    part = models.CharField("类别", max_length=10, choices=LessonPart)
    mode = models.CharField("方式", max_length=8, choices=LessonMode, default=LessonMode.ONSITE)
    subject = models.CharField("课程内容", max_length=60)
    teacher = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="教师"
    )
    venue = models.ForeignKey(
        Venue, on_delete=models.PROTECT, null=True, blank=True, related_name="lessons", verbose_name="场地"
    )
    state = models.CharField("状态", max_length=10, choices=LessonState, default=LessonState.PLANNED)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("排课时间")

    history = HistoricalRecords()
    objects = LessonQuerySet.as_manager()

    class Meta:
        verbose_name = "课程"
        verbose_name_plural = "课程"
        constraints = [
            LESSON.constraint("lesson_state_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="lesson_times_in_order"),
            models.CheckConstraint(condition=Q(hours__gt=0), name="lesson_hours"),
            models.CheckConstraint(
                condition=Q(mode="ONLINE") | Q(teacher__isnull=False, venue__isnull=False),
                name="lesson_onsite_has_teacher_and_venue",
            ),
        ]
        indexes = [
            models.Index(fields=["plan", "day", "starts_at"], name="lesson_plan_day"),
            models.Index(fields=["day"], condition=Q(state="PLANNED", mode="ONSITE"), name="lesson_to_sign"),
        ]

    def __str__(self) -> str:
        return f"{plain_day(self.day)} {self.starts_at:%H:%M} {self.subject}"
