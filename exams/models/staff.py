"""Who staffs which room of a session."""

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from certification.catalogue.models import JobType
from certification.organisations.models import Organisation
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Person
from exams.day_states import ON_DUTY, STAFF, StaffState
from exams.models.sessions import RoomUse


class Duty(models.TextChoices):
    INVIGILATOR = "INVIGILATOR", "监考员"
    EXAMINER = "EXAMINER", "考评员"
    SITE_STAFF = "SITE_STAFF", "考场工作人员"


class StaffQualificationQuerySet(ScopedQuerySet):
    def in_force(self, day):
        """The entries that count on ``day``."""
        return self.filter(ended_at__isnull=True, valid_from__lte=day, valid_until__gte=day)


class StaffQualification(models.Model):
    """An entry of the pool (考务人员库): for which duty and job types (none named: all) somebody is qualified, on what
    basis, and how long. Ended, never deleted."""

    scope = Scope(organiser="organisation", territory="organisation__territory")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="staff_pool", verbose_name="管理单位"
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="staff_qualifications", verbose_name="人员"
    )
    duty = models.CharField("职责", max_length=12, choices=Duty)
    job_types = models.ManyToManyField(JobType, blank=True, related_name="+", verbose_name="可从事操作项目")
    basis = models.CharField("证书或聘任文号", max_length=80)
    title = models.CharField("职称或技能等级", max_length=40, blank=True)
    valid_from = models.DateField("有效期从")
    valid_until = models.DateField("有效期至")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField("入库时间")
    ended_at = models.DateTimeField("出库时间", null=True, blank=True)
    end_reason = models.CharField("出库原因", max_length=200, blank=True)

    history = HistoricalRecords(m2m_fields=[job_types])
    objects = StaffQualificationQuerySet.as_manager()

    class Meta:
        verbose_name = "考务资格"
        verbose_name_plural = "考务资格"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "person", "duty"],
                condition=models.Q(ended_at__isnull=True),
                name="staff_qualification_once",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__gte=models.F("valid_from")), name="staff_qualification_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_duty_display()}"


class StaffAssignment(models.Model):
    """A person's duty in one room of one part: invited, accepted or declined. Ended, never deleted, when somebody is
    replaced; ``replaces`` is the duty that it takes over."""

    scope = Scope(organiser="use__part__session__organiser", session="person")

    use = models.ForeignKey(RoomUse, on_delete=models.PROTECT, related_name="staff", verbose_name="考场安排")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exam_duties", verbose_name="人员")
    duty = models.CharField("职责", max_length=12, choices=Duty)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField("安排时间")
    state = models.CharField("状态", max_length=10, choices=StaffState, default=StaffState.INVITED)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    ended_at = models.DateTimeField("解除时间", null=True, blank=True)
    reason = models.CharField("谢绝或解除原因", max_length=200, blank=True)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replacement", verbose_name="接替"
    )
    reminded_at = models.DateTimeField("提醒时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考务安排"
        verbose_name_plural = "考务安排"
        constraints = [
            STAFF.constraint("staff_assignment_state_known"),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in ON_DUTY], ended_at__isnull=True)
                | (~models.Q(state__in=[state.value for state in ON_DUTY]) & models.Q(ended_at__isnull=False)),
                name="staff_assignment_ends",
            ),
            models.UniqueConstraint(
                fields=["use", "person"], condition=models.Q(ended_at__isnull=True), name="staff_assignment_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_duty_display()}"
