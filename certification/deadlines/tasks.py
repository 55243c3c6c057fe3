"""Background jobs of the deadlines: thin."""

from celery import shared_task

from certification import clock
from certification.deadlines.sweep import sweep as run_sweep
from certification.jobs.running import job


@shared_task(name="deadlines.sweep")
@job("deadlines.sweep")
def sweep() -> dict:
    """Mark what is overdue and run what follows; may run twice, or be killed anywhere."""
    swept = run_sweep(now=clock.now())
    return {"recounted": swept.recounted, "breached": swept.breached, "failed": len(swept.failed)}
