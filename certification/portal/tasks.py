"""Background jobs of the portal: thin."""

from celery import shared_task

from certification import clock
from certification.jobs.running import job
from certification.portal import separation_report


@shared_task(name="separation.scan")
@job("separation.scan")
def scan_separation() -> dict:
    """Look for breaches of separation and tell the new ones; may run twice, or be killed anywhere."""
    return separation_report.scan(clock.now())
