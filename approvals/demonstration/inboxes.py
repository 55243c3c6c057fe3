"""The inboxes of the demonstration: people have read what came before the last days."""

from datetime import timedelta

from django.db.models import F

from certification.notices.models import Notice

UNREAD = timedelta(days=3)
READ_AFTER = timedelta(hours=3)


def read(*, now) -> None:
    """What is older than ``UNREAD`` was read some hours after it came."""
    old = Notice.objects.filter(created_at__lt=now - UNREAD, read_at__isnull=True)
    old.update(read_at=F("created_at") + READ_AFTER)
