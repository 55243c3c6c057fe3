"""``manage.py verify_dossier FILE.zip [ADDITION.zip ...]``: proves an exported dossier, without a database."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand

from approvals.dossiers.sealing import verifying

INTACT, DIFFERS, UNREADABLE = 0, 1, 2


class Command(BaseCommand):
    """Says what was changed, is missing or was added. Ends with 0 (intact), 1 (it differs) or 2 (no dossier)."""

    help = "脱机校验导出的档案压缩包：完好返回 0，有改动、缺少或多出返回 1，不是档案返回 2。"
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE.zip", help="档案，以及单独导出的补充归档")
        parser.add_argument("--digest", default="", help="系统中该档案页面显示的（最新）目录校验值")

    def handle(self, *args, files: list[Path], digest: str, **options) -> None:
        try:
            report = verifying.verify(files, digest=digest)
        except verifying.Unreadable as problem:
            self.stderr.write(f"不能校验：{problem}。")
            sys.exit(UNREADABLE)
        for fault in report.faults:
            self.stdout.write(str(fault))
        if report.faults:
            self.stdout.write(f"{report.dossier}：{len(report.faults)} 处与封存时不一致。")
            sys.exit(DIFFERS)
        part = f"（部分导出：{report.part}）" if report.part else ""
        additions = f"，含 {len(report.seals) - 1} 次补充归档" if len(report.seals) > 1 else ""
        self.stdout.write(f"{report.dossier}{part}完好：{report.files} 个文件{additions}。")
        self.stdout.write(
            f"目录校验值 {report.digest}{'，与给出的一致' if digest else '，请与系统中该档案页面显示的比对'}。"
        )
