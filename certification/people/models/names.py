"""Names of a person beside the one that the register has: former ones, and those that a filing gave differently."""

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from certification.people.models.persons import Person


class NameStanding(models.TextChoices):
    """A name that differs is OPEN until somebody who has seen the papers settles it."""

    OPEN = "OPEN", "待核对"
    CURRENT = "CURRENT", "现登记姓名"
    FORMER = "FORMER", "曾用名"
    DISMISSED = "DISMISSED", "已排除"


class PersonName(models.Model):
    """One name under which a person was known or filed. Nothing is taken over from it by itself: a name becomes the
    person's by ``naming.correct_name``, and the one before it stays here as a former name."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="names", verbose_name="人员")
    name = models.CharField("姓名", max_length=60)
    standing = models.CharField("状态", max_length=10, choices=NameStanding, default=NameStanding.OPEN)
    source = models.CharField("来源", max_length=200)
    noted_at = models.DateTimeField("登记时间")
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField("核对时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField("依据", max_length=200, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "姓名记录"
        verbose_name_plural = "姓名记录"
        constraints = [
            models.UniqueConstraint(fields=["person", "name"], name="person_name_once"),
            models.CheckConstraint(
                condition=models.Q(standing__in=NameStanding.values), name="person_name_standing_known"
            ),
            models.CheckConstraint(
                condition=models.Q(standing="OPEN") | models.Q(settled_at__isnull=False, settled_by__isnull=False),
                name="person_name_settled_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["name"], name="person_name_other"),
            models.Index(fields=["noted_at"], condition=models.Q(standing="OPEN"), name="person_name_open"),
        ]

    def __str__(self) -> str:
        return self.name
