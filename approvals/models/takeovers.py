"""Take-overs (提级审核): reviews of a city that the province does in its place, because their day had passed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from certification.deadlines.models import Deadline
from certification.organisations.models import Organisation, signed_name
from certification.organisations.scope import Scope, ScopedQuerySet
from exams.models import ExamApplication
from exams.states import ApplicationState


class TakeOver(models.Model):
    """The province took one application out of a city's review. Never undone, so that there is one at most.

    ``deadline`` is the city's that it missed: it stands closed and late, and counts against the city (rules 2.11).
    Append-only: the row is its own history.
    """

    scope = Scope(
        institution="application__institution",
        organiser="application__organiser",
        territory="application__institution__territory",
    )

    application = models.OneToOneField(
        ExamApplication, on_delete=models.PROTECT, related_name="takeover", verbose_name="考试申报"
    )
    from_state = models.CharField("提级前状态", max_length=24, choices=ApplicationState)
    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="+", verbose_name="逾期的时限")
    reason = models.TextField("理由")
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="提级人"
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="提级单位")
    at = models.DateTimeField("提级时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "提级审核"
        verbose_name_plural = "提级审核"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["-at", "-id"], name="takeover_newest")]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="takeover_reason_given")]

    def __str__(self) -> str:
        return f"{self.application}提级审核"

    taken_by_name = signed_name("taken", "on_behalf_of")
