"""The sample register under ``static/samples``: certificates of invented people, three rows of them wrong.

``python manage.py shell -c "from approvals.samples import write; write()"`` writes the file anew; a test keeps it
equal to what this module says.
"""

from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from certification.people.eligibility import add_years
from certification.people.identity import check_character
from certification.spreadsheets.writing import workbook

FOLDER = Path(settings.BASE_DIR) / "static" / "samples"
NAME = "certificate-register.xlsx"
# A division that the demonstration gives to nobody.
DIVISION = "990198"
AUTHORITY = "云岭省应急管理厅"
COLUMNS = (
    "姓名",
    "性别",
    "证号",
    "作业类别",
    "准操项目",
    "初领日期",
    "有效期从",
    "有效期到",
    "应复审日期",
    "实际复审日期",
    "发证机关",
    "状态",
)
# Name, birth date, sequence (odd: a man), group, job type, first issue, start of the period, review done.
PEOPLE = (
    ("程立群", "19830509", 11, "电工作业", "低压电工作业", date(2023, 5, 15), date(2023, 5, 15), None),
    ("程立群", "19830509", 11, "电工作业", "高压电工作业", date(2021, 9, 1), date(2021, 9, 1), date(2024, 8, 20)),
    ("骆安琪", "19901123", 24, "焊接与热切割", "熔化焊接与热切割作业", date(2024, 3, 11), date(2024, 3, 11), None),
    ("司徒海", "19790214", 37, "高处作业", "登高架设作业", date(2018, 6, 4), date(2024, 6, 4), None),
    (
        "尉迟雪",
        "19860730",
        42,
        "制冷与空调作业",
        "制冷与空调设备运行操作作业",
        date(2022, 1, 10),
        date(2022, 1, 10),
        None,
    ),
    ("桑榆", "19950618", 53, "金属非金属矿山安全作业", "尾矿作业", date(2023, 11, 6), date(2023, 11, 6), None),
    (
        "宓成功",
        "19881005",
        65,
        "危险化学品安全作业",
        "化工自动化控制仪表作业",
        date(2023, 2, 8),
        date(2023, 2, 8),
        None,
    ),
    ("鄢文静", "19920401", 76, "电工作业", "低压电工作业", date(2024, 7, 22), date(2024, 7, 22), None),
    ("郏志强", "19810909", 87, "电工作业", "防爆电气作业", date(2020, 12, 7), date(2020, 12, 7), date(2023, 11, 30)),
)
_DAY = timedelta(days=1)


def rows() -> list[list]:
    """The rows, three of them wrong: a transposed number, an unknown job type, a period of five years."""
    found = [_row(*person) for person in PEOPLE]
    number = found[5][2]
    found[5][2] = f"{number[:-4]}{number[-3]}{number[-4]}{number[-2:]}"
    found[6][4] = "化工仪表检修作业"
    found[7][7] = add_years(found[7][6], 5) - _DAY
    return found


def files() -> dict[str, bytes]:
    """File name → content."""
    return {NAME: workbook(COLUMNS, rows(), text_columns={"证号"})}


def write(folder: Path = FOLDER) -> None:
    """Write the sample file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)


def certificate_number(born: str, sequence: int, division: str = DIVISION) -> str:
    """An invented number with a right check character."""
    body = f"{division}{born}{sequence:03d}"
    return f"T{body}{check_character(body)}"


def _row(name, born, sequence, group, job_type, first, start, done) -> list:
    sex = "男" if sequence % 2 else "女"
    until, due = add_years(start, 6) - _DAY, add_years(start, 3) - _DAY
    number = certificate_number(born, sequence)
    return [name, sex, number, group, job_type, first, start, until, due, done, AUTHORITY, "有效"]
