"""``manage.py workdays DATE N``: the N-th working day after (N > 0) or before (N < 0) DATE."""

from datetime import date

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from certification.workdays import calendars
from certification.workdays.counting import Calendar, Count, OutOfRange


def parse_date(text: str) -> date:
    """An ISO date (YYYY-MM-DD); raises CommandError."""
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"日期“{text}”无效，应为 YYYY-MM-DD，例如 2026-05-11。") from None


def calendar_for(*, demo: bool) -> Calendar:
    """Published notices only; with ``demo`` the invented year too, where the settings allow it."""
    try:
        calendars.require_loaded()
    except calendars.NoCalendarLoaded as error:
        raise CommandError(str(error)) from None
    if demo and not settings.DEMONSTRATION_CALENDAR:
        raise CommandError("本设置不允许使用演示用日历，不能使用 --demo。")
    return calendars.current() if demo else calendars.published_only()


def line(count: Count) -> str:
    """ISO date alone, or followed by `` provisional``."""
    return f"{count.date.isoformat()}{' provisional' if count.provisional else ''}"


class Command(BaseCommand):
    help = "输出 DATE 之后（N 为正）或之前（N 为负）第 N 个工作日；涉及无放假通知的年份时加注 provisional。"

    def add_arguments(self, parser):
        parser.add_argument("date", metavar="DATE", help="YYYY-MM-DD")
        parser.add_argument("n", metavar="N", help="工作日数，正数向后，负数向前")
        parser.add_argument("--demo", action="store_true", help="计入演示用的虚构日历")

    def handle(self, *args, **options):
        day, n = parse_date(options["date"]), _number(options["n"])
        try:
            count = calendar_for(demo=options["demo"]).shift(day, n)
        except OutOfRange as error:
            raise CommandError(str(error)) from None
        self.stdout.write(line(count))


def _number(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise CommandError(f"工作日数“{text}”无效，应为整数。") from None
    if number == 0:
        raise CommandError("工作日数不能为 0：正数为之后，负数为之前。")
    return number
