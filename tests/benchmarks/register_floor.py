"""The least that a certificate register can cost: the fastest reader, the same checks in plain Python, COPY into the
same tables and the history by SQL, written by hand for the twelve columns of the national query. And the peer."""

import io
from datetime import date, timedelta

import tablib
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from import_export import fields, resources
from python_calamine import CalamineWorkbook

from certification.catalogue.models import JobType
from certification.people.models import Certificate
from certification.people.register import find_or_register
from certification.people.register_checks import check_register
from certification.people.register_columns import register_columns
from certification.spreadsheets.columns import Record
from tests.benchmarks.conftest import NOW
from tests.people import registers

PERSON = "document_type, document_number, name, sex, birth_date, phone, education, employer, created_at"
CERTIFICATE = (
    "number, first_issued_on, valid_from, valid_until, review_due_on, reviewed_on, authority, source, state,"
    " register_row, job_type_id, person_id, register_import_id"
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"


def _number(text: str):
    """(document number, sex, birth date), or None."""
    if len(text) != 19 or text[0] != "T" or not text[1:18].isdigit():
        return None
    digits = text[1:]
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=False))
    if CHECK[total % 11] != digits[17]:
        return None
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return None
    return digits, "M" if int(digits[16]) % 2 else "F", born


def _years(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def load(content: bytes, actor, of) -> int:
    """Read, check, write; returns the number of rows saved."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    header, *rows = sheet.to_python()
    names = [str(name).lstrip("*") for name in header]
    at = {name: names.index(name) for name in registers.COLUMNS}
    order = [at[name] for name in registers.COLUMNS]
    types = {one.name: (one.pk, one.group.name, one.code) for one in JobType.objects.select_related("group")}
    states = {"有效": "VALID", "已注销": "CANCELLED", "": "VALID"}
    good, wrong_rows, seen = [], [], set()
    for line, cells in enumerate(rows, start=2):
        said = [cells[i] for i in order]
        identity = _number(said[2].strip().upper())
        wrong = [*_who(said, identity), *_what(said, types, states), *_when(said[5:10])]
        if (said[2], said[4]) in seen:
            wrong.append(("证号", said[2]))
        seen.add((said[2], said[4]))
        if wrong:
            wrong_rows.append((line, wrong))
            continue
        name, _sex, _number_, _group, job, first, start, end, due, done, authority, state = said
        good.append((line, name.strip(), identity, job, first, start, end, due or None, done or None, authority, state))
    with transaction.atomic(), connection.cursor() as cursor:
        _write(cursor, good, types, states, actor, of)
    assert len(good) + len(wrong_rows) == len(rows)
    return len(good)


def _who(said, identity):
    name, sex, number = said[0].strip(), said[1], said[2]
    if not name or any(character.isdigit() for character in name):
        yield "姓名", name
    if identity is None:
        yield "证号", number
    elif sex and sex != ("男" if identity[1] == "M" else "女"):
        yield "性别", sex


def _what(said, types, states):
    group, job, authority, state = said[3], said[4], said[10].strip(), said[11]
    if job not in types:
        yield "操作项目", job
    elif group and types[job][1] != group:
        yield "作业类别", group
    if not authority:
        yield "签发机关", ""
    if state not in states:
        yield "证书状态", state


def _when(days):
    first, start, end, due, done = days
    if not (isinstance(first, date) and isinstance(start, date) and isinstance(end, date)):
        yield "初领日期", first
        return
    today, day = NOW.date(), timedelta(days=1)
    if first > start or first > today or end < start:
        yield "有效期", start
    if end not in (_years(start, 6), _years(start, 6) - day):
        yield "有效期结束日期", end
    if due and due not in (_years(start, 3), _years(start, 3) - day):
        yield "应复审日期", due
    if done and not start <= done <= min(end, today):
        yield "实际复审日期", done


def _write(cursor, good, types, states, actor, of) -> None:
    cursor.execute(
        "SELECT document_number, id FROM people_person WHERE document_number = ANY(%s)", [[r[2][0] for r in good]]
    )
    assert not cursor.fetchall()
    cursor.execute("SELECT nextval('people_person_id_seq') FROM generate_series(1, %s)", [len(good)])
    keys = [key for (key,) in cursor.fetchall()]
    with cursor.copy(f"COPY people_person (id, {PERSON}) FROM STDIN") as copy:
        for key, (_line, name, (digits, sex, born), *_rest) in zip(keys, good, strict=True):
            copy.write_row((key, "IDENTITY_CARD", digits, name, sex, born, "", "", "", NOW))
    _history(cursor, "people_person", "people_historicalperson", f"id, {PERSON}", keys, actor)
    cursor.execute("SELECT nextval('people_certificate_id_seq') FROM generate_series(1, %s)", [len(good)])
    certificates = [key for (key,) in cursor.fetchall()]
    with cursor.copy(f"COPY people_certificate (id, {CERTIFICATE}, job_type_code) FROM STDIN") as copy:
        for key, person, (line, _name, identity, job, *dates, authority, state) in zip(
            certificates, keys, good, strict=True
        ):
            copy.write_row(
                (
                    key,
                    f"T{identity[0]}",
                    *dates,
                    authority,
                    "IMPORTED",
                    states[state],
                    line,
                    types[job][0],
                    person,
                    of.pk,
                    types[job][2],
                )
            )
    _history(cursor, "people_certificate", "people_historicalcertificate", f"id, {CERTIFICATE}", certificates, actor)


def _history(cursor, table, history, columns, keys, actor) -> None:
    cursor.execute(
        f"INSERT INTO {history} ({columns}, history_date, history_type, history_user_id)"
        f" SELECT {columns}, %s, '+', %s FROM {table} WHERE id = ANY(%s)",
        [NOW, actor.pk, keys],
    )


def peer(content: bytes, actor, of) -> int:
    """django-import-export's default resource with our checks in its per-row hook; returns the rows saved."""
    columns = register_columns()

    class CertificateResource(resources.ModelResource):
        name = fields.Field(column_name="姓名", attribute="person__name", readonly=True)

        class Meta:
            model = Certificate
            fields = ("id", "name", "number", "authority")

        def before_import_row(self, row, **kwargs):
            record = _record(row, columns)
            check = check_register([record], today=NOW.date())
            if check.problems:
                raise ValidationError([problem.message for problem in check.problems])
            (row["judged"],) = check.rows

        def init_instance(self, row=None):
            judged = row["judged"]
            person = find_or_register(**vars(judged.person), now=NOW, actor=actor).person
            return Certificate(person=person, job_type=judged.job_type, register_import=of, source="IMPORTED")

        def before_save_instance(self, instance, row, **kwargs):
            judged = row["judged"]
            instance.number, instance.register_row = f"T{judged.person.document_number}", judged.number
            for name, value in judged.said.items():
                setattr(instance, name, value)

    data = tablib.Dataset().load(content, "xlsx")
    result = CertificateResource().import_data(data, dry_run=False, raise_errors=False)
    return result.totals["new"]


def _record(row, columns) -> Record:
    values = {}
    for column in columns:
        cell = row.get(column.name)
        values[column.key] = column.clean(cell) if cell not in (None, "") else None
    return Record(1, values)
