"""Records every run of a background job: when, how long, what it did, what went wrong.

``@shared_task(name="deadlines.sweep") @job("deadlines.sweep")`` over a function that returns a dict of numbers.
A job may run twice, at once or one after the other, and may be killed anywhere: what it must not do twice the
database refuses. Recording never decides whether a job runs.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.module_loading import autodiscover_modules

from certification import clock
from certification.jobs.models import JobRun, Outcome

logger = logging.getLogger(__name__)

ERROR_LENGTH = 2000
_jobs: dict[str, Callable[..., dict]] = {}


def job(name: str) -> Callable[[Callable[..., dict]], Callable[..., dict]]:
    """Record every run of the decorated function as a run of the job ``name``, the name of its Celery task.

    What the function returns, a dict of numbers, is the run's summary.
    """

    def recorded(function: Callable[..., dict]) -> Callable[..., dict]:
        @wraps(function)
        def run(*args, **kwargs) -> dict:
            with running(name) as record:
                record.summary = function(*args, **kwargs) or {}
            return record.summary

        _jobs[name] = run
        return run

    return recorded


def recorded_jobs() -> dict[str, Callable[..., dict]]:
    """Every recorded job of every app: name → function that runs it here and now."""
    autodiscover_modules("tasks")
    return dict(_jobs)


@contextmanager
def running(name: str) -> Iterator[JobRun]:
    """Record what happens inside as a run of the job ``name``; set ``summary`` on the record that it yields.

    An exception goes on to the caller and is stored as the run's error.
    """
    JobRun.objects.give_up_silent()
    record = _begun(name)
    try:
        with _reporting(record):
            yield record
    except BaseException as problem:
        record.outcome, record.error = Outcome.FAILED, f"{type(problem).__name__}: {problem}"[:ERROR_LENGTH]
        raise
    else:
        record.outcome = Outcome.DONE
    finally:
        _finish(record)


def _begun(name: str) -> JobRun:
    """The record of a run that begins: the one that somebody asked for and that waits, else a new one."""
    begun = {
        "outcome": Outcome.RUNNING,
        "started_at": Now(),
        "seen_at": Now(),
        "working_at": clock.now(),
        "worker": f"{socket.gethostname()}:{os.getpid()}",
    }
    waiting = JobRun.objects.filter(job=name, outcome=Outcome.WAITING).first()
    if waiting and JobRun.objects.filter(pk=waiting.pk, outcome=Outcome.WAITING).update(**begun):
        return waiting
    return JobRun.objects.create(job=name, **begun)


@contextmanager
def _reporting(record: JobRun) -> Iterator[None]:
    """For the time of the block, keep saying that the run goes on. Inside a transaction nobody could see it."""
    if connection.in_atomic_block:
        yield
        return
    stop = threading.Event()
    pulse = threading.Thread(target=_report, args=(record.pk, stop), name=f"pulse of {record.job}", daemon=True)
    pulse.start()
    try:
        yield
    finally:
        stop.set()
        pulse.join()


def _report(run_id: int, stop: threading.Event) -> None:
    """Say again and again, on a connection of its own, that the run goes on."""
    try:
        while not stop.wait(settings.JOB_SILENCE_SECONDS / 4):
            try:
                JobRun.objects.filter(pk=run_id, outcome=Outcome.RUNNING).update(seen_at=Now())
            except (DatabaseError, InterfaceError):
                logger.warning("run %s could not report that it goes on", run_id, exc_info=True)
                connection.close()
    finally:
        connection.close()


def _finish(record: JobRun) -> None:
    """Store the end of a run. Where the database is away, the run will be found abandoned: nothing else is lost."""
    for last_try in (False, True):
        try:
            _store_end(record)
        except (DatabaseError, InterfaceError):
            if last_try or connection.in_atomic_block:
                logger.exception("the end of run %s of %s could not be stored", record.pk, record.job)
                return
            # The connection may have been lost while the job ran; a new one may be had.
            connection.close()
        else:
            return


def _store_end(record: JobRun) -> None:
    JobRun.objects.filter(pk=record.pk).update(
        outcome=record.outcome,
        summary=record.summary,
        idle=record.outcome == Outcome.DONE and not any(record.summary.values()),
        error=record.error,
        seen_at=Now(),
        finished_at=Now(),
    )
    old, yesterday = Now() - timedelta(days=settings.JOB_KEEP_DAYS), Now() - timedelta(days=1)
    superseded = Q(started_at__lt=old) | Q(idle=True, started_at__lt=yesterday)
    JobRun.objects.filter(superseded, job=record.job).exclude(pk=record.pk).delete()
