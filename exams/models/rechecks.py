"""Requests to have a released score re-checked (成绩复核申请), each with its own way to an answer."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.organisations.models import signed_name
from certification.organisations.scope import Scope, ScopedQuerySet
from exams.models.applications import OF_APPLICATION
from exams.models.results import Result
from exams.states import OPEN_RECHECKS, RECHECK, RecheckState


class ScoreRecheck(models.Model):
    """A candidate's request, filed by the institution. ``finding`` is what the original records say (and ``corrected``
    the score that follows, as ``exams.scores.rows.Row`` would: empty where the score stands), ``before`` the score as
    it was released; ``answer`` is what the candidate is told."""

    scope = Scope(**{reach: f"result__candidate__application__{path}" for reach, path in OF_APPLICATION.items()})

    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="rechecks", verbose_name="成绩")
    number = models.CharField("编号", max_length=40, unique=True)
    state = models.CharField("状态", max_length=12, choices=RecheckState, default=RecheckState.REQUESTED)
    reason = models.TextField("申请理由")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField("申请时间")
    before = models.JSONField("原成绩", default=dict)
    finding = models.TextField("核查情况", blank=True)
    corrected = models.JSONField("更正为", default=dict, blank=True)
    found_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    found_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    found_at = models.DateTimeField("核查时间", null=True, blank=True)
    answer = models.TextField("答复", blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "成绩复核申请"
        verbose_name_plural = "成绩复核申请"
        constraints = [
            RECHECK.constraint("score_recheck_state_known"),
            models.UniqueConstraint(
                fields=["result"],
                condition=Q(state__in=[state.value for state in OPEN_RECHECKS]),
                name="score_recheck_open_once",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | Q(found_by__isnull=True) | ~Q(answered_by=models.F("found_by")),
                name="score_recheck_two_persons",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="score_recheck_state")]

    def __str__(self) -> str:
        return self.number

    found_by_name = signed_name("found")
    answered_by_name = signed_name("answered")
