"""Incidents of an exam (违纪、舞弊、替考、突发、设备): act, evidence, statement, decision, effect, review (rules 8)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from certification.organisations.models import signed_name
from certification.organisations.scope import Scope, ScopedQuerySet
from exams.day_states import INCIDENT, IncidentState
from exams.models.candidates import Candidate
from exams.models.sessions import ExamSession, RoomUse, sessions_served_by
from exams.models.sites import Part


class IncidentKind(models.TextChoices):
    VIOLATION = "VIOLATION", "违纪"
    FRAUD = "FRAUD", "舞弊"
    IMPERSONATION = "IMPERSONATION", "替考"
    EMERGENCY = "EMERGENCY", "突发情况"
    EQUIPMENT = "EQUIPMENT", "设备故障"


class Effect(models.TextChoices):
    """What a decision does to the candidate's results of the session."""

    NONE = "NONE", "记录在案"
    VOID_PART = "VOID_PART", "该科成绩无效"
    VOID_ALL = "VOID_ALL", "本场次全部成绩无效"


# What an institution is told: once it is decided.
TOLD = (IncidentState.DECIDED, IncidentState.REVIEWING, IncidentState.UPHELD, IncidentState.REVOKED)


def _near(user) -> Q:
    """What a city sees of another's exams: its own institutions' people, and what concerns nobody at a site in it."""
    city = user.organisation.territory_id
    return Q(candidate__application__institution__territory=city) | Q(
        candidate__isnull=True, session__site__territory=city
    )


class IncidentQuerySet(ScopedQuerySet):
    def for_display(self):
        """With what a row and a page show."""
        return self.select_related(
            "session__job_type",
            "session__organiser",
            "use__room",
            "use__part",
            "candidate__application__person",
            "candidate__application__institution",
            "reported_by__person",
            "reported_on_behalf_of__person",
            "proposed_by__person",
            "proposed_on_behalf_of__person",
            "decided_by__person",
            "decided_on_behalf_of__person",
            "reviewed_by__person",
            "reviewed_on_behalf_of__person",
        )


class Incident(models.Model):
    """One thing that happened. ``act`` is the code in the list of acts of the edition, ``act_text`` and ``clause`` what
    it said then. ``impostor_name`` and ``impostor_number`` name who sat in the candidate's place. ``barred``: with the
    decision a bar is proposed. Evidence are the stored files that it owns."""

    scope = Scope(
        institution=lambda user: Q(candidate__application__institution=user.organisation_id, state__in=TOLD),
        organiser="session__organiser",
        territory=_near,
        session=lambda user: Q(session__in=sessions_served_by(user)),
    )

    number = models.CharField("编号", max_length=40, unique=True)
    entry_key = models.UUIDField("表单标识", unique=True, editable=False)
    session = models.ForeignKey(
        ExamSession, on_delete=models.PROTECT, related_name="incidents", verbose_name="考试场次"
    )
    use = models.ForeignKey(
        RoomUse, on_delete=models.PROTECT, null=True, blank=True, related_name="incidents", verbose_name="考场"
    )
    candidate = models.ForeignKey(
        Candidate, on_delete=models.PROTECT, null=True, blank=True, related_name="incidents", verbose_name="考生"
    )
    part = models.CharField("科目", max_length=10, choices=Part, blank=True)
    kind = models.CharField("类别", max_length=14, choices=IncidentKind)
    act = models.CharField("情形代码", max_length=40)
    act_text = models.CharField("情形", max_length=160)
    clause = models.CharField("依据", max_length=120)
    happened_at = models.DateTimeField("发生时间")
    description = models.TextField("经过")
    impostor_name = models.CharField("替考人姓名", max_length=60, blank=True)
    impostor_number = models.CharField("替考人证件号码", max_length=20, blank=True)
    state = models.CharField("状态", max_length=12, choices=IncidentState, default=IncidentState.REPORTED)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="报告人"
    )
    reported_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    reported_at = models.DateTimeField("报告时间")
    statement = models.TextField("考生陈述申辩", blank=True)
    statement_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    statement_at = models.DateTimeField("陈述记录时间", null=True, blank=True)
    effect = models.CharField("处理", max_length=10, choices=Effect, blank=True)
    barred = models.BooleanField("提请禁考", default=False)
    proposal = models.TextField("处理意见", blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    proposed_at = models.DateTimeField("提出时间", null=True, blank=True)
    decision = models.TextField("处理决定", blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    told_on = models.DateField("告知本人日期", null=True, blank=True)
    told_how = models.CharField("告知方式和凭证", max_length=200, blank=True)
    review_request = models.TextField("复核请求", blank=True)
    review_until = models.DateField("申请复核截止", null=True, blank=True)
    review_decision = models.TextField("复核决定", blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    reviewed_at = models.DateTimeField("复核时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = "考试异常情况"
        verbose_name_plural = "考试异常情况"
        constraints = [
            INCIDENT.constraint("incident_state_known"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(proposed_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="incident_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("decided_by")),
                name="incident_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(candidate__isnull=False) | (Q(effect__in=["", "NONE"], barred=False)),
                name="incident_effect_on_somebody",
            ),
        ]
        indexes = [models.Index(fields=["session", "state"], name="incident_session")]

    def __str__(self) -> str:
        who = f"{self.candidate} " if self.candidate_id else ""
        return f"{who}{self.act_text}（{self.number}）"

    reported_by_name = signed_name("reported")
    proposed_by_name = signed_name("proposed")
    decided_by_name = signed_name("decided")
    reviewed_by_name = signed_name("reviewed")
