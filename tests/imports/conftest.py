"""An import of people, without a case that it is for: the mechanism alone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from certification.imports import purposes, receiving
from certification.imports.purposes import Judgement, Purpose, Saved
from certification.imports.states import Standing
from certification.people.columns import identity_column, name_column, phone_column
from certification.people.models import Person
from certification.people.register import PersonData, find_or_register_all
from certification.refusals import Incomplete, Problem
from certification.spreadsheets.writing import workbook

HEADER = ["姓名", "身份证号码", "手机号"]


def _columns(import_, today):
    return [name_column(), identity_column(today), phone_column()]


def _judge(import_, records, today):
    problems = [problem for record in records for problem in record.problems]
    seen: dict[str, int] = {}
    for record in records:
        number = record["identity"].number if record["identity"] else None
        if number in seen:
            message = f"与第 {seen[number]} 行是同一人。"
            problems.append(Problem(message, code="duplicate", field="identity", row=record.row, column="身份证号码"))
        elif number:
            seen[number] = record.row
    known = set(Person.objects.filter(document_number__in=seen).values_list("document_number", flat=True))
    return Judgement(problems, standings={seen[number]: Standing.SAME for number in known})


def _save(import_, records, *, actor, now):
    if wrong := _judge(import_, records, now.date()).problems:
        raise Incomplete(wrong)
    data = [
        PersonData.from_identity(record["identity"], name=record["name"], phone=record["phone"]) for record in records
    ]
    find_or_register_all(data, now=now, actor=actor)
    return Saved(f"已登记 {len(records)} 人。")


PEOPLE = Purpose(
    code="people-for-tests",
    label="人员",
    unit="人",
    action="training.submit_rosters",
    columns=_columns,
    judge=_judge,
    save=_save,
    shown=("name", "identity", "phone"),
    identify=("identity", "name"),
    url=lambda import_: reverse("portal:home"),
    title=lambda import_: "人员登记",
)


@pytest.fixture(autouse=True)
def _registered():
    purposes.register(PEOPLE)
    yield
    purposes._PURPOSES.pop(PEOPLE.code)


@pytest.fixture
def upload(world):
    """``upload(rows)`` keeps a workbook of rows and checks it; returns the import as it stands then."""

    def make(rows, header=HEADER, *, content=None, name="人员.xlsx", username="jigou"):
        content = content or sheet(rows, header)
        import_ = receiving.receive(actor=world.user(username), purpose=PEOPLE, content=content, name=name)
        receiving.go_on(import_)
        import_.refresh_from_db()
        return import_

    return make


def sheet(rows, header=HEADER) -> bytes:
    return workbook(header, rows, text_columns=set(header))


def row(one, **changes) -> list[str]:
    values = {"name": one.name, "number": one.number, "phone": "13800000001", **changes}
    return list(values.values())


def as_file(content: bytes, name: str = "改正.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
