"""Background jobs of approvals: thin. What is missing stands in the database; the broker only wakes the worker."""

from celery import shared_task

from approvals import letters
from certification.jobs.running import job


@shared_task(name="approvals.write_letters")
@job("approvals.write_letters")
def write_letters(decision_ids: list[int] | None = None) -> dict:
    """Make the letters that are missing (of ``decision_ids``, or of all decisions); may run twice."""
    return {"written": letters.write_missing(decision_ids)}
