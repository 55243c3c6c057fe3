"""``manage.py check_roster FILE --job-type CODE --kind KIND``: every finding of a roster, without a class."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, DjangoHelpFormatter

from certification import clock
from certification.catalogue.models import ApplicationKind, CatalogueEdition, JobType
from certification.catalogue.naming import Names
from certification.people.checks import catalogue
from certification.people.checks.subject import Subject
from certification.refusals import Problem
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.spreadsheets import layout
from certification.spreadsheets.columns import Column, Record, parse
from certification.spreadsheets.reading import read_sheets
from certification.spreadsheets.unreadable import UnreadableFile
from training.rosters.roster_checks import RosterCheck, judge_records
from training.rosters.roster_columns import roster_columns

FOUND, UNREADABLE = 1, 2
KINDS = {kind.value.lower(): kind for kind in ApplicationKind}
# What can be wrong with a cell before anything is judged.
CELL_CODES = {
    "required": "必填项未填写",
    "choice": "不是可选的内容",
    "name": "姓名中有数字",
    "birth_date_differs": "出生日期与证件号码不符",
    "date": "日期无法识别",
    "date_serial": "日期变成了表格软件的序号",
    "phone": "手机号不是 11 位",
    "number": "应为号码或数字",
    "digits_lost": "长号码被表格软件当作数字，末几位已丢失",
    "became_date": "号码被表格软件转成了日期",
    "formula": "单元格是公式",
    "cell_error": "单元格是错误值（如 #N/A）",
}
USAGE = """
每项发现输出一行 JSON：row 为表中的行号（首行为 1，整份名单的发现为 null），column 为列名，
code 为代码，severity 为 error 或 warning，message 说明问题和处理办法。
没有班级：年龄和退休按今日核验，容量和班级学时不核。不保存任何内容。

退出状态：0 没有错误（可以有提示），1 有错误，2 文件无法读取、操作项目不认识或者缺少基础数据（原因见标准错误）。

支持 xlsx 和 csv（UTF-8、GB18030）。表头在前 20 行中按列名和别名查找；列名不完全一致的，按最相近的列核对，
并在标准错误中提示；同一列出现多次、多个工作表都像名单的，不予核对。

代码（核验规则）：
{checks}

代码（读取单元格）：
{cells}
"""


class _Formatter(DjangoHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the description as they are."""


class Command(BaseCommand):
    help = "核对一份学员名单，逐项输出发现的问题（每行一个 JSON），不保存。"
    requires_system_checks = ()

    def create_parser(self, prog_name, subcommand, **kwargs):
        lines = "\n".join(f"  {check.code:<16}{check.says}" for check in catalogue.checks())
        cells = "\n".join(f"  {code:<16}{text}" for code, text in CELL_CODES.items())
        epilog = USAGE.format(checks=lines, cells=cells)
        return super().create_parser(prog_name, subcommand, formatter_class=_Formatter, epilog=epilog, **kwargs)

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="xlsx 或 csv 文件")
        parser.add_argument("--job-type", required=True, metavar="CODE", help="操作项目的代码，如 0101；也可以写名称")
        parser.add_argument("--kind", required=True, choices=sorted(KINDS), help="申请类型：初训、复审、换证")

    def handle(self, *args, **options):
        subject = _subject(options["job_type"], KINDS[options["kind"]])
        path = Path(options["file"])
        try:
            records, doubts = _records(_content(path), path.name, roster_columns(subject.today, subject.job_type.name))
        except UnreadableFile as refusal:
            raise CommandError(f"{refusal}（{refusal.code}）", returncode=UNREADABLE) from None
        for doubt in doubts:
            self.stderr.write(f"提示：{doubt}")
        check = judge_records(subject, records)
        for severity, problem in _in_order(check):
            self.stdout.write(_line(severity, problem))
        if check.problems:
            self.stdout.flush()
            sys.exit(FOUND)


def _subject(job_type: str, kind: ApplicationKind) -> Subject:
    today = clock.today()
    try:
        edition = lookup.edition_on(today)
        names = Names.of(CatalogueEdition.objects.in_force(today))
    except (RuleEdition.DoesNotExist, CatalogueEdition.DoesNotExist):
        raise CommandError(
            "数据库中没有已启用的规则或者目录，请先运行 manage.py load_reference。", returncode=UNREADABLE
        ) from None
    found = names.find(job_type)
    if found is None:
        raise CommandError(f"没有操作项目“{job_type}”。可用的：\n{_listed(names)}", returncode=UNREADABLE)
    return Subject(found, kind.value, edition, today, start=today, start_word="今日")


def _listed(names: Names) -> str:
    known: dict[int, JobType] = {job_type.pk: job_type for job_type in names.by_name.values()}
    return "\n".join(f"  {job_type.code} {job_type.name}" for job_type in known.values())


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"无法读取文件“{path}”：{error.strerror}。", returncode=UNREADABLE) from None


def _records(content: bytes, name: str, columns: Sequence[Column]) -> tuple[list[Record], Sequence[str]]:
    """The rows, and what is doubtful about where their columns stand. Raises UnreadableFile also where only a person
    could say which table or which of two columns is meant."""
    sheets = read_sheets(content, name)
    found = layout.suggest(sheets, columns)
    if len(found.doubts) > len(found.best.doubts):
        raise UnreadableFile(found.doubts[0], code="two_tables", advice="请只保留一个工作表。")
    places = found.best.layout.places
    table = layout.table(sheets, found.best.layout)
    try:
        return parse(table, columns).records, found.best.doubts
    except UnreadableFile as refusal:
        named = all(column.key in places for column in columns if column.required)
        if refusal.code != "missing_columns" or not named:
            raise
    return parse(table, columns, places).records, found.best.doubts


def _in_order(check: RosterCheck) -> list[tuple[str, Problem]]:
    found = [("error", problem) for problem in check.problems]
    found += [("warning", problem) for problem in check.warnings]
    return sorted(found, key=lambda each: each[1].row or 0)


def _line(severity: str, problem: Problem) -> str:
    said = {
        "row": problem.row,
        "column": problem.column,
        "code": problem.code,
        "severity": severity,
        "message": f"{problem.message}{problem.advice}",
    }
    return json.dumps(said, ensure_ascii=False)
