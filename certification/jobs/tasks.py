"""The background job that does what people asked for: thin."""

from celery import shared_task

from certification.jobs import errands
from certification.jobs.running import job


@shared_task(name="jobs.work")
@job("jobs.work")
def work() -> dict:
    """Do what waits; may run twice, or be killed anywhere."""
    return errands.work()
