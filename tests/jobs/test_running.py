"""Every run of a job leaves a record: what it did, what went wrong, or that it was killed."""

from datetime import timedelta
from time import sleep

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from certification.jobs.models import JobRun, Outcome
from certification.jobs.running import job, running

pytestmark = pytest.mark.django_db


def silent_run(name: str = "tests.job") -> JobRun:
    long_ago = timezone.now() - timedelta(hours=1)
    return JobRun.objects.create(job=name, started_at=long_ago, seen_at=long_ago)


def test_a_run_is_recorded_with_its_numbers():
    @job("tests.job")
    def counted():
        assert JobRun.objects.get().outcome == Outcome.RUNNING
        return {"done": 3}

    assert counted() == {"done": 3}
    run = JobRun.objects.get()
    assert (run.job, run.outcome, run.summary, run.error) == ("tests.job", Outcome.DONE, {"done": 3}, "")
    assert run.seconds >= 0
    assert run.worker


def test_a_failure_is_stored_and_goes_on_to_the_caller():
    @job("tests.job")
    def failing():
        raise ValueError("no such file")

    with pytest.raises(ValueError, match="no such file"):
        failing()
    run = JobRun.objects.get()
    assert (run.outcome, run.error) == (Outcome.FAILED, "ValueError: no such file")
    assert run.finished_at


@pytest.mark.django_db(transaction=True)
def test_a_failure_of_the_database_inside_the_job_is_stored_too():
    JobRun.objects.create(job="tests.other", outcome=Outcome.WAITING)
    with pytest.raises(IntegrityError), running("tests.job"), transaction.atomic():
        JobRun.objects.create(job="tests.other", outcome=Outcome.WAITING)
    run = JobRun.objects.get(job="tests.job")
    assert run.outcome == Outcome.FAILED
    assert run.error.startswith("IntegrityError")


def test_a_killed_run_is_abandoned_and_not_running_for_ever():
    killed = silent_run()
    assert killed.outcome_at(timezone.now()) == Outcome.ABANDONED
    with running("tests.other"):
        pass
    killed.refresh_from_db()
    assert killed.outcome == Outcome.ABANDONED
    assert killed.finished_at == killed.seen_at


@pytest.mark.django_db(transaction=True)
def test_a_long_run_reports_that_it_goes_on(settings):
    settings.JOB_SILENCE_SECONDS = 0.4
    with running("tests.job") as run:
        begun = JobRun.objects.get().seen_at
        for _try in range(100):
            sleep(0.02)
            if JobRun.objects.get().seen_at > begun + timedelta(seconds=0.3):
                break
        assert JobRun.objects.alive().get() == run
        assert JobRun.objects.get().seen_at > begun


def test_a_run_that_was_asked_for_is_the_next_one():
    asked = JobRun.objects.create(job="tests.job", outcome=Outcome.WAITING)
    with running("tests.job") as run:
        assert run.pk == asked.pk
    with running("tests.job") as run:
        assert run.pk != asked.pk
    assert set(JobRun.objects.values_list("outcome", flat=True)) == {Outcome.DONE}


def test_old_runs_go_and_the_last_one_stays(settings):
    old = timezone.now() - timedelta(days=settings.JOB_KEEP_DAYS + 1)
    JobRun.objects.create(job="tests.job", outcome=Outcome.DONE, started_at=old, seen_at=old, finished_at=old)
    other = JobRun.objects.create(job="tests.other", outcome=Outcome.DONE, started_at=old, finished_at=old)
    with running("tests.job") as run:
        pass
    assert set(JobRun.objects.all()) == {run, other}
