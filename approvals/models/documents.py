"""The proof that a person's identity document became another one."""

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from certification.organisations.models import signed_name
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Person


class DocumentChange(models.Model):
    """One change of a person's document, both named as they are masked; the papers that show it are stored files of
    this row. Between officials of the province: everybody else sees what the document is now."""

    scope = Scope()

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="document_changes", verbose_name="人员")
    before = models.CharField("原证件", max_length=60)
    after = models.CharField("新证件", max_length=60)
    reason = models.CharField("依据", max_length=200)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="经办人"
    )
    changed_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    changed_at = models.DateTimeField("变更时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "证件变更"
        verbose_name_plural = "证件变更"
        ordering = ["-changed_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.person}：{self.before} → {self.after}"

    changed_by_name = signed_name("changed")
