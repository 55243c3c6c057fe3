"""Who decided what, when and why: one line for every transition of every case."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models

from certification.records.models.seals import LogSeal

# Why a step was made: the same for all subjects, or asked of each.
Reason = str | Callable[[models.Model], str]


class TransitionLogQuerySet(models.QuerySet):
    def about(self, subject: models.Model):
        """The lines about one case, oldest first."""
        return self.filter(subject_type=ContentType.objects.get_for_model(subject), subject_id=subject.pk).order_by(
            "at", "pk"
        )

    def unsealed(self):
        """The lines that no seal covers yet, oldest first."""
        return self.filter(seal__isnull=True).order_by("pk")


class TransitionLog(models.Model):
    """One step of one case. Append-only: a job seals each line soon after it was written (``records.sealing``), as the
    ``sequence``-th of its case, with a ``digest`` over the line and over the digest of the case's line before it."""

    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    name = models.CharField(max_length=60)
    from_state = models.CharField(max_length=40, blank=True)
    to_state = models.CharField(max_length=40, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    detail = models.JSONField(default=dict, blank=True)
    seal = models.ForeignKey(LogSeal, on_delete=models.PROTECT, null=True, related_name="sealed", editable=False)
    sequence = models.PositiveIntegerField(null=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = TransitionLogQuerySet.as_manager()

    class Meta:
        verbose_name = "办理记录"
        verbose_name_plural = "办理记录"
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "at"], name="transition_subject"),
            models.Index(fields=["id"], condition=models.Q(seal__isnull=True), name="transition_unsealed"),
            # What auditors search: by day, by account, by whom somebody acted for.
            models.Index(fields=["at", "id"], name="transition_at"),
            models.Index(fields=["actor", "at", "id"], name="transition_actor"),
            models.Index(
                fields=["on_behalf_of", "at", "id"],
                condition=models.Q(on_behalf_of__isnull=False),
                name="transition_on_behalf",
            ),
            # What auditors read: who saw which personal data (records.accesses).
            models.Index(
                fields=["at", "id"],
                condition=models.Q(name__in=["reveal_number", "view_file", "download_file", "take_out_numbers"]),
                name="transition_access",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id", "sequence"], name="transition_sequence_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"

    @classmethod
    def write(
        cls, steps: list[tuple[models.Model, str, str]], *, name, actor, at, reason: Reason = "", detail=None
    ) -> None:
        """Append one line for each (subject, from_state, to_state) in a single statement; whom ``actor`` acts for at
        the moment (rules 4.5) is kept with it. ``reason`` and ``detail``: of all, or a function that says that of a
        subject; ``detail`` also a list with that of each step, where a subject has several."""
        said = reason if callable(reason) else lambda _subject: reason
        details = detail if isinstance(detail, list) else [_told(detail, subject) for subject, _from, _to in steps]
        cls.objects.bulk_create(
            cls(
                subject_type=ContentType.objects.get_for_model(subject),
                subject_id=subject.pk,
                name=name,
                from_state=from_state,
                to_state=to_state,
                actor=actor,
                on_behalf_of=actor.acting_for,
                at=at,
                reason=said(subject),
                detail=told,
            )
            for (subject, from_state, to_state), told in zip(steps, details, strict=True)
        )

    @classmethod
    def note_of(
        cls, source: type[models.Model], reasons: Sequence[tuple[int, str]], *, name: str, actor, at: datetime
    ) -> None:
        """Append a line without a step on the case (``subject``) of each row of ``source``, by id and with its reason:
        INSERT … SELECT, no case passes through Python. For bulk changes only."""
        if not reasons:
            return
        quoted = connection.ops.quote_name
        statement = f"""
            INSERT INTO {quoted(cls._meta.db_table)}
                   (subject_type_id, subject_id, name, from_state, to_state, actor_id, at, reason, detail, digest)
            SELECT s.subject_type_id, s.subject_id, %s, '', '', %s, %s, n.column2, '{{}}', ''
              FROM (VALUES {", ".join(["(%s, %s)"] * len(reasons))}) AS n
              JOIN {quoted(source._meta.db_table)} AS s ON s.id = n.column1
             ORDER BY s.id"""
        said = [name, actor.pk, connection.ops.adapt_datetimefield_value(at)]
        with connection.cursor() as cursor:
            cursor.execute(statement, [*said, *(value for pair in reasons for value in pair)])


def _told(detail, subject: models.Model) -> dict:
    return detail(subject) if callable(detail) else detail or {}
