"""The days of a year as a table, one row a day or a span: 日期, 截止日期, 类型, 节日, and 星期 where it is given."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from certification.refusals import Problem
from certification.spreadsheets.cleaning import CellProblem, clean_date, clean_text, one_of
from certification.spreadsheets.columns import Column, Record, parse, wanted_names
from certification.spreadsheets.names import normal_name
from certification.spreadsheets.reading import read_table
from certification.workdays.arrangements import Arrangement, Day, Span, spans
from certification.workdays.models import CalendarDay

OFF, MAKEUP = CalendarDay.Kind.OFF.value, CalendarDay.Kind.MAKEUP.value
KINDS = {
    **dict.fromkeys(("放假", "放假调休", "休息", "休", "假", "OFF"), OFF),
    **dict.fromkeys(("调休上班", "上班", "补班", "班", "MAKEUP"), MAKEUP),
}
LONGEST_SPAN = 31
_WEEKDAYS = {
    f"{prefix}{name}": number % 7
    for prefix in ("周", "星期", "")
    for number, name in enumerate(("一", "二", "三", "四", "五", "六", "日", "天"))
}
_WEEKDAYS |= {f"{prefix}天": 6 for prefix in ("周", "星期", "")}


def _clean_name(cell: Any) -> str:
    name = clean_text(cell)
    longest = CalendarDay._meta.get_field("name").max_length
    if len(name) > longest:
        raise CellProblem(f"节日名称超过 {longest} 个字。", code="too_long", advice="请填写通知中的节日名称。")
    return name


COLUMNS = [
    Column("first", "日期", ("开始日期", "起始日期", "起"), clean=clean_date, example="2027-02-05"),
    Column("last", "截止日期", ("结束日期", "至", "止"), required=False, clean=clean_date, example="2027-02-11"),
    Column("kind", "类型", ("安排", "类别"), clean=one_of(KINDS, ("放假", "调休上班")), example="放假"),
    Column("name", "节日", ("节日名称", "名称", "假日"), clean=_clean_name, example="春节"),
    Column("weekday", "星期", ("周",), required=False, clean=one_of(_WEEKDAYS, ("周一", "周日"))),
]
HEADER = "日期,截止日期,类型,节日"


def is_table(text: str) -> bool:
    """Whether the first line of ``text`` with anything in it is a header of this table."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    cells = {normal_name(cell) for cell in re.split(r"[,，;；\s]+", first)}
    return all(cells & {normal_name(name) for name in wanted_names([column])} for column in (COLUMNS[0], COLUMNS[2]))


def read(content: bytes, name: str) -> tuple[list[Arrangement], list[Problem]]:
    """The arrangements of an uploaded table, and what is wrong with its cells. Raises UnreadableFile."""
    parsed = parse(read_table(content, name, wanted_names(COLUMNS)), COLUMNS)
    problems = list(parsed.problems)
    found: dict[str, Arrangement] = {}
    for record in parsed.records:
        if record.ok:
            problems += _take(record, found.setdefault(record["name"], Arrangement(record["name"], record["name"])))
    return list(found.values()), problems


def read_text(text: str) -> tuple[list[Arrangement], list[Problem]]:
    """``read`` for a table that was typed or pasted, its columns apart by tabs, commas or blanks."""
    return read(_delimited(text).encode(), "录入的表格")


def written(days: Iterable[Day]) -> str:
    """The days of an edition as a table that ``read_text`` reads back."""
    lines = [f"{_ends(span)},{'放假' if kind == OFF else '调休上班'},{name}" for span, kind, name in spans(days)]
    return "\n".join([HEADER, *lines, ""])


def _ends(span: Span) -> str:
    first, last = span
    return f"{first},{last if last != first else ''}"


def _delimited(text: str) -> str:
    """With one separator: blanks count as one only where there is no other."""
    text = text.replace("，", ",").replace("；", ";")
    if any(mark in text for mark in (",", "\t", ";")):
        return text
    return "\n".join("\t".join(line.split()) for line in text.splitlines())


def _take(record: Record, into: Arrangement) -> list[Problem]:
    """Add one row; returns what is wrong with its span."""
    first, last = record["first"], record["last"] or record["first"]
    if not 0 <= (last - first).days < LONGEST_SPAN:
        return [_bad_span(record.row, first, last)]
    if record["weekday"] is not None:
        into.weekdays.append((first, record["weekday"]))
    if record["kind"] == OFF:
        into.off.append((first, last))
    else:
        into.makeup += [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]
    return []


def _bad_span(row: int, first: date, last: date) -> Problem:
    wrong = "早于日期" if last < first else f"距日期超过 {LONGEST_SPAN} 天"
    return Problem(f"截止日期 {last} {wrong} {first}。", code="span", row=row, column="截止日期", value=str(last))
