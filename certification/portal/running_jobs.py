"""Asking for a run of a background job out of its turn, and what the home page of an administrator says of them."""

from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from certification import workflow
from certification.celery import app
from certification.jobs import overview
from certification.jobs.models import JobRun, Outcome
from certification.jobs.running import recorded_jobs
from certification.jobs.waking import wake
from certification.organisations import access
from certification.organisations.models import User
from certification.portal.todo import Todo
from certification.refusals import WrongState
from certification.workflow import activity

VIEW = "jobs.view"
RUN = "jobs.run"


@activity
def run_now(*, actor: User, now: datetime, name: str) -> JobRun:
    """Put down a run of the scheduled job ``name`` and wake a worker; returns the run, which waits.

    The next run of the job that begins, whoever woke it, is this one. Refused while the job runs or waits already.
    Raises LookupError for a name that is no recorded job.
    """
    access.require(actor, RUN)
    if name not in recorded_jobs():
        raise LookupError(name)
    if JobRun.objects.alive().filter(job=name).exists():
        raise WrongState("该任务正在执行。", advice="请等它结束后再执行。")
    try:
        with transaction.atomic():
            # The system's time, as that of every run; ``now`` may be the 演示时钟.
            run = JobRun.objects.create(
                job=name, outcome=Outcome.WAITING, requested_by=actor, requested_at=timezone.now()
            )
    except IntegrityError:
        raise WrongState("该任务已登记执行，正在等待。", advice="执行进程空闲后自动执行，不必重复登记。") from None
    workflow.log([run], "run_now", actor=actor, now=now)
    transaction.on_commit(partial(wake, app.tasks[name]))
    return run


def lines(user: User, now: datetime) -> list[Todo]:
    """What needs an administrator's look: jobs that are late, failed or were killed, and a beat that died."""
    if not access.may(user, VIEW):
        return []
    standings = [job.standing for job in overview.jobs()]
    troubles = [(standing.value, standings.count(standing)) for standing in overview.TROUBLE]
    parts = [f"{count} 项{word}" for word, count in troubles if count]
    if overview.beat_died(timezone.now()):
        parts.insert(0, "调度进程没有运行")
    count = sum(count for _word, count in troubles)
    return [Todo("检查后台任务", reverse("portal:jobs"), "，".join(parts), count=count or None)] if parts else []
