"""Results: one candidate's score in one part, entered by one person and checked by another."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from certification.organisations.models import signed_name
from certification.organisations.scope import Scope, ScopedQuerySet
from exams.models.applications import OF_APPLICATION
from exams.models.candidates import Candidate
from exams.models.sites import Part
from exams.states import RESULT, ResultState

# What ``entered_by_name`` and ``checked_by_name`` read.
SIGNED_BY = (
    "entered_by__person",
    "entered_on_behalf_of__person",
    "checked_by__person",
    "checked_on_behalf_of__person",
)


class Result(models.Model):
    """Points out of 100; ``subscores`` holds K1 to K4 of the practical part; ``veto`` is the item that ends it at
    once (否决项); ``drawn`` names the items that were drawn. ``absent`` has no score; ``cancelled`` is one that the
    decision on an incident annuls. ``carried_from`` is a part passed earlier and still valid."""

    scope = Scope(**{reach: f"candidate__application__{path}" for reach, path in OF_APPLICATION.items()})

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="results", verbose_name="考生")
    part = models.CharField("科目", max_length=10, choices=Part)
    absent = models.BooleanField("缺考", default=False)
    score = models.DecimalField("成绩", max_digits=4, decimal_places=1, null=True, blank=True)
    subscores = models.JSONField("分项成绩", default=dict, blank=True)
    veto = models.BooleanField("否决项", default=False)
    drawn = models.CharField("抽考题目", max_length=200, blank=True)
    cancelled = models.BooleanField("成绩取消", default=False)
    passed = models.BooleanField("合格", default=False)
    carried_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField("状态", max_length=12, choices=ResultState, default=ResultState.ENTERED)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    entered_at = models.DateTimeField("录入时间")
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    checked_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    checked_at = models.DateTimeField("复核时间", null=True, blank=True)
    released_at = models.DateTimeField("公布时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "成绩"
        verbose_name_plural = "成绩"
        constraints = [
            RESULT.constraint("result_state_known"),
            models.UniqueConstraint(fields=["candidate", "part"], name="result_once"),
            models.CheckConstraint(
                condition=Q(absent=True, score__isnull=True)
                | Q(absent=False, score__isnull=False, score__gte=0, score__lte=100)
                | Q(absent=False, cancelled=True, score__isnull=True),
                name="result_score_in_range",
            ),
            models.CheckConstraint(condition=~Q(passed=True, cancelled=True), name="result_cancelled_is_not_passed"),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True) | ~Q(checked_by=F("entered_by")), name="result_two_persons"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} {self.get_part_display()}"

    entered_by_name = signed_name("entered")
    checked_by_name = signed_name("checked")


class ResultReading(models.Model):
    """The checker's own reading of one candidate's score in one part, from the papers or the machine's export, to be
    compared with what was entered. Read again, the row is changed; history keeps the earlier reading."""

    scope = Scope(organiser="candidate__session__organiser")

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="readings", verbose_name="考生")
    part = models.CharField("科目", max_length=10, choices=Part)
    absent = models.BooleanField("缺考", default=False)
    score = models.DecimalField("成绩", max_digits=4, decimal_places=1, null=True, blank=True)
    subscores = models.JSONField("分项成绩", default=dict, blank=True)
    veto = models.BooleanField("否决项", default=False)
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField("核对时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "核对成绩"
        verbose_name_plural = "核对成绩"
        constraints = [models.UniqueConstraint(fields=["candidate", "part"], name="result_reading_once")]

    def __str__(self) -> str:
        return f"{self.candidate} {self.get_part_display()}"
