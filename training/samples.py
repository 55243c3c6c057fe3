"""The sample rosters under ``static/samples``: invented people who are not in the demonstration.

``python manage.py shell -c "from training.samples import write; write()"`` writes the files anew; a test keeps
them equal to what this module says.
"""

from datetime import date
from pathlib import Path

from django.conf import settings

from certification.people.identity import check_character
from certification.spreadsheets.writing import workbook
from training.rosters.roster_columns import roster_columns

FOLDER = Path(settings.BASE_DIR) / "static" / "samples"
# A division that the demonstration gives to nobody.
DIVISION = "990199"
EMPLOYER = "云岭示例机电有限公司"
RIGHT = (
    ("林致远", "19880412", 801, "高中", "13900000101", "维修电工", ""),
    ("孟晓禾", "19920930", 802, "中专", "13900000102", "配电值班", "女工人"),
    ("欧阳建平", "19850117", 803, "高中", "13900000103", "维修电工", ""),
    ("祁月", "19960608", 804, "大专", "13900000104", "电气技术员", "女干部"),
    ("娄大川", "20010225", 805, "中专", "13900000105", "安装电工", ""),
    ("向承志", "19901111", 807, "高中", "13900000106", "安装电工", ""),
)


def teacher() -> tuple[str, str]:
    """Name and identity number of a teacher for a sample class, who like its people is not in the demonstration."""
    return "田野", identity_number("19800615", 811)


def identity_number(born: str, sequence: int) -> str:
    """An invented number with a right check character."""
    body = f"{DIVISION}{born}{sequence:03d}"
    return body + check_character(body)


def files() -> dict[str, bytes]:
    """File name → content."""
    right = [_row(*person) for person in RIGHT]
    return {"roster-example.xlsx": _sheet(right), "roster-with-errors.xlsx": _sheet(_with_errors(right))}


def write(folder: Path = FOLDER) -> None:
    """Write the sample files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)


def _row(name, born, sequence, education, phone, position, female_class) -> list[str]:
    sex = "男" if sequence % 2 else "女"
    number = identity_number(born, sequence)
    return [name, sex, number, education, phone, EMPLOYER, position, "", female_class]


def _with_errors(right: list[list[str]]) -> list[list[str]]:
    """A wrong check digit, a child, a repeated person, an unknown education, a short phone number, a missing name."""
    rows = [list(row) for row in right]
    number = rows[0][2]
    rows[0][2] = number[:-1] + ("1" if number[-1] != "1" else "2")
    rows[1][2] = identity_number("20150930", 802)
    rows[3][3] = "肄业"
    rows[4][4] = "139000"
    rows[5][0] = ""
    return [*rows, list(right[2])]


def _sheet(rows: list[list[str]]) -> bytes:
    columns = roster_columns(date(2026, 1, 1))
    return workbook(
        [column.name for column in columns],
        rows,
        required=[column.name for column in columns if column.required],
        text_columns=[column.name for column in columns if column.text],
        choices={column.name: column.choices for column in columns if column.choices and column.key != "job_type"},
    )
