"""Background jobs of examinations: thin. What waits stands in the database; the broker only wakes the worker."""

from celery import shared_task

from certification.jobs.running import job
from exams import uploads


@shared_task(name="exams.take_in_materials")
@job("exams.take_in_materials")
def take_in_materials(upload_id: int | None = None) -> dict:
    """Make papers of the uploaded files that wait (of one upload, or of all); may run twice, or be killed anywhere."""
    return uploads.take_in(upload_id)
