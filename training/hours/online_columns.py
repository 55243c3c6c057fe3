"""The columns of a learning platform's report: who learnt how many hours between which days."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from certification.people.columns import identity_column, name_column
from certification.people.identity import InvalidIdentityNumber, check_identity_number
from certification.spreadsheets.cleaning import CellProblem, clean_date, clean_decimal, clean_digits
from certification.spreadsheets.columns import Column
from certification.spreadsheets.writing import template
from training.models import TrainingPlan


def online_columns(today: date) -> list[Column]:
    """The columns in the order of the template."""
    return [
        name_column(required=False),
        replace(identity_column(today), clean=_number_cleaner(today)),
        Column(
            "hours",
            "线上学时",
            ("学时", "完成学时", "已学学时", "学习学时", "累计学时"),
            clean=clean_hours,
            example="16",
        ),
        Column(
            "began_on", "起始日期", ("开始日期", "学习开始日期", "开始学习时间"), clean=clean_date, example="2026-03-05"
        ),
        Column(
            "ended_on", "截止日期", ("结束日期", "学习结束日期", "完成日期"), clean=clean_date, example="2026-03-12"
        ),
    ]


def online_template(plan: TrainingPlan, today: date) -> bytes:
    """The workbook for online hours of ``plan``."""
    notes = [
        f"培训计划：{plan}，报备线上学时 {plan.online_hours}。",
        "可以直接上传学习平台导出的表格，表头有身份证号码、线上学时、起始日期、截止日期即可。",
        "一人可以有多行；同一平台再次导入时，以最后一次为准。",
    ]
    return template(online_columns(today), title=f"线上学时：{plan}", notes=notes)


# No identity number, old ones included, is shorter.
_SHORTEST_IDENTITY_NUMBER = 15


def _number_cleaner(today: date) -> Callable[[object], str]:
    """The number of whichever document: what has letters in it or is short is no identity number."""

    def clean(cell: object) -> str:
        number = clean_digits(cell)
        if re.search("[A-Z]", number[:-1]) or len(number) < _SHORTEST_IDENTITY_NUMBER:
            return number
        try:
            return check_identity_number(cell, today=today).number
        except InvalidIdentityNumber as refusal:
            raise CellProblem(refusal.message, code=refusal.code, advice=refusal.advice) from refusal

    return clean


def clean_hours(cell: object) -> Decimal:
    """Training hours: above zero, at most one digit behind the point."""
    hours = clean_decimal(cell)
    if hours <= 0 or hours >= 1000 or hours != hours.quantize(Decimal("0.1")):
        raise CellProblem("学时应大于零，最多一位小数。", code="hours", advice="请填写学时数，例如 16 或 7.5。")
    return hours
