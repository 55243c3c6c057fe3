"""Certificate registers as files, of invented people."""

from datetime import date, timedelta
from random import Random

from certification.people.eligibility import add_years
from certification.people.identity import check_character
from certification.spreadsheets.writing import workbook

# What the national query shows (facts 8).
COLUMNS = (
    "姓名",
    "性别",
    "证号",
    "作业类别",
    "操作项目",
    "初领日期",
    "有效期开始日期",
    "有效期结束日期",
    "应复审日期",
    "实际复审日期",
    "签发机关",
    "证书状态",
)
AUTHORITY = "云岭省应急管理厅"
JOB_TYPES = (("电工作业", "低压电工作业"), ("电工作业", "高压电工作业"))
_DAY = timedelta(days=1)


def identity_number(serial: int) -> str:
    """The ``serial``-th number; odd ones are men's."""
    day = date(1975, 1, 1) + timedelta(days=serial // 400)
    body = f"990101{day:%Y%m%d}{serial % 400 + 1:03d}"
    return body + check_character(body)


def row(serial: int, *, start: date | None = None, job_type: int = 0, **changes) -> dict:
    """One sound row; ``changes`` by the names of the columns."""
    number = identity_number(serial)
    start = start or date(2022, 1, 4) + timedelta(days=serial % 700)
    group, name = JOB_TYPES[job_type]
    said = (
        f"王{chr(0x4E00 + serial % 5000)}",
        "男" if int(number[16]) % 2 else "女",
        f"T{number}",
        group,
        name,
        start,
        start,
        add_years(start, 6) - _DAY,
        add_years(start, 3) - _DAY,
        None,
        AUTHORITY,
        "有效",
    )
    return {**dict(zip(COLUMNS, said, strict=True)), **changes}


def register(rows: list[dict], columns: tuple[str, ...] = COLUMNS) -> bytes:
    """The workbook of ``rows``."""
    return workbook(columns, [[one.get(name) for name in columns] for one in rows], text_columns={"证号"})


def with_errors(number: int, share: float, seed: int = 1) -> list[dict]:
    """``number`` rows, of which a ``share`` has one error each, of every kind in turn."""
    rows = [row(serial) for serial in range(number)]
    wrong = Random(seed).sample(range(1, number), round(number * share))
    for place, serial in enumerate(wrong):
        key, value = _ERRORS[place % len(_ERRORS)]
        rows[serial][key] = value(rows[serial])
    return rows


_ERRORS = (
    ("证号", lambda row: f"{row['证号'][:-2]}{(int(row['证号'][-2]) + 1) % 10}{row['证号'][-1]}"),
    ("操作项目", lambda _row: "带电抢修作业"),
    ("有效期结束日期", lambda row: add_years(row["有效期开始日期"], 5)),
    ("应复审日期", lambda row: add_years(row["有效期开始日期"], 4)),
    ("证书状态", lambda _row: "冻结"),
    ("性别", lambda row: "女" if row["性别"] == "男" else "男"),
    ("初领日期", lambda _row: "去年三月"),
    ("姓名", lambda _row: ""),
)
