"""How the scheduled jobs stand: what ran last, what comes next, what is late. By system time, as the runs are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import F, Max, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from certification.jobs.models import BeatLease, JobRun, Outcome
from certification.jobs.scheduling import scheduled
from certification.jobs.turns import Turns


class Standing(StrEnum):
    """How a job stands, the most pressing first."""

    LATE = "延误"
    FAILED = "上次失败"
    ABANDONED = "上次中断"
    RUNNING = "执行中"
    WAITING = "等待执行"
    OFF = "已停用"
    NEVER = "尚未执行"
    WELL = "正常"


# What an administrator must look at.
TROUBLE = (Standing.LATE, Standing.FAILED, Standing.ABANDONED)


@dataclass(frozen=True)
class ScheduledJob:
    """One job of the schedule. ``last`` is the run that ended last, ``current`` one that goes on or waits."""

    task: PeriodicTask
    counts: dict[str, str]
    last: JobRun | None
    current: JobRun | None
    done_at: datetime | None
    now: datetime

    @property
    def code(self) -> str:
        return self.task.task

    @property
    def name(self) -> str:
        return self.task.name

    @property
    def turns(self) -> Turns | None:
        """None where an administrator gave it another kind of schedule than a crontab."""
        times = self.task.crontab
        if times is None:
            return None
        columns = (times.minute, times.hour, times.day_of_month, times.month_of_year, times.day_of_week)
        return Turns.of(" ".join(column.replace(" ", "") for column in columns))

    @property
    def schedule(self) -> str:
        return self.turns.in_words() if self.turns else str(self.task.scheduler)

    @property
    def next_at(self) -> datetime | None:
        if not self.task.enabled or self.turns is None:
            return None
        return next(self.turns.after(self.now), None)

    @property
    def is_late(self) -> bool:
        """Whether it was not done for more than ``JOB_LATE_INTERVALS`` of its intervals, or never in as many turns."""
        if not self.task.enabled or self.turns is None:
            return False
        if self.done_at is None:
            return self.task.total_run_count > settings.JOB_LATE_INTERVALS
        return self.now - self.done_at > self.patience

    @property
    def patience(self) -> timedelta:
        return self.turns.interval * settings.JOB_LATE_INTERVALS

    @property
    def standing(self) -> Standing:
        if self.is_late:
            return Standing.LATE
        if self.current is not None:
            return Standing.WAITING if self.current.outcome == Outcome.WAITING else Standing.RUNNING
        if not self.task.enabled:
            return Standing.OFF
        if self.last is None:
            return Standing.NEVER
        ends = {Outcome.FAILED: Standing.FAILED, Outcome.ABANDONED: Standing.ABANDONED}
        return ends.get(self.last.outcome_at(self.now), Standing.WELL)

    def did(self, run: JobRun) -> str:
        """What a run did, in words and numbers; "" where it has not ended well."""
        if run.outcome != Outcome.DONE:
            return ""
        parts = [f"{self.counts.get(key, key)} {_shown(value)}" for key, value in run.summary.items() if value]
        return "，".join(parts) or "无需处理"


def jobs(now: datetime | None = None) -> list[ScheduledJob]:
    """Every job of the schedule in the order of the apps, in a fixed number of queries; ``now`` is system time."""
    now = now or timezone.now()
    entries = {entry["task"]: entry for entry in scheduled()}
    tasks = PeriodicTask.objects.filter(task__in=entries).select_related("crontab", "interval", "solar", "clocked")
    ended, current = _last_ended(), _current(now)
    done = dict(
        JobRun.objects.filter(outcome=Outcome.DONE).values_list("job").annotate(Max("finished_at")).order_by("job")
    )
    order = list(entries)
    return [
        ScheduledJob(
            task=task,
            counts=entries[task.task].get("counts", {}),
            last=ended.get(task.task),
            current=current.get(task.task),
            done_at=done.get(task.task),
            now=now,
        )
        for task in sorted(tasks, key=lambda task: order.index(task.task))
    ]


def find(code: str) -> ScheduledJob | None:
    """The job of that name, or None."""
    return next((job for job in jobs() if job.code == code), None)


def beat_died(now: datetime) -> BeatLease | None:
    """The lease of a beat that ended without a successor, or None where one runs or none ever ran."""
    return BeatLease.objects.filter(expires_at__lt=now - timedelta(seconds=settings.BEAT_LEASE_SECONDS)).first()


def _last_ended() -> dict[str, JobRun]:
    """The run of each job that began last and does not go on; a silent one counts as ended."""
    ended = ~Q(outcome__in=[Outcome.WAITING, Outcome.RUNNING]) | Q(pk__in=JobRun.objects.silent().values("pk"))
    newest = Window(RowNumber(), partition_by=F("job"), order_by=[F("started_at").desc(), F("pk").desc()])
    rows = JobRun.objects.filter(ended).annotate(place=newest).filter(place=1)
    return {run.job: run for run in rows}


def _current(now: datetime) -> dict[str, JobRun]:
    """A run of each job that goes on, else one that waits."""
    going_on = JobRun.objects.filter(outcome__in=[Outcome.WAITING, Outcome.RUNNING])
    rows = [run for run in going_on.order_by("pk") if run.outcome_at(now) != Outcome.ABANDONED]
    return {run.job: run for run in sorted(rows, key=lambda run: run.outcome == Outcome.RUNNING)}


def _shown(value) -> str:
    return str(len(value)) if isinstance(value, list | dict) else str(value)
