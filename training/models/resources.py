"""What an institution teaches with: its teachers, with qualification and validity, and its venues."""

from datetime import date

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.organisations.models import Organisation
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Person


class TeacherQuerySet(ScopedQuerySet):
    def teaching(self, institution: Organisation | int):
        """Who teaches at the institution now."""
        return self.filter(institution=institution, left_at__isnull=True)


class Teacher(models.Model):
    """A person who teaches at an institution: separation (4.1) compares persons, so that everybody listed here counts
    as training. ``valid_until`` is the last day on which the qualification holds, None where it has no end or none is
    known; who has left stays on record."""

    scope = Scope(institution="institution", territory="institution__territory")

    institution = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="teachers", verbose_name="培训机构"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name="教师")
    qualification = models.CharField("资质", max_length=120, blank=True)
    valid_until = models.DateField("资质有效期至", null=True, blank=True)
    subjects = models.CharField("可授课程", max_length=120, blank=True)
    listed_at = models.DateTimeField("登记时间")
    left_at = models.DateTimeField("离任时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = TeacherQuerySet.as_manager()

    class Meta:
        verbose_name = "机构教师"
        verbose_name_plural = "机构教师"
        constraints = [models.UniqueConstraint(fields=["institution", "person"], name="teacher_once")]
        indexes = [models.Index(fields=["person"], name="teacher_person")]

    def __str__(self) -> str:
        return self.person.name

    def qualified_on(self, day: date) -> bool:
        """Whether the qualification has not run out on ``day``."""
        return self.valid_until is None or self.valid_until >= day


class Venue(models.Model):
    """A room or ground in which an institution teaches, and for how many."""

    scope = Scope(institution="institution", territory="institution__territory")

    institution = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="venues", verbose_name="培训机构"
    )
    name = models.CharField("场地", max_length=60)
    address = models.CharField("地址", max_length=160, blank=True)
    capacity = models.PositiveSmallIntegerField("容纳人数")
    active = models.BooleanField("使用中", default=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "培训场地"
        verbose_name_plural = "培训场地"
        constraints = [
            models.UniqueConstraint(fields=["institution", "name"], name="venue_once"),
            models.CheckConstraint(condition=Q(capacity__gt=0), name="venue_capacity"),
        ]

    def __str__(self) -> str:
        return self.name
