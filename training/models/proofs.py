"""Proofs of training hours (学时证明) that the system makes of what was recorded."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.organisations.scope import Scope, ScopedQuerySet
from certification.records.models import StoredFile
from training.models.rosters import Trainee


class HoursProofQuerySet(ScopedQuerySet):
    def current(self):
        """Not replaced by a later one."""
        return self.filter(replaced_at__isnull=True)


class HoursProof(models.Model):
    """One numbered proof with the hours that it states; another one replaces it where the hours were corrected."""

    scope = Scope(
        institution="trainee__plan__institution",
        organiser="trainee__plan__organiser",
        territory="trainee__plan__institution__territory",
    )

    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="hours_proofs", verbose_name="学员")
    number = models.CharField("编号", max_length=40, unique=True)
    required = models.DecimalField("应修学时", max_digits=5, decimal_places=1)
    onsite = models.DecimalField("线下学时", max_digits=5, decimal_places=1)
    practical = models.DecimalField("其中实操", max_digits=5, decimal_places=1)
    online = models.DecimalField("线上学时", max_digits=5, decimal_places=1)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="文件")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField("开具时间")
    replaced_at = models.DateTimeField("替换时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = HoursProofQuerySet.as_manager()

    class Meta:
        verbose_name = "学时证明"
        verbose_name_plural = "学时证明"
        constraints = [
            models.UniqueConstraint(
                fields=["trainee"], condition=Q(replaced_at__isnull=True), name="hours_proof_current_once"
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def completed(self):
        """实修学时."""
        return self.onsite + self.online
