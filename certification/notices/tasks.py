"""Background jobs of the notices: thin."""

from celery import shared_task

from certification import clock
from certification.jobs.running import job
from certification.notices import delivering


@shared_task(name="notices.deliver")
@job("notices.deliver")
def deliver() -> dict:
    """Send what waits in the outbox; may run twice at once, or be killed anywhere."""
    return dict(delivering.deliver(now=clock.now()))


@shared_task(name="notices.digest")
@job("notices.digest")
def digest() -> dict:
    """Send the daily digests whose hour has come."""
    return dict(delivering.digest(now=clock.now()))
