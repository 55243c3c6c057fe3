"""Background jobs of the records: thin."""

from celery import shared_task

from certification import clock
from certification.jobs.running import job
from certification.records import made_files, scanning, sealing


@shared_task(name="records.seal_log")
@job("records.seal_log")
def seal_log() -> dict:
    """Seal the log's new lines; may run twice, or be killed anywhere."""
    return {"sealed": sealing.seal(now=clock.now())}


@shared_task(name="records.verify_log")
@job("records.verify_log")
def verify_log() -> dict:
    """Check the whole log against its seals; reads only."""
    return {"faults": sum(1 for _fault in sealing.verify())}


@shared_task(name="records.scan_files")
@job("records.scan_files")
def scan_files() -> dict:
    """Scan the files in quarantine; may run twice, or be killed anywhere."""
    return scanning.scan_waiting(now=clock.now())


@shared_task(name="records.discard_made_files")
@job("records.discard_made_files")
def discard_made_files() -> dict:
    """Remove what errands made for people to fetch, after its days; may run twice."""
    return {"discarded": made_files.discard(now=clock.now())}
