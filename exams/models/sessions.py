"""Exam sessions (场次): one job type, candidates from any classes and institutions, with its parts."""

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from simple_history.models import HistoricalRecords

from certification.catalogue.models import JobType, JobTypeVariant
from certification.organisations.models import Organisation
from certification.organisations.scope import Scope, ScopedQuerySet
from exams.models.sites import ExamRoom, ExamSite, Part
from exams.states import SESSION, SessionState

SLOT_MINUTES = 30


class ExamSession(models.Model):
    """Announced ahead by its organiser. ``starts_on`` (开考) is the day of its earliest part, for everyone in it.

    Announced sessions are public to every account of the province's institutions: they must name one.
    """

    scope = Scope(
        institution=lambda user: Q(),
        organiser="organiser",
        territory="site__territory",
        session=lambda user: Q(pk__in=sessions_served_by(user)),
    )

    organiser = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="exam_sessions", verbose_name="考试组织单位"
    )
    job_type = models.ForeignKey(JobType, on_delete=models.PROTECT, related_name="+", verbose_name="操作项目")
    variant = models.ForeignKey(
        JobTypeVariant, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="细分"
    )
    number = models.CharField("期次编号", max_length=40, unique=True)
    site = models.ForeignKey(ExamSite, on_delete=models.PROTECT, related_name="sessions", verbose_name="考试点")
    starts_on = models.DateField("开考日期")
    capacity = models.PositiveSmallIntegerField("计划容量")
    state = models.CharField("状态", max_length=16, choices=SessionState, default=SessionState.ANNOUNCED)
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    announced_at = models.DateTimeField("公布时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考试场次"
        verbose_name_plural = "考试场次"
        constraints = [
            SESSION.constraint("exam_session_state_known"),
            models.CheckConstraint(condition=Q(capacity__gt=0), name="exam_session_capacity"),
        ]
        indexes = [
            models.Index(fields=["organiser", "-starts_on", "-id"], name="exam_session_organiser"),
            models.Index(fields=["job_type", "starts_on"], name="exam_session_job_type"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.job_type}"


def sessions_served_by(user):
    """Ids of the sessions on whose staff the person of ``user`` is, as a subquery; who was released is not."""
    serving = SessionPart.objects.filter(rooms__staff__person=user.person_id, rooms__staff__ended_at__isnull=True)
    return serving.values("session")


class SessionPart(models.Model):
    """Theory or practical of a session: a day and a run of 30-minute slots (slot 0 begins at 00:00).

    The files of its scores belong to it: its organiser's, whosever candidates sat."""

    scope = Scope(organiser="session__organiser")

    session = models.ForeignKey(ExamSession, on_delete=models.PROTECT, related_name="parts", verbose_name="场次")
    part = models.CharField("科目", max_length=10, choices=Part)
    day = models.DateField("日期")
    first_slot = models.PositiveSmallIntegerField("开始时段")
    last_slot = models.PositiveSmallIntegerField("结束时段")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考试科目"
        verbose_name_plural = "考试科目"
        ordering = ["day", "first_slot"]
        constraints = [
            models.UniqueConstraint(fields=["session", "part"], name="session_part_once"),
            models.CheckConstraint(
                condition=Q(last_slot__gte=F("first_slot"), last_slot__lte=47), name="session_part_slots_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} {self.get_part_display()}"

    @property
    def starts_at(self) -> str:
        """The time of day at which the part begins, as 09:00."""
        return slot_time(self.first_slot)

    @property
    def ends_at(self) -> str:
        """The time of day at which the last slot ends, as 11:00."""
        return slot_time(self.last_slot + 1)


def slot_time(slot: int) -> str:
    """The time of day at which ``slot`` begins; slot 48 is 24:00."""
    return f"{slot * SLOT_MINUTES // 60:02d}:{slot * SLOT_MINUTES % 60:02d}"


class RoomUseQuerySet(models.QuerySet):
    def in_force(self):
        """The rooms that the parts have now."""
        return self.filter(ended_at__isnull=True)

    def with_people(self):
        """With how many sit (``sitting``) and serve, or were asked to (``serving``), in each."""
        return self.annotate(
            sitting=Count("seats", distinct=True),
            serving=Count("staff", filter=Q(staff__ended_at__isnull=True), distinct=True),
        )


class RoomUse(models.Model):
    """A room given to a part of a session. Ended, never deleted, once somebody was on duty in it: when the session is
    cancelled, or its part moves to a time at which the room is taken."""

    part = models.ForeignKey(SessionPart, on_delete=models.PROTECT, related_name="rooms", verbose_name="考试科目")
    room = models.ForeignKey(ExamRoom, on_delete=models.PROTECT, related_name="uses", verbose_name="考场")
    ended_at = models.DateTimeField("解除时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = RoomUseQuerySet.as_manager()

    class Meta:
        verbose_name = "考场安排"
        verbose_name_plural = "考场安排"
        constraints = [
            models.UniqueConstraint(fields=["part", "room"], condition=Q(ended_at__isnull=True), name="room_use_once")
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.room}"
