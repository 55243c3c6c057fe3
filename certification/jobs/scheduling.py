"""What runs when. Every app says it in ``schedule.SCHEDULE``; here it is written into the tables of django-celery-beat.

An entry is a dict: ``name`` (unique, shown to administrators), ``task`` (the name registered in Celery and with
``@job``), ``crontab`` (minute hour day-of-month month day-of-week, Asia/Shanghai) and ``description``; ``counts``
names the numbers of a run's summary, ``outside`` marks what goes to other people's servers.
"""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from certification.jobs.turns import Turns

FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")


def scheduled() -> list[dict]:
    """All entries of all installed apps."""
    names = [f"{config.name}.schedule" for config in apps.get_app_configs() if _is_ours(config.name)]
    return [entry for name in names if find_spec(name) for entry in import_module(name).SCHEDULE]


@transaction.atomic
def load_schedule() -> list[PeriodicTask]:
    """Store the entries; returns those that were added or changed. An administrator's switching-off stays."""
    stored = {task.name: task for task in PeriodicTask.objects.select_related("crontab")}
    changed = [_changed(entry, stored.get(entry["name"])) for entry in scheduled()]
    return [task for task in changed if task is not None]


def _is_ours(app_name: str) -> bool:
    return app_name.partition(".")[0] in ("certification", "training", "exams", "approvals")


def _changed(entry: dict, task: PeriodicTask | None) -> PeriodicTask | None:
    """The entry's row, if it had to be written.

    A message that nobody took before the next turn expires: after a week without a worker one run catches up,
    not a thousand.
    """
    times = dict(zip(FIELDS, entry["crontab"].split(), strict=True))
    wanted = {
        "task": entry["task"],
        "description": entry.get("description", ""),
        "expire_seconds": int(Turns.of(entry["crontab"]).interval.total_seconds()),
    }
    if task and _has(task, wanted) and task.crontab and _has(task.crontab, times):
        return None
    task = task or PeriodicTask(name=entry["name"])
    task.crontab, _created = CrontabSchedule.objects.get_or_create(**times, timezone=settings.TIME_ZONE)
    for name, value in wanted.items():
        setattr(task, name, value)
    task.save()
    return task


def _has(row: models.Model, values: dict) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())
