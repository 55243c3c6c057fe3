"""Who staffs which room of a session."""

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Person
from exams.models.sessions import RoomUse


class Duty(models.TextChoices):
    INVIGILATOR = "INVIGILATOR", "监考员"
    EXAMINER = "EXAMINER", "考评员"
    SITE_STAFF = "SITE_STAFF", "考场工作人员"


class StaffAssignment(models.Model):
    """A person's duty in one room of one part. Ended, never deleted, when somebody is replaced."""

    scope = Scope(organiser="use__part__session__organiser", session="person")

    use = models.ForeignKey(RoomUse, on_delete=models.PROTECT, related_name="staff", verbose_name="考场安排")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exam_duties", verbose_name="人员")
    duty = models.CharField("职责", max_length=12, choices=Duty)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField("安排时间")
    ended_at = models.DateTimeField("解除时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考务安排"
        verbose_name_plural = "考务安排"
        constraints = [
            models.UniqueConstraint(
                fields=["use", "person"], condition=models.Q(ended_at__isnull=True), name="staff_assignment_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_duty_display()}"
