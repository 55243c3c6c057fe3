"""Every scheduled task exists, and the schedule is stored once."""

from io import StringIO

import pytest
from django.core.management import call_command
from django_celery_beat.models import PeriodicTask

from certification.celery import app
from certification.deadlines import tasks
from certification.deadlines.models import Deadline
from certification.jobs.models import JobRun, Outcome
from certification.jobs.running import recorded_jobs
from certification.jobs.scheduling import load_schedule, scheduled


def test_every_scheduled_task_is_registered_in_celery():
    app.autodiscover_tasks(force=True)
    assert {entry["task"] for entry in scheduled()} <= set(app.tasks)
    names = [entry["name"] for entry in scheduled()]
    assert len(names) == len(set(names))


def test_every_scheduled_task_is_a_recorded_job():
    assert {entry["task"] for entry in scheduled()} <= set(recorded_jobs())


@pytest.mark.django_db
def test_a_scheduled_task_leaves_a_record_however_it_is_started():
    call_command("load_reference", stdout=StringIO())
    jobs = {entry["task"] for entry in scheduled()} & set(recorded_jobs())
    for name in jobs:
        app.tasks[name].apply()
    done = JobRun.objects.filter(outcome=Outcome.DONE).values_list("job", flat=True)
    assert set(done) == jobs


@pytest.mark.django_db
def test_loading_twice_changes_nothing_and_keeps_what_was_switched_off():
    assert {task.task for task in load_schedule()} >= {"deadlines.sweep"}
    PeriodicTask.objects.filter(task="deadlines.sweep").update(enabled=False)
    assert load_schedule() == []
    assert not PeriodicTask.objects.get(task="deadlines.sweep").enabled


@pytest.mark.django_db
def test_load_reference_is_one_command_and_idempotent(django_assert_max_num_queries):
    out = StringIO()
    call_command("load_reference", stdout=out)
    assert "工作日历 +4" in out.getvalue()
    again = StringIO()
    with django_assert_max_num_queries(25):
        call_command("load_reference", stdout=again)
    assert again.getvalue().startswith("工作日历 +0，作业目录 +0，规则 +0，定时任务 +0")
    assert tasks.sweep() == {"reminded": 0, "recounted": 0, "breached": 0, "failed": 0}
    assert not Deadline.objects.exists()
