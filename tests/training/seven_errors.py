"""A roster of nine with seven different errors, and what an institution does with it: read, mend, send only those."""

import io
from dataclasses import dataclass
from datetime import date

import openpyxl

from certification.people.models import Bar, Person
from tests.factories import at as moment
from tests.people.vectors import number

# The rest of a row that the filer mends without an error to make them.
CHANGED = ("从事岗位", "电工", "配电值班")


@dataclass(frozen=True)
class Wrong:
    """One wrong cell: what was written, the code of the finding, words of the advice, whether it is shown masked."""

    column: str
    value: str
    code: str
    advice: str
    masked: bool = False


class SevenErrors:
    """Nine people in a workbook, right as ``content`` has them, seven of them spoilt. ``errors`` stand by sheet row."""

    def __init__(self, content: bytes, people, barred: Person):
        self._book = openpyxl.load_workbook(io.BytesIO(content))
        lines = self._book.active
        self.head = next(row for row in range(1, 10) if "身份证号码" in [plain(cell.value) for cell in lines[row]])
        self.columns = {plain(cell.value): cell.column for cell in lines[self.head]}
        rows = range(self.head + 1, self.head + 1 + len(people))
        self.right = {row: {name: lines.cell(row, at).value for name, at in self.columns.items()} for row in rows}
        self.errors = dict(enumerate(_errors(people, barred), self.head + 1))
        for row, wrong in self.errors.items():
            lines.cell(row, self.columns[wrong.column], wrong.value)
        lines.cell(rows[-1], self.columns[CHANGED[0]], CHANGED[2])

    @property
    def content(self) -> bytes:
        """The workbook with the errors."""
        return saved(self._book)

    def marked_wrong(self, annotated: bytes) -> list[int]:
        """The rows that the workbook sent back calls wrong."""
        lines = openpyxl.load_workbook(io.BytesIO(annotated)).active
        status = {plain(cell.value): cell.column for cell in lines[self.head]}["校验结果"]
        return [row for row in self.right if lines.cell(row, status).value != "通过"]

    def comments(self, annotated: bytes) -> dict[int, str]:
        """What the comments at the wrong cells of the workbook sent back say."""
        lines = openpyxl.load_workbook(io.BytesIO(annotated)).active
        return {row: lines.cell(row, self.columns[one.column]).comment.text for row, one in self.errors.items()}

    def mended(self, annotated: bytes) -> bytes:
        """The workbook sent back with the wrong rows put right and the other rows taken out."""
        book = openpyxl.load_workbook(io.BytesIO(annotated))
        for row in sorted(self.right, reverse=True):
            if row not in self.errors:
                book.active.delete_rows(row)
                continue
            for name, value in self.right[row].items():
                book.active.cell(row, self.columns[name], value)
        return saved(book)


def barred_person(world) -> Person:
    """An invented person who is barred from every exam."""
    (person,) = world.persons(1)
    Bar.objects.create(
        person=person,
        ground="FRAUD",
        reason="替考",
        barred_from=date(2026, 1, 1),
        barred_until=date(2028, 12, 31),
        imposed_by=world.user("sheng-fuze"),
        imposed_at=moment(date(2026, 1, 5)),
    )
    return person


def plain(heading) -> str:
    """A heading without the star of a required column."""
    return str(heading or "").lstrip("*")


def saved(book) -> bytes:
    """The workbook as a file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _errors(people, barred: Person) -> list[Wrong]:
    misspelt = people[1].number[:-1] + ("1" if people[1].number[-1] != "1" else "2")
    return [
        Wrong("姓名", "", "required", "请填写姓名。"),
        Wrong("身份证号码", misspelt, "check_digit", "核对"),
        Wrong("手机号", "138", "phone", "请填写本人手机号。"),
        Wrong("文化程度", "肄业", "choice", "小学、初中"),
        Wrong("身份证号码", people[0].number, "duplicate", "请删除重复的一行。", masked=True),
        Wrong("身份证号码", number("20200101"), "too_young", "2038年1月1日起方可参加培训", masked=True),
        Wrong("身份证号码", barred.document_number, "barred", "不得列入名单", masked=True),
    ]
