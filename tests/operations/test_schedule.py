"""What beat sends, a worker must know."""

import pytest
from django.conf import settings
from django_celery_beat.models import PeriodicTask

from certification import beat
from certification.celery import app
from certification.jobs.scheduling import load_schedule, scheduled


def test_every_scheduled_task_is_registered():
    app.loader.import_default_modules()
    entries = scheduled()
    assert entries
    assert [entry["task"] for entry in entries if entry["task"] not in app.tasks] == []


def test_beat_runs_by_the_time_of_the_province():
    assert settings.CELERY_TIMEZONE == "Asia/Shanghai"


# Beat closes its connections by itself, which a test inside one transaction would not survive.
@pytest.mark.django_db(transaction=True)
def test_beat_reads_the_schedule(settings):
    load_schedule()
    assert {entry["name"] for entry in scheduled()} <= set(beat.Scheduler(app, lazy=True).schedule)


@pytest.mark.django_db(transaction=True)
def test_beat_leaves_a_sign_of_life_when_nothing_is_due(tmp_path, settings):
    settings.BEAT_HEARTBEAT = tmp_path / "beat.alive"
    PeriodicTask.objects.update(enabled=False)
    beat.Scheduler(app, lazy=True).tick()
    assert settings.BEAT_HEARTBEAT.exists()
