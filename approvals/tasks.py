"""Background jobs of approvals: thin. What is missing stands in the database; the broker only wakes the worker."""

from celery import shared_task

from approvals import clock_papers, letters
from certification.jobs.running import job


@shared_task(name="approvals.write_letters")
@job("approvals.write_letters")
def write_letters(decision_ids: list[int] | None = None, notice_ids: list[int] | None = None) -> dict:
    """Make the papers that are missing, of these decisions and clock notices, or of all where none is named; may run
    twice."""
    every = decision_ids is None and notice_ids is None
    return {
        "written": letters.write_missing(None if every else decision_ids or []),
        "notices": clock_papers.write_missing(None if every else notice_ids or []),
    }
