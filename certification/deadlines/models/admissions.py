"""Late admissions (逾期特批): the provincial head lets one case pass a day gone by, by name and with a reason."""

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification import clock
from certification.deadlines.late_admissions.states import LATE_ADMISSION, AdmissionState
from certification.organisations.models import Organisation, signed_name
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.rulebook.models import Rule

# Case id and event day → the admission that counts there.
Known = dict[tuple[int, date], "LateAdmission"]


class LateAdmissionQuerySet(ScopedQuerySet):
    def about(self, rule_code: str | None, subjects: Sequence[models.Model]):
        """Those of one rule (None: of every rule) about ``subjects``, all of one model."""
        if not subjects:
            return self.none()
        found = self.filter(
            subject_type=ContentType.objects.get_for_model(subjects[0]),
            subject_id__in=[subject.pk for subject in subjects],
        )
        return found if rule_code is None else found.filter(rule_code=rule_code)

    def in_force(self, day: date):
        """Granted and still valid on ``day``."""
        return self.filter(state=AdmissionState.GRANTED, valid_until__gte=day)

    def known(self, rule_code: str, subjects: Sequence[models.Model]) -> Known:
        """What counts for each case and event day, in one query: a grant before a request before anything else, the
        latest of each."""
        weight = {AdmissionState.GRANTED: 2, AdmissionState.REQUESTED: 1}
        rows = list(self.about(rule_code, subjects).exclude(state=AdmissionState.WITHDRAWN))
        rows.sort(key=lambda row: (weight.get(row.state, 0), row.valid_until or date.min, row.pk))
        return {(row.subject_id, row.event_on): row for row in rows}

    def for_display(self):
        """With everything that a list row and the page of one read."""
        return self.select_related(
            "rule__edition",
            "subject_type",
            "organisation",
            "institution",
            "organiser",
            "requested_by__person",
            "requested_on_behalf_of__person",
            "requested_by__organisation",
            "decided_by__person",
            "decided_on_behalf_of__person",
            "decided_by__organisation",
            "used_by__person",
        )


class LateAdmission(models.Model):
    """One obligation of one case, for one event day: asked for by ``organisation``, decided by the provincial head.

    ``event_on`` is the day that the missed rule counts from (another day needs another admission), ``due_on`` the
    last day that was in time. A grant holds until ``valid_until``, 24:00 Asia/Shanghai, and for as often as the case
    needs it until then; ``used_at`` is the first time. ``requested_by`` is empty where the head admitted unasked.
    """

    State = AdmissionState

    scope = Scope(institution="institution", organiser="organiser", territory="institution__territory")

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="+", verbose_name="规则")
    rule_code = models.CharField("规则代码", max_length=40)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    title = models.CharField("事项", max_length=160)
    event_on = models.DateField("起算日期")
    due_on = models.DateField("截止日期")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="申请单位")
    institution = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="培训机构"
    )
    organiser = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="考试组织单位"
    )
    state = models.CharField("状态", max_length=12, choices=AdmissionState, default=AdmissionState.REQUESTED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="申请人",
    )
    requested_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    requested_at = models.DateTimeField("申请时间")
    request_reason = models.TextField("申请理由", blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="决定人",
    )
    decided_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decision_reason = models.TextField("决定理由", blank=True)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    used_at = models.DateTimeField("首次办理时间", null=True, blank=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="办理人",
    )

    history = HistoricalRecords()
    objects = LateAdmissionQuerySet.as_manager()

    class Meta:
        verbose_name = "逾期特批"
        verbose_name_plural = "逾期特批"
        constraints = [
            LATE_ADMISSION.constraint("late_admission_state_known"),
            models.UniqueConstraint(
                fields=["rule_code", "subject_type", "subject_id", "event_on"],
                condition=Q(state=AdmissionState.REQUESTED),
                name="late_admission_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[AdmissionState.REQUESTED, AdmissionState.WITHDRAWN])
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision_reason="")),
                name="late_admission_decided_by_name",
            ),
            models.CheckConstraint(
                condition=~Q(state=AdmissionState.GRANTED) | Q(valid_until__isnull=False),
                name="late_admission_granted_until",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(state=AdmissionState.GRANTED),
                name="late_admission_used_when_granted",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "rule_code"], name="late_admission_subject"),
            models.Index(fields=["state", "id"], name="late_admission_state"),
            models.Index(fields=["institution", "id"], name="late_admission_institution"),
            models.Index(fields=["organiser", "id"], name="late_admission_organiser"),
        ]

    def __str__(self) -> str:
        return f"{self.rule.title}逾期特批：{self.title}"

    requested_by_name = signed_name("requested")
    decided_by_name = signed_name("decided")

    @property
    def ends_at(self) -> datetime | None:
        """24:00 Asia/Shanghai of the last day of a grant: the first moment at which it holds no more."""
        return clock.end_of(self.valid_until) if self.valid_until else None

    def admits_at(self, now: datetime) -> bool:
        """Whether the case may still pass by it at ``now``."""
        return self.state == AdmissionState.GRANTED and now < self.ends_at

    def expired_at(self, now: datetime) -> bool:
        """Whether it was granted and ran out before anybody made use of it."""
        return self.state == AdmissionState.GRANTED and self.used_at is None and now >= self.ends_at
