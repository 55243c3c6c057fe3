"""The columns of a schedule as a spreadsheet."""

import re
from datetime import datetime, time, timedelta
from decimal import Decimal

from certification.people.models import mask
from certification.spreadsheets.cleaning import CellProblem, clean_date, clean_text, one_of
from certification.spreadsheets.columns import Column, Record
from certification.spreadsheets.writing import template
from training.hours.online_columns import clean_hours
from training.lessons.schedule_entry import MODES, PARTS, LessonEntry
from training.models import LessonMode, TrainingPlan, Venue

_TIME = re.compile(r"(\d{1,2})[:：点时](\d{1,2})分?(?:[:：]\d{2})?")


def schedule_columns(plan: TrainingPlan) -> list[Column]:
    """The columns in the order of the template; teachers and venues are those of the class and its institution."""
    teachers, venues = teacher_names(plan), venue_names(plan)
    return [
        Column("day", "日期", ("上课日期",), clean=clean_date, example=f"{plan.class_start}"),
        Column("starts_at", "开始时间", ("上课时间", "起始时间"), clean=clean_time, text=True, example="08:30"),
        Column("ends_at", "结束时间", ("下课时间",), clean=clean_time, text=True, example="12:00"),
        Column("hours", "学时", ("课时",), clean=clean_hours, example="4"),
        Column("part", "类别", ("理论实操", "课程类别"), clean=one_of(PARTS), choices=tuple(PARTS), example="理论"),
        Column(
            "mode", "方式", ("授课方式",), required=False, clean=one_of(MODES), choices=tuple(MODES), example="线下"
        ),
        Column("subject", "课程内容", ("课程", "内容", "科目"), clean=_subject, example="安全用电"),
        Column(
            "teacher_id",
            "教师",
            ("授课教师", "任课教师"),
            required=False,
            clean=one_of(teachers),
            choices=tuple(teachers),
        ),
        Column("venue_id", "场地", ("教室", "上课地点"), required=False, clean=one_of(venues), choices=tuple(venues)),
    ]


def schedule_template(plan: TrainingPlan) -> bytes:
    """The workbook to fill in for the schedule of ``plan``."""
    notes = [
        f"培训计划：{plan}，{plan.class_start} 至 {plan.class_end}。",
        "方式不填的为线下；线下课程须填教师和场地。教师为本班报备的教师，场地为本机构登记的场地。",
        "全部行一次核对；有错误的整份不保存，改正后重新上传。上传的课程加入课程表，不替换已排的课程。",
    ]
    return template(schedule_columns(plan), title=f"课程表：{plan}", notes=notes)


def entry_of(record: Record) -> LessonEntry:
    """The lesson of a row without problems."""
    values = {**record.values, "mode": record["mode"] or LessonMode.ONSITE}
    return LessonEntry(**{"teacher_id": None, "venue_id": None, **values}, row=record.row)


def teacher_names(plan: TrainingPlan) -> dict[str, int]:
    """Name → person of the class's teachers; two of one name are told apart by their numbers' last digits."""
    rows = [row.person for row in plan.teachers.select_related("person").order_by("pk")]
    names = [person.name for person in rows]
    return {
        person.name if names.count(person.name) == 1 else f"{person.name}{mask(person.document_number)[-4:]}": person.pk
        for person in rows
    }


def venue_names(plan: TrainingPlan) -> dict[str, int]:
    """Name → venue of the institution's venues in use."""
    rows = Venue.objects.filter(institution=plan.institution_id, active=True).order_by("name", "pk")
    return dict(rows.values_list("name", "pk"))


def clean_time(cell: object) -> time:
    """A time of day, from a time cell, a fraction of a day, or text like 08:30, 8：30, 8点30分."""
    if isinstance(cell, datetime):
        return cell.time().replace(second=0, microsecond=0)
    if isinstance(cell, time):
        return cell.replace(second=0, microsecond=0)
    if isinstance(cell, timedelta):
        return _of_minutes(round(cell.total_seconds() / 60))
    if isinstance(cell, float | int | Decimal) and not isinstance(cell, bool) and 0 <= cell < 1:
        return _of_minutes(round(float(cell) * 24 * 60))
    match = _TIME.fullmatch(clean_text(cell))
    try:
        return time(int(match[1]), int(match[2]))
    except (TypeError, ValueError):
        raise CellProblem("时间无法识别。", code="time", advice="请按 08:30 的格式填写。") from None


def _of_minutes(minutes: int) -> time:
    if not 0 <= minutes < 24 * 60:
        raise CellProblem("时间无法识别。", code="time", advice="请按 08:30 的格式填写。")
    return time(minutes // 60, minutes % 60)


def _subject(cell: object) -> str:
    text = clean_text(cell)
    if len(text) > 60:
        raise CellProblem("课程内容不超过 60 字。", code="too_long", advice="请缩短。")
    return text
