"""Which beat may send. One row, changed only by conditional UPDATEs by the clock of the database."""

from datetime import timedelta

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now


class BeatLease(models.Model):
    """The right to send what is due: ``holder`` has it until ``expires_at`` and renews it at every turn."""

    # There is one row.
    id = models.SmallIntegerField(primary_key=True, default=1)
    holder = models.CharField("持有者", max_length=120)
    since = models.DateTimeField("持有起始")
    expires_at = models.DateTimeField("有效至")

    class Meta:
        verbose_name = "调度租约"
        verbose_name_plural = "调度租约"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="beatlease_one_row")]

    def __str__(self) -> str:
        return self.holder

    @classmethod
    def hold(cls, holder: str, seconds: float) -> bool:
        """Renew the lease of ``holder``, or take it where nobody holds it any more, for ``seconds`` from now.

        False where another holds it. Of two that take it at the same moment, one gets it.
        """
        until = Now() + timedelta(seconds=seconds)
        if cls.objects.filter(pk=1, holder=holder, expires_at__gt=Now()).update(expires_at=until):
            return True
        if cls.objects.filter(pk=1, expires_at__lte=Now()).update(holder=holder, since=Now(), expires_at=until):
            return True
        return cls._first(holder, until)

    @classmethod
    def _first(cls, holder: str, until) -> bool:
        if cls.objects.filter(pk=1).exists():
            return False
        try:
            with transaction.atomic():
                cls.objects.create(holder=holder, since=Now(), expires_at=until)
        except IntegrityError:
            return False
        return True

    @classmethod
    def release(cls, holder: str) -> None:
        """Give the lease back, so that a successor need not wait for its end."""
        cls.objects.filter(pk=1, holder=holder).update(expires_at=Now())

    @classmethod
    def alive(cls) -> "BeatLease | None":
        """The lease that is in force now, or None where no beat runs."""
        return cls.objects.filter(pk=1, expires_at__gt=Now()).first()
