"""What each run of a background job did. Times are those of the database server, never of the 演示时钟."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Outcome(models.TextChoices):
    """How a run stands. A run that was killed tells nobody: it is ABANDONED once it has been silent too long."""

    WAITING = "WAITING", "等待执行"
    RUNNING = "RUNNING", "执行中"
    DONE = "DONE", "完成"
    FAILED = "FAILED", "失败"
    ABANDONED = "ABANDONED", "中断"


class JobRunQuerySet(models.QuerySet):
    def silent(self):
        """Runs that are said to go on although nothing was heard of them for ``JOB_SILENCE_SECONDS``."""
        silence = timedelta(seconds=settings.JOB_SILENCE_SECONDS)
        return self.filter(outcome=Outcome.RUNNING, seen_at__lt=Now() - silence)

    def alive(self):
        """Runs that go on now."""
        silence = timedelta(seconds=settings.JOB_SILENCE_SECONDS)
        return self.filter(outcome=Outcome.RUNNING, seen_at__gte=Now() - silence)

    def give_up_silent(self) -> int:
        """Note silent runs as abandoned at the moment when they were last heard of; returns how many."""
        return self.silent().update(outcome=Outcome.ABANDONED, finished_at=models.F("seen_at"))


class JobRun(models.Model):
    """One run of one job. ``summary``: what it did, in numbers. ``working_at``: the moment by which it worked
    (``clock.now()``), which is not ``started_at`` where the 演示时钟 was moved. ``idle``: it found nothing to do."""

    job = models.CharField("任务", max_length=100)
    outcome = models.CharField("结果", max_length=12, choices=Outcome, default=Outcome.RUNNING)
    requested_at = models.DateTimeField("登记时间", null=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    started_at = models.DateTimeField("开始", null=True)
    seen_at = models.DateTimeField("最近一次报告", null=True)
    finished_at = models.DateTimeField("结束", null=True)
    working_at = models.DateTimeField("办理时间", null=True)
    summary = models.JSONField("结果数字", default=dict)
    idle = models.BooleanField("无需处理", default=False)
    error = models.TextField("错误", blank=True)
    worker = models.CharField("执行进程", max_length=120, blank=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = "任务执行记录"
        verbose_name_plural = "任务执行记录"
        indexes = [
            models.Index(fields=["job", "-started_at"], name="jobrun_job_started"),
            models.Index(fields=["seen_at"], condition=models.Q(outcome=Outcome.RUNNING), name="jobrun_running"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["job"], condition=models.Q(outcome=Outcome.WAITING), name="jobrun_one_waiting"
            ),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="jobrun_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.get_outcome_display()}"

    @property
    def seconds(self) -> float | None:
        """How long it ran; None while it runs or waits."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()

    def outcome_at(self, now: datetime) -> Outcome:
        """The outcome as it has to be shown at ``now`` (system time): a silent run counts as abandoned before
        another run has noted it."""
        silence = timedelta(seconds=settings.JOB_SILENCE_SECONDS)
        if self.outcome == Outcome.RUNNING and self.seen_at is not None and self.seen_at < now - silence:
            return Outcome.ABANDONED
        return Outcome(self.outcome)
