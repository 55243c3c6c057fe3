"""The one table of obligations: who must do what by which day, and when it was done."""

from datetime import date, datetime

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification import clock
from certification.organisations.models import Organisation
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.rulebook.models import Rule

OPEN = Q(closed_at__isnull=True)
UNMET = Q(closed_at__isnull=True, met_at__isnull=True)


class DeadlineQuerySet(ScopedQuerySet):
    def open(self):
        """Not closed: met or unmet, in time or overdue."""
        return self.filter(OPEN)

    def unmet(self):
        """Still to be done."""
        return self.filter(UNMET)

    def overdue(self, today: date):
        """Still to be done, and the last day in time lies before ``today``; provisional dates never are, nor is
        what is paused."""
        return self.unmet().filter(provisional=False, paused_on__isnull=True, due_on__lt=today)

    def of(self, rule_code: str | None, subjects: list[models.Model]):
        """The deadlines of one rule (None: of every rule) about ``subjects``, all of one model."""
        if not subjects:
            return self.none()
        found = self.filter(
            subject_type=ContentType.objects.get_for_model(subjects[0]),
            subject_id__in=[subject.pk for subject in subjects],
        )
        return found if rule_code is None else found.filter(rule__code=rule_code)

    def for_display(self):
        """With everything that the time-left badge and a list row read."""
        return self.select_related("rule", "rule__edition", "responsible")


class Deadline(models.Model):
    """One obligation about one case under one rule. Facts are stored; whether it is due, met or overdue and how
    many days are left is derived, so that a missed run of a job loses nothing.

    ``due_on`` is the last day in time, until 24:00 Asia/Shanghai. ``responsible`` must act; ``institution`` and
    ``organiser`` are those of the case and let them see it. ``version`` grows each time the due date moves.

    ``reopened_at``: when what had been met came back last, to be done again by the same day.

    ``met_late`` is judged by the due date that held when it was met, so that a moved date changes nothing that was
    done. ``extension_days`` (working days) were granted on top of the rule's. While ``paused_on`` is set the clock
    stands still and ``due_on`` is what held before (see ``pauses``). ``next_reminder_on`` is the next day on which
    somebody may have to be reminded (see ``stages``); None after the last. ``late_admission`` is what it was met late
    by (逾期特批).
    """

    class State(models.TextChoices):
        """Derived, never stored."""

        OPEN = "OPEN", "办理中"
        PAUSED = "PAUSED", "中止计算"
        OVERDUE = "OVERDUE", "逾期"
        MET = "MET", "按时办结"
        MET_LATE = "MET_LATE", "逾期办结"
        CLOSED = "CLOSED", "已终止"

    scope = Scope(institution="institution", organiser="organiser", territory="institution__territory")

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="+", verbose_name="规则")
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    responsible = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="deadlines", verbose_name="责任单位"
    )
    institution = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="培训机构"
    )
    organiser = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="考试组织单位"
    )
    anchor_on = models.DateField("起算日期")
    due_on = models.DateField("截止日期")
    provisional = models.BooleanField("暂定", default=False)
    calendar_signature = models.CharField("日历版本", max_length=200, blank=True)
    extension_days = models.PositiveSmallIntegerField("延长工作日", default=0)
    paused_on = models.DateField("中止计算之日", null=True, blank=True)
    next_reminder_on = models.DateField("下次提醒日期", null=True, blank=True)
    version = models.PositiveSmallIntegerField("版本", default=1)
    opened_at = models.DateTimeField("产生时间")
    reopened_at = models.DateTimeField("再次办理时间", null=True, blank=True)
    met_at = models.DateTimeField("办结时间", null=True, blank=True)
    met_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    met_late = models.BooleanField("逾期办结", null=True, blank=True)
    late_admission = models.ForeignKey(
        "deadlines.LateAdmission", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    breached_at = models.DateTimeField("记为逾期时间", null=True, blank=True)
    consequence_run_at = models.DateTimeField("逾期后果执行时间", null=True, blank=True)
    closed_at = models.DateTimeField("终止时间", null=True, blank=True)
    closed_reason = models.CharField("终止原因", max_length=120, blank=True)

    history = HistoricalRecords()
    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = "时限"
        verbose_name_plural = "时限"
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject_type", "subject_id"], condition=OPEN, name="deadline_open_once"
            ),
            models.CheckConstraint(
                condition=Q(met_at__isnull=True, met_late__isnull=True)
                | Q(met_at__isnull=False, met_late__isnull=False),
                name="deadline_met_is_judged",
            ),
            models.CheckConstraint(
                condition=Q(breached_at__isnull=True) | Q(provisional=False), name="deadline_provisional_never_breached"
            ),
            models.CheckConstraint(
                condition=Q(consequence_run_at__isnull=True) | Q(breached_at__isnull=False),
                name="deadline_consequence_after_breach",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], condition=UNMET, name="deadline_unmet"),
            models.Index(
                fields=["due_on", "id"],
                condition=UNMET & Q(breached_at__isnull=True, provisional=False, paused_on__isnull=True),
                name="deadline_sweep",
            ),
            # Board and figures ask for all of them by day: half a million in 0.2 ms instead of 150 to 850.
            models.Index(fields=["due_on", "id"], name="deadline_due"),
            models.Index(fields=["responsible", "due_on", "id"], condition=UNMET, name="deadline_responsible"),
            models.Index(fields=["institution", "due_on", "id"], condition=UNMET, name="deadline_institution"),
            models.Index(fields=["organiser", "due_on", "id"], condition=UNMET, name="deadline_organiser"),
            models.Index(
                fields=["id"],
                condition=Q(breached_at__isnull=False, consequence_run_at__isnull=True),
                name="deadline_consequence",
            ),
            models.Index(fields=["next_reminder_on", "id"], condition=UNMET, name="deadline_reminder"),
            models.Index(fields=["subject_type", "subject_id"], name="deadline_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}（{self.due_on:%Y-%m-%d}）"

    @property
    def ends_at(self) -> datetime:
        """24:00 Asia/Shanghai of the due day: the first moment that is too late."""
        return clock.end_of(self.due_on)

    def state_at(self, now: datetime) -> State:
        """Where the obligation stands at ``now``; a provisional date is never overdue, and nothing was done too
        late by one."""
        if self.met_at is not None:
            return self.State.MET_LATE if self.met_late else self.State.MET
        if self.closed_at is not None:
            return self.State.CLOSED
        if self.paused_on is not None:
            return self.State.PAUSED
        return self.State.OVERDUE if self.is_late_at(now) else self.State.OPEN

    def is_late_at(self, now: datetime) -> bool:
        """Whether ``now`` is too late for the due date as it stands; never by a provisional date or in a pause."""
        return now >= self.ends_at and not self.provisional and self.paused_on is None
