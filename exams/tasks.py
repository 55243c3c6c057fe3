"""Background jobs of examinations: thin. What waits stands in the database; the broker only wakes the worker."""

from celery import shared_task

from certification.jobs.running import job
from exams.exam_day import archiving, recordings
from exams.materials import undecided, uploads
from exams.plans import following
from exams.staff import reminding


@shared_task(name="exams.take_in_materials")
@job("exams.take_in_materials")
def take_in_materials(upload_id: int | None = None) -> dict:
    """Make papers of the uploaded files that wait (of one upload, or of all); may run twice, or be killed anywhere."""
    return uploads.take_in(upload_id)


@shared_task(name="exams.give_up_undecided_materials")
@job("exams.give_up_undecided_materials")
def give_up_undecided_materials() -> dict:
    """Tell of undecided files that end soon, give up those that have; may run twice, or be killed anywhere."""
    return undecided.give_up()


@shared_task(name="exams.archive_room_records")
@job("exams.archive_room_records")
def archive_room_records() -> dict:
    """Keep signed room records as files; may run twice, or be killed anywhere."""
    return archiving.archive_missing()


@shared_task(name="exams.remind_recordings")
@job("exams.remind_recordings")
def remind_recordings() -> dict:
    """Tell organisers of recordings whose time is nearly over; may run twice, or be killed anywhere."""
    return recordings.remind()


@shared_task(name="exams.follow_up_plans")
@job("exams.follow_up_plans")
def follow_up_plans() -> dict:
    """Tell organisers and province of the final numbers of filed exam plans; may run twice, or be killed anywhere."""
    return following.follow_up_all()


@shared_task(name="exams.remind_staff")
@job("exams.remind_staff")
def remind_staff() -> dict:
    """Remind staff who have not answered, and everybody on the eve; may run twice, or be killed anywhere."""
    return reminding.remind()
