"""What is said about a case beside the opinions: 内部备注 among the office, 消息 to whoever filed it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.organisations.models import Organisation, named
from certification.organisations.scope import Scope, ScopedQuerySet
from exams.models import ExamApplication


class InternalNote(models.Model):
    """内部备注. Append-only; never the institution's, never in a letter, an export or a dossier. Which tier reads
    which notes says the rule review.notes (``approvals.reviews.notes``), so that there is no scope here."""

    application = models.ForeignKey(
        ExamApplication, on_delete=models.PROTECT, related_name="notes", verbose_name="考试申报"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    text = models.TextField("内容")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "内部备注"
        verbose_name_plural = "内部备注"
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="internal_note_says_something")]

    def __str__(self) -> str:
        return f"内部备注（{self.organisation}）"

    @property
    def author_name(self) -> str:
        """Who wrote it, and for whom they acted: B 代 A."""
        return named(self.author, self.on_behalf_of)


class CaseMessage(models.Model):
    """消息: what the office tells the filer of an application, and when somebody of the institution opened it."""

    scope = Scope(
        institution="application__institution",
        organiser="application__organiser",
        territory="application__institution__territory",
    )

    application = models.ForeignKey(
        ExamApplication, on_delete=models.PROTECT, related_name="messages", verbose_name="考试申报"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    text = models.TextField("内容")
    at = models.DateTimeField("时间")
    seen_at = models.DateTimeField("阅读时间", null=True, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "消息"
        verbose_name_plural = "消息"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="case_message_says_something"),
            models.CheckConstraint(
                condition=Q(seen_at__isnull=True, seen_by__isnull=True)
                | Q(seen_at__isnull=False, seen_by__isnull=False),
                name="case_message_seen_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"给申报单位的消息（{self.organisation}）"

    @property
    def author_name(self) -> str:
        """Who wrote it, and for whom they acted: B 代 A."""
        return named(self.author, self.on_behalf_of)
