"""The columns of a roster; the names that the field uses for them (facts 8) stand in ``roster_headings.toml``."""

import tomllib
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from certification.people.columns import (
    any_document_column,
    birth_date_column,
    document_column,
    education_column,
    employer_column,
    name_column,
    phone_column,
    sex_column,
)
from certification.spreadsheets.cleaning import one_of
from certification.spreadsheets.columns import Column
from certification.spreadsheets.writing import template
from training.models import TrainingPlan
from training.models.rosters import FemaleClass

FEMALE_CLASS_NAMES: dict[str, str] = {
    "女干部": FemaleClass.F55.value,
    "女工人": FemaleClass.F50.value,
    "女干部（原55周岁）": FemaleClass.F55.value,
    "女工人（原50周岁）": FemaleClass.F50.value,
    "55": FemaleClass.F55.value,
    "50": FemaleClass.F50.value,
}


def roster_columns(today: date, job_type: str = "低压电工作业") -> list[Column]:
    """The columns in the order of the template; ``today`` judges birth dates, ``job_type`` is the example."""
    said = _headings()
    return [
        replace(column, aliases=tuple(said[column.key]["aliases"]), note=said[column.key]["note"])
        for column in _columns(today, job_type)
    ]


@cache
def _headings() -> dict[str, dict]:
    with Path(__file__).with_name("roster_headings.toml").open("rb") as file:
        return tomllib.load(file)


def _columns(today: date, job_type: str) -> list[Column]:
    return [
        name_column(),
        sex_column(),
        any_document_column(today),
        education_column(),
        phone_column(),
        employer_column(),
        Column("position", "从事岗位", required=False, example="维修电工"),
        Column(
            "job_type",
            "操作项目",
            required=False,
            choices=(job_type,),
            example=job_type,
        ),
        Column(
            "female_class",
            "女职工类别",
            required=False,
            clean=one_of(FEMALE_CLASS_NAMES),
            choices=("女干部", "女工人"),
            example="女工人",
        ),
        document_column(),
        birth_date_column(),
    ]


def roster_template(plan: TrainingPlan, today: date) -> bytes:
    """The workbook to fill in for the roster of ``plan``: identity numbers as text, drop-downs for what is chosen."""
    notes = [
        f"培训计划：{plan}，班级容量 {plan.capacity} 人。",
        "带 * 的为必填列。身份证号码列已设为文本格式，请勿改为数字。",
        "女职工类别用于计算法定退休年龄，男职工不填；女职工不填的按省级默认值。",
        "证件类型可以不填，不填的按居民身份证。持护照等其他证件的，须填写证件类型、性别和出生日期。",
        "操作项目可以不填；填写的须与本班操作项目一致。",
        "全部行一次核对；有错误的只改正那些行再上传，全部无误后报送。",
    ]
    return template(roster_columns(today, plan.job_type.name), title=f"学员名单：{plan}", notes=notes)
