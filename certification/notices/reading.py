"""Reading the inbox. A notice is a message to one account, not business data: reading it writes no history."""

from certification.notices.models import Notice
from certification.workflow import activity


@activity
def mark_read(*, actor, now, notice: Notice) -> None:
    """Note when ``actor`` first opened ``notice``; another account's notice stays as it is."""
    Notice.objects.filter(pk=notice.pk, recipient=actor, read_at__isnull=True).update(read_at=now)


@activity
def mark_all_read(*, actor, now) -> int:
    """Note that ``actor`` has seen every notice received up to ``now``; returns how many were unread."""
    return Notice.objects.filter(recipient=actor, read_at__isnull=True, created_at__lte=now).update(read_at=now)
