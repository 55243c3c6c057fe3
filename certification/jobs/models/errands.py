"""One piece of long work that somebody asked for, and how far it is."""

import uuid

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q


class ErrandState(models.TextChoices):
    WAITING = "WAITING", "正在办理"
    DONE = "DONE", "已办结"
    REFUSED = "REFUSED", "未办成"


class ErrandQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those that ``user`` asked for: what came of them is theirs alone."""
        return self.filter(asked_by=user)


class Errand(models.Model):
    """``kind`` is the code of a registered kind (``jobs.errands``), ``subject`` the case that it is about, ``key`` what
    tells apart those that may go on side by side, ``given`` what was asked beside it. ``done`` of ``total`` is progress
    within ``stage``; ``result`` what came out; ``refusal`` why nothing did. ``taken_at`` (database time) and ``token``
    say which worker has it, ``attempts`` how often one began."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("事项", max_length=40)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    key = models.CharField(max_length=40, blank=True)
    given = models.JSONField(default=dict, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField("提交时间")
    state = models.CharField("状态", max_length=12, choices=ErrandState, default=ErrandState.WAITING)

    stage = models.CharField("步骤", max_length=60, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField(null=True, blank=True)
    token = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    result = models.JSONField(default=dict, blank=True)
    refusal = models.JSONField(default=dict, blank=True)
    ended_at = models.DateTimeField("办结时间", null=True, blank=True)

    objects = ErrandQuerySet.as_manager()

    class Meta:
        verbose_name = "后台办理事项"
        verbose_name_plural = "后台办理事项"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ErrandState.values), name="errand_state_known"),
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id", "key"],
                condition=Q(state="WAITING"),
                name="errand_one_waiting",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="WAITING"), name="errand_at_work"),
            models.Index(fields=["subject_type", "subject_id", "kind", "-id"], name="errand_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"

    @property
    def actor(self):
        """Who asked, acting for whom they acted for then: in whose name it is done (rules 4.5)."""
        self.asked_by.acting_for = self.asked_on_behalf_of
        return self.asked_by

    @property
    def at_work(self) -> bool:
        return self.state == ErrandState.WAITING

    @property
    def percent(self) -> int:
        """How much of the present stage is done."""
        return self.done * 100 // self.total if self.total else 0
