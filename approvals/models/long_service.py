"""The agreement that a certificate is not reviewed before it ends, because its holder worked in the trade for years."""

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from certification.organisations.models import signed_name
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Certificate


class LongService(models.Model):
    """``since``: the day from which the holder has worked in the trade without interruption, by the statement of
    ``employer``. The statement is a stored file of this row. Between officials of the province: everybody else sees
    what became of the certificate."""

    scope = Scope()

    certificate = models.OneToOneField(
        Certificate, on_delete=models.PROTECT, related_name="long_service", verbose_name="操作证"
    )
    since = models.DateField("连续从事本工种自")
    employer = models.CharField("出具证明的用人单位", max_length=120)
    review_was_due_on = models.DateField("原应复审日期")
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="同意人"
    )
    agreed_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    agreed_at = models.DateTimeField("同意时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "复审周期延长"
        verbose_name_plural = "复审周期延长"

    def __str__(self) -> str:
        return f"{self.certificate} 有效期内不再复审"

    agreed_by_name = signed_name("agreed")
