"""Background jobs of the records: thin."""

from celery import shared_task

from certification import clock
from certification.jobs.running import job
from certification.records import scanning, sealing


@shared_task(name="records.seal_log")
@job("records.seal_log")
def seal_log() -> dict:
    """Seal the log's new lines; may run twice, or be killed anywhere."""
    return {"sealed": sealing.seal(now=clock.now())}


@shared_task(name="records.scan_files")
@job("records.scan_files")
def scan_files() -> dict:
    """Scan the files in quarantine; may run twice, or be killed anywhere."""
    return scanning.scan_waiting(now=clock.now())
