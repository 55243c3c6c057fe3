"""``manage.py verify_log``: prove that the log stands as it was written, or name what does not."""

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from certification.records import sealing
from certification.records.models import LogSeal, TransitionLog


class Command(BaseCommand):
    help = "核对办理记录的链接和封存；发现改动、缺失、插入时逐条列出，并以状态 1 结束。"

    def add_arguments(self, parser):
        parser.add_argument("--case", metavar="MODEL:ID", help="只核对一个事项，如 training.TrainingPlan:12")

    def handle(self, *args, **options):
        faults = list(sealing.verify(_case(options["case"])))
        for fault in faults:
            self.stdout.write(str(fault))
        if faults:
            raise CommandError(f"发现 {len(faults)} 处不符。")
        last = LogSeal.objects.order_by("-number").first()
        sealed = f"封存至第 {last.number} 号，校验值 {last.digest}" if last else "尚无封存"
        self.stdout.write(f"办理记录完好：{sealed}；待封存 {TransitionLog.objects.unsealed().count()} 条。")


def _case(text: str | None):
    if text is None:
        return None
    label, _, key = text.partition(":")
    try:
        return apps.get_model(label)._base_manager.get(pk=int(key))
    except (LookupError, ValueError):
        raise CommandError("请按 MODEL:ID 写明事项，如 training.TrainingPlan:12。") from None
    except apps.get_model(label).DoesNotExist:
        raise CommandError(f"没有找到 {text}。") from None
