"""What has to run for every day that the 演示时钟 passes: every scheduled job that has a turn on that day, once.

A job of the schedule that goes ``outside`` (mail, messages) is left to the workers: they do it minutes later, by the
clock that was moved, and no page waits for other people's servers.
"""

from datetime import datetime

from certification.jobs.running import recorded_jobs
from certification.jobs.scheduling import scheduled
from certification.jobs.turns import Turns


def run(now: datetime) -> None:
    """Every job of the day of ``now``, in the order of the schedule, by the clock as it stands."""
    jobs = recorded_jobs()
    for entry in scheduled():
        if not entry.get("outside") and Turns.of(entry["crontab"]).falls_on(now.date()):
            jobs[entry["task"]]()
