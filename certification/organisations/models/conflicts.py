"""回避: what somebody declares that keeps them from acting on a case (rules 4.4)."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.organisations.models.accounts import User
from certification.organisations.models.organisations import Organisation
from certification.people.models import Person


class ConflictKind(models.TextChoices):
    RELATIVE = "RELATIVE", "亲属"
    SAME_EMPLOYER = "SAME_EMPLOYER", "同一工作单位"
    INSTITUTION = "INSTITUTION", "与培训机构有利害关系"


class ConflictQuerySet(models.QuerySet):
    def in_force(self):
        """What was declared and has not ended."""
        return self.filter(ended_at__isnull=True)

    def for_display(self):
        """With the names that a line shows."""
        return self.select_related("person", "other", "institution", "declared_by__person", "ended_by__person")


class Conflict(models.Model):
    """``person`` does not act on cases of ``other``, of people of ``employer``, or of ``institution``: one of them.

    Ended, never deleted: what was declared while somebody acted can be looked up for good.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="conflicts", verbose_name="申报人")
    kind = models.CharField("情形", max_length=20, choices=ConflictKind)
    other = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="亲属"
    )
    employer = models.CharField("工作单位", max_length=120, blank=True)
    institution = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="培训机构"
    )
    note = models.CharField("说明", max_length=200, blank=True)
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    declared_at = models.DateTimeField("申报时间")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="结束人"
    )
    end_reason = models.CharField("结束理由", max_length=200, blank=True)

    history = HistoricalRecords()
    objects = ConflictQuerySet.as_manager()

    class Meta:
        verbose_name = "回避申报"
        verbose_name_plural = "回避申报"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=ConflictKind.RELATIVE, other__isnull=False, employer="", institution__isnull=True)
                | Q(kind=ConflictKind.SAME_EMPLOYER, other__isnull=True, institution__isnull=True) & ~Q(employer="")
                | Q(kind=ConflictKind.INSTITUTION, other__isnull=True, employer="", institution__isnull=False),
                name="conflict_names_one",
            ),
            models.UniqueConstraint(
                fields=["person", "other"],
                condition=Q(ended_at__isnull=True, other__isnull=False),
                name="conflict_relative_once",
            ),
            models.UniqueConstraint(
                fields=["person", "employer"],
                condition=Q(ended_at__isnull=True) & ~Q(employer=""),
                name="conflict_employer_once",
            ),
            models.UniqueConstraint(
                fields=["person", "institution"],
                condition=Q(ended_at__isnull=True, institution__isnull=False),
                name="conflict_institution_once",
            ),
            models.CheckConstraint(condition=~Q(person=models.F("other")), name="conflict_with_another"),
        ]

    def __str__(self) -> str:
        return f"{self.person.name}：{self.get_kind_display()}（{self.about}）"

    @property
    def about(self) -> str:
        """Whom or what it names."""
        if self.other_id:
            return self.other.name
        return self.employer or self.institution.name
