"""``manage.py duedate RULE EVENT_DATE``: the last day in time of what a deadline rule asks for."""

from django.core.management.base import BaseCommand, CommandError

from certification import clock
from certification.deadlines.due import AREA, due
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.workdays.counting import Count, OutOfRange
from certification.workdays.management.commands.workdays import calendar_for, line, parse_date


class Command(BaseCommand):
    help = "按规则代码和事件日期输出截止日期；涉及无放假通知的年份时加注 provisional。"

    def add_arguments(self, parser):
        parser.add_argument("rule", metavar="RULE", help="规则代码，如 plan_filing")
        parser.add_argument("event_date", metavar="EVENT_DATE", help="YYYY-MM-DD")
        parser.add_argument("--demo", action="store_true", help="计入演示用的虚构日历")

    def handle(self, *args, **options):
        event_on = parse_date(options["event_date"])
        edition = _edition()
        try:
            found = due(options["rule"], event_on, edition=edition, calendar=calendar_for(demo=options["demo"]))
        except lookup.UnknownRule:
            known = "、".join(rule.code for rule in lookup.rules(edition, AREA))
            raise CommandError(f"没有规则“{options['rule']}”。可用的规则：{known}。") from None
        except OutOfRange as error:
            raise CommandError(str(error)) from None
        self.stdout.write(line(Count(found.due_on, found.provisional)))


def _edition() -> RuleEdition:
    try:
        return lookup.edition_on(clock.today())
    except RuleEdition.DoesNotExist:
        raise CommandError("数据库中没有已启用的规则版本，请先运行 manage.py load_reference。") from None
