"""``manage.py demonstration``: make the demonstration province once; ``--logins`` prints its logins."""

from django.core.management.base import BaseCommand, CommandError

from approvals.demonstration import building, logins
from certification import clock
from certification.refusals import Refusal


class Command(BaseCommand):
    help = "生成演示省“云岭省”（已存在时不做任何事）；--logins 打印演示账号。"

    def add_arguments(self, parser):
        parser.add_argument("--logins", action="store_true", help="打印演示账号")

    def handle(self, *args, **options):
        try:
            if options["logins"]:
                self.stdout.write(logins.as_table())
                return
            made = building.build_once(now=clock.now())
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        logins.write_file()
        if options["verbosity"]:
            self.stdout.write("演示省已生成。" if made else "演示省已存在，未作改动。")
