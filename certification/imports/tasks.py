"""Background jobs of imports: thin."""

from celery import shared_task

from certification.imports import undecided, workbooks
from certification.jobs.running import job


@shared_task(name="imports.work")
@job("imports.work")
def work() -> dict:
    """Check and save what waits, make the workbooks that go back; may run twice, or be killed anywhere."""
    return workbooks.work()


@shared_task(name="imports.give_up_undecided")
@job("imports.give_up_undecided")
def give_up_undecided() -> dict:
    """Give up uploads that nobody saved within the days set for it; may run twice, or be killed anywhere."""
    return undecided.give_up()
