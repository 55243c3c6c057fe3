"""Background jobs of imports: thin."""

from celery import shared_task

from certification.imports import working
from certification.jobs.running import job


@shared_task(name="imports.work")
@job("imports.work")
def work() -> dict:
    """Check and save what waits; may run twice, or be killed anywhere."""
    return working.work()
