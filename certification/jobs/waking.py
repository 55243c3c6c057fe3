"""Waking a worker for work that stands in the database: where the broker is away, the next turn of beat does it."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from celery import Task
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)
_nobody_runs = ContextVar("nobody_runs", default=False)


def wake(task: Task, *, args: Collection = (), kwargs: dict | None = None, workers: int = 1) -> None:
    """Send ``task`` to so many workers. Call it after the commit: what it is to do must be there for it to see."""
    if _nobody_runs.get():
        return
    try:
        for _ in range(workers):
            task.apply_async(args, kwargs=kwargs, retry=False)
    except OperationalError:
        logger.warning("no worker could be woken for %s; the next turn of beat does it", task.name, exc_info=True)


@contextmanager
def nobody_runs() -> Iterator[None]:
    """While nothing is running yet nobody is woken, and no broker asked: the first turn of beat does what there is."""
    token = _nobody_runs.set(True)
    try:
        yield
    finally:
        _nobody_runs.reset(token)
