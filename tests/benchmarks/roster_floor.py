"""What the roster benchmark measures against: the least that the work can cost, and django-import-export's way."""

import io
import re
from datetime import date

import tablib
from django.core.exceptions import ValidationError
from django.db import connection
from import_export import fields, resources
from python_calamine import CalamineWorkbook

from certification.people.models import Bar, Certificate, Person
from certification.people.register import PersonData, find_or_register
from certification.spreadsheets.columns import Record
from tests.benchmarks.conftest import NOW
from training.models import Roster, Trainee
from training.rosters.roster_checks import check_roster
from training.rosters.roster_columns import roster_columns

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
EDUCATION = {"高中": "SENIOR_HIGH", "中专": "VOCATIONAL", "大专": "COLLEGE"}
SHAPE = re.compile(r"\d{17}[\dX]")
PHONE = re.compile(r"1\d{10}")
PERSON = "document_type, document_number, name, sex, birth_date, phone, education, employer, created_at"
TRAINEE = "plan_id, person_id, first_roster_id, education, employer, position, phone, female_class, state, created_at"


def load(upload: bytes, correction: bytes | None = None, *, plan, actor) -> tuple[int, int]:
    """Read with the fastest reader, validate in plain Python, COPY, history by SQL.

    With a ``correction``, “from file to saved rows” means: both files are read and validated, once each, and the
    right rows of both are saved; nothing is read again, for the process still has what it read. What people get
    between the two (the report of each row) and afterwards (a sheet of the rows put together) is no part of it.
    Returns (rows saved, rows found wrong in the upload).
    """
    accepted, wrong = _read(upload, plan)
    if correction is not None:
        accepted.update(_read(correction, plan)[0])
    _require_free(list(accepted), plan)
    roster = Roster.objects.create(plan=plan, version=1, headcount=len(accepted), submitted_by=actor, submitted_at=NOW)
    with connection.cursor() as cursor:
        _write(cursor, accepted, roster, actor)
    return len(accepted), wrong


def _read(content: bytes, plan) -> tuple[dict[str, tuple], int]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return _validate(book.get_sheet_by_index(0).to_python(skip_empty_area=False), plan)


def _validate(rows: list[list], plan) -> tuple[dict[str, tuple], int]:
    start = plan.class_start
    right: dict[str, tuple] = {}
    wrong = 0
    names = {name: place for place, name in enumerate(rows[0])}
    order = [names[each] for each in ("姓名", "性别", "身份证号码", "文化程度", "手机号", "工作单位", "从事岗位")]
    for row in rows[1:]:
        name, sex, number, education, phone, employer, position = (str(row[place]).strip() for place in order)
        number = number.upper()
        if not name or number in right or not SHAPE.fullmatch(number) or not PHONE.fullmatch(phone):
            wrong += 1
            continue
        total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number[:17], strict=True))
        own = "男" if int(number[16]) % 2 else "女"
        level = EDUCATION.get(education)
        try:
            born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        except ValueError:
            wrong += 1
            continue
        age = start.year - born.year - ((start.month, start.day) < (born.month, born.day))
        if "10X98765432"[total % 11] != number[17] or (sex and sex != own) or level is None or not 18 <= age < 60:
            wrong += 1
            continue
        right[number] = (name, "M" if own == "男" else "F", born, phone, level, employer, position)
    return right, wrong


def _require_free(numbers: list[str], plan) -> None:
    """What the province knows of these people: one query each."""
    known = dict(Person.objects.filter(document_number__in=numbers).values_list("pk", "document_number"))
    held = Certificate.objects.filter(person__in=known, job_type=plan.job_type, state="VALID").exists()
    elsewhere = Trainee.objects.filter(person__in=known, state="ENROLLED").exists()
    assert not held
    assert not elsewhere
    assert not Bar.objects.filter(person__in=known).exists()
    assert len(numbers) <= plan.capacity


def _write(cursor, accepted: dict[str, tuple], roster: Roster, actor) -> None:
    with cursor.copy(f"COPY people_person ({PERSON}) FROM STDIN") as copy:
        for number, (name, sex, born, phone, level, employer, _position) in accepted.items():
            copy.write_row(("IDENTITY_CARD", number, name, sex, born, phone, level, employer, NOW))
    cursor.execute("SELECT document_number, id FROM people_person WHERE document_number = ANY(%s)", [list(accepted)])
    ids = dict(cursor.fetchall())
    with cursor.copy(f"COPY training_trainee ({TRAINEE}) FROM STDIN") as copy:
        for number, (_name, _sex, _born, phone, level, employer, position) in accepted.items():
            copy.write_row(
                (roster.plan_id, ids[number], roster.pk, level, employer, position, phone, "", "ENROLLED", NOW)
            )
    for table, history, columns, condition in (
        ("people_person", "people_historicalperson", PERSON, "id = ANY(%s)"),
        ("training_trainee", "training_historicaltrainee", TRAINEE, "person_id = ANY(%s)"),
    ):
        cursor.execute(
            f"INSERT INTO {history} (id, {columns}, history_date, history_type, history_user_id) "
            f"SELECT id, {columns}, %s, '+', %s FROM {table} WHERE {condition}",
            [NOW, actor.pk, list(ids.values())],
        )


def peer(content: bytes, plan, actor) -> int:
    """django-import-export's default resource, with our checks in its per-row hook; returns the rows saved."""
    roster = Roster.objects.create(plan=plan, version=1, headcount=1, submitted_by=actor, submitted_at=NOW)
    columns = roster_columns(NOW.date(), plan.job_type.name)

    class TraineeResource(resources.ModelResource):
        name = fields.Field(column_name="姓名", attribute="person__name", readonly=True)

        class Meta:
            model = Trainee
            fields = ("id", "name", "education", "employer", "position", "phone")

        def before_import_row(self, row, **kwargs):
            record = _record(row, columns)
            if problems := [*record.problems, *check_roster(plan, [record], today=NOW.date()).problems]:
                raise ValidationError([problem.message for problem in problems])
            row["record"] = record

        def init_instance(self, row=None):
            record = row["record"]
            data = PersonData.from_identity(record["identity"], name=record["name"], phone=record["phone"])
            person = find_or_register(**vars(data), now=NOW, actor=actor).person
            return Trainee(plan=plan, person=person, first_roster=roster, created_at=NOW)

        def before_save_instance(self, instance, row, **kwargs):
            record = row["record"]
            for name in ("education", "employer", "position", "phone"):
                setattr(instance, name, record[name] or "")

    result = TraineeResource().import_data(tablib.Dataset().load(content, "xlsx"), dry_run=False, raise_errors=False)
    return result.totals["new"]


def _record(row, columns) -> Record:
    values = {}
    for column in sorted(columns, key=lambda each: each.in_row):
        cell, others = row.get(column.name), (values,) if column.in_row else ()
        values[column.key] = column.clean(cell, *others) if cell not in (None, "") else None
    return Record(1, values)
