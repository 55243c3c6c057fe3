"""Numbers of documents under which a person was known before."""

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from certification.people.models.persons import DocumentType, Person, mask


class FormerDocument(models.Model):
    """A document that was the person's until ``until``; whoever comes with it is that person. No two persons have, or
    had, the same: those of today are kept apart from these by ``documents.change_document``."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="former_documents", verbose_name="人员")
    document_type = models.CharField("证件类型", max_length=20, choices=DocumentType)
    document_number = models.CharField("证件号码", max_length=30)
    until = models.DateTimeField("变更时间")
    reason = models.CharField("依据", max_length=200)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "曾用证件"
        verbose_name_plural = "曾用证件"
        constraints = [
            models.UniqueConstraint(fields=["document_type", "document_number"], name="former_document_once"),
            models.CheckConstraint(
                condition=models.Q(document_type__in=DocumentType.values), name="former_document_type_known"
            ),
        ]
        indexes = [
            models.Index(fields=["document_number"], name="former_document_prefix", opclasses=["varchar_pattern_ops"])
        ]

    def __str__(self) -> str:
        return f"{self.get_document_type_display()} {self.masked_number}"

    @property
    def masked_number(self) -> str:
        """The number as lists show it."""
        return mask(self.document_number)
