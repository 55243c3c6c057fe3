"""Loads calendars, catalogue, rules, the schedule of jobs, and what apps name in their module ``reference`` (a
``LABEL``, and ``load(now=…)`` that returns how much it added). Quick and without effect when there is nothing to do."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import transaction

from certification import clock
from certification.catalogue.loading import load_catalogue
from certification.jobs.scheduling import load_schedule
from certification.organisations.models import User
from certification.records.history import acting_as
from certification.rulebook.loading import load_rules
from certification.workdays.loading import load_calendars

OWN = ("certification", "training", "exams", "approvals")


class Command(BaseCommand):
    help = "加载工作日历、作业目录、规则和定时任务；可重复运行。"

    @transaction.atomic
    def handle(self, *args, **options):
        now = clock.now()
        with acting_as(User.objects.system()):
            calendars = load_calendars(now=now)
            editions = load_catalogue()
            rules = load_rules()
            tasks = load_schedule()
            more = "".join(f"，{module.LABEL} +{module.load(now=now)}" for module in _of_apps())
        shown = {"工作日历": calendars, "作业目录": editions, "规则": rules.added, "定时任务": tasks}
        self.stdout.write("，".join(f"{label} +{len(rows)}" for label, rows in shown.items()) + more)
        for rule in rules.differing:
            self.stdout.write(f"规则 {rule.area}.{rule.code} 与随附内容不同，保留库中内容。")


def _of_apps():
    """The module ``reference`` of every app that has one."""
    names = [f"{config.name}.reference" for config in apps.get_app_configs()]
    return [import_module(name) for name in names if name.partition(".")[0] in OWN and find_spec(name)]
