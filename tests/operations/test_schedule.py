"""What beat sends, a worker must know."""

import pytest
from django.conf import settings
from django_celery_beat.models import PeriodicTask

from certification import beat
from certification.celery import app
from certification.deadlines.scheduling import load_schedule, scheduled


def test_every_scheduled_task_is_registered():
    app.loader.import_default_modules()
    entries = scheduled()
    assert entries
    assert [entry["task"] for entry in entries if entry["task"] not in app.tasks] == []


@pytest.mark.django_db
def test_beat_reads_the_schedule_and_leaves_a_sign_of_life(tmp_path, settings):
    settings.BEAT_HEARTBEAT = tmp_path / "beat.alive"
    load_schedule()
    PeriodicTask.objects.update(enabled=False)
    PeriodicTask.objects.filter(task=scheduled()[0]["task"]).update(enabled=True)
    scheduler = beat.Scheduler(app, lazy=True)
    assert {entry["name"] for entry in scheduled() if entry["task"] == scheduled()[0]["task"]} <= set(
        scheduler.schedule
    )
    scheduler.tick()
    assert settings.BEAT_HEARTBEAT.exists()


def test_beat_runs_by_the_time_of_the_province():
    assert settings.CELERY_TIMEZONE == "Asia/Shanghai"
