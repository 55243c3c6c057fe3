"""代办: during somebody's absence another account of the same organisation acts for them (rules 4.5)."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from certification.organisations.models.accounts import User
from certification.organisations.roles import Role


class ActingForQuerySet(models.QuerySet):
    def in_force(self, day: date):
        """What holds on ``day``, first and last day included. Ends by itself: nobody has to take it back."""
        return self.filter(valid_from__lte=day, valid_until__gte=day, ended_at__isnull=True)

    def for_display(self):
        """With the names that a line shows."""
        return self.select_related("absent__person", "absent__organisation", "deputy__person", "granted_by__person")

    def of_organisation(self, user: User):
        """What concerns the organisation of ``user``."""
        return self.filter(absent__organisation=user.organisation_id)


class ActingFor(models.Model):
    """``deputy`` may act in one ``role`` of ``absent``, from a day to a day. One row for each role: the scope.

    It does not chain: only a role that the absent person holds themselves counts, never one that they act in.
    """

    absent = models.ForeignKey(User, on_delete=models.PROTECT, related_name="deputies", verbose_name="被代办人")
    deputy = models.ForeignKey(User, on_delete=models.PROTECT, related_name="acts_for", verbose_name="代办人")
    role = models.CharField("角色", max_length=40, choices=Role)
    valid_from = models.DateField("起始日期")
    valid_until = models.DateField("截止日期")
    reason = models.CharField("事由", max_length=200)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="指定人")
    granted_at = models.DateTimeField("指定时间")
    ended_at = models.DateTimeField("提前结束时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="结束人"
    )

    history = HistoricalRecords()
    objects = ActingForQuerySet.as_manager()

    class Meta:
        verbose_name = "代办"
        verbose_name_plural = "代办"
        indexes = [models.Index(fields=["deputy", "valid_until"], name="acting_of_deputy")]
        constraints = [
            models.UniqueConstraint(
                fields=["absent", "deputy", "role", "valid_from"],
                condition=Q(ended_at__isnull=True),
                name="acting_once",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="acting_role_known"),
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="acting_dates_in_order"),
            models.CheckConstraint(condition=~Q(absent=F("deputy")), name="acting_for_another"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} 代 {self.absent}（{self.get_role_display()}）"


def named(user: User, absent: User | None) -> str:
    """How whoever acted is shown, everywhere: by name, and where they acted for somebody as B 代 A (rules 4.5)."""
    return f"{user} 代 {absent}" if absent is not None else str(user)


def signed_name(act: str, behalf: str = "") -> property:
    """The property of a row that was signed as ``<act>_by``: who did it, and for whom they acted (``behalf``, by
    default ``<act>_on_behalf_of``), as ``named`` has it; "" where nobody has signed."""

    def name(row) -> str:
        user = getattr(row, f"{act}_by")
        return named(user, getattr(row, behalf or f"{act}_on_behalf_of")) if user else ""

    return property(name)
