"""Loads calendars, catalogue, rules and the schedule of jobs. Quick and without effect when there is nothing to do."""

from django.core.management.base import BaseCommand
from django.db import transaction

from certification import clock
from certification.catalogue.loading import load_catalogue
from certification.jobs.scheduling import load_schedule
from certification.organisations.models import User
from certification.records.history import acting_as
from certification.rulebook.loading import load_rules
from certification.workdays.loading import load_calendars


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
        self.stdout.write(
            f"工作日历 +{len(calendars)}，作业目录 +{len(editions)}，规则 +{len(rules.added)}，定时任务 +{len(tasks)}"
        )
        for rule in rules.differing:
            self.stdout.write(f"规则 {rule.area}.{rule.code} 与随附内容不同，保留库中内容。")
