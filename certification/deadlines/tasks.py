"""Background jobs of the deadlines: thin."""

from celery import shared_task

from certification import clock
from certification.deadlines.calendars import missing_notices
from certification.deadlines.reminding.reminders import remind as run_remind
from certification.deadlines.sweep import sweep as run_sweep
from certification.jobs.running import job


@shared_task(name="deadlines.sweep")
@job("deadlines.sweep")
def sweep() -> dict:
    """Remind, mark what is overdue and run what follows; may run twice, or be killed anywhere."""
    swept = run_sweep(now=clock.now())
    return {
        "reminded": swept.reminded,
        "recounted": swept.recounted,
        "breached": swept.breached,
        "failed": len(swept.failed),
    }


@shared_task(name="deadlines.warn_of_missing_notice")
@job("deadlines.warn_of_missing_notice")
def warn_of_missing_notice() -> dict:
    """Warn the administrators while the notice for a near year is missing; however often it runs, once a day."""
    return {"warned": missing_notices.warn_of_missing_notice(clock.now())}


@shared_task(name="deadlines.remind")
@job("deadlines.remind")
def remind() -> dict:
    """Remind of what falls due; may run twice, or be killed anywhere."""
    return vars(run_remind(now=clock.now()))
