"""What a notice is about."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from certification.notices.models.notices import Notice


class NoticeSubject(models.Model):
    """One case that a notice tells about; a notice may tell about several, or about none. A part of the notice,
    written with it (``notices.subjects``) and never changed. Of reminders the ledger says what they are about."""

    # The unique key finds the cases of a notice, the index below the notices of a case: no index of their own.
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="subjects", db_index=False)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")

    class Meta:
        verbose_name = "通知所涉事项"
        verbose_name_plural = "通知所涉事项"
        constraints = [
            models.UniqueConstraint(fields=["notice", "subject_type", "subject_id"], name="notice_subject_once"),
        ]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="notice_subject")]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}"
