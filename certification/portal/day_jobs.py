"""What has to run for every day that the 演示时钟 passes. Apps register in ``AppConfig.ready`` what beat runs daily."""

from collections.abc import Callable
from datetime import datetime

Job = Callable[[datetime], object]
JOBS: dict[str, Job] = {}


def register(name: str, job: Job) -> None:
    """Add ``job(now)``; it runs in the order of registration. It may run twice for the same day."""
    JOBS[name] = job


def run(now: datetime) -> None:
    """Every job, for the day of ``now``."""
    for job in JOBS.values():
        job(now)
