"""Every problem of every row of a certificate register in one pass, and what each row comes to.

A certificate is known by its number and job type. Problems make a row WRONG; findings tell what the reader should
look at and do not block: a name that differs, or that what was issued here by decision says something else, which an
import never overwrites. The number of queries does not grow with the rows.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from certification.catalogue.models import CatalogueEdition, JobType
from certification.catalogue.naming import Names, normal
from certification.people import naming
from certification.people.columns import clean_phone
from certification.people.identity import InvalidIdentityNumber, check_identity_number
from certification.people.models import Certificate, CertificateState, DocumentType, Person
from certification.people.register import PersonData, known_persons, news
from certification.people.register_columns import LAPSED
from certification.people.validity_checks import Dates, PeriodRules
from certification.records import bulk
from certification.refusals import Problem
from certification.spreadsheets.cleaning import CellProblem
from certification.spreadsheets.columns import Record
from certification.workdays.wording import plain_day

PREFIX = "T"
COLUMN_NAMES = {
    "name": "姓名",
    "sex": "性别",
    "number": "证号",
    "document_type": "证件类型",
    "document_number": "证件号码",
    "birth_date": "出生日期",
    "group": "作业类别",
    "job_type": "操作项目",
    "first_issued_on": "初领日期",
    "valid_from": "有效期开始日期",
    "valid_until": "有效期结束日期",
    "review_due_on": "应复审日期",
    "reviewed_on": "实际复审日期",
    "authority": "签发机关",
    "state": "证书状态",
    "phone": "手机号",
}
# What a row says of a certificate.
SAID = ("first_issued_on", "valid_from", "valid_until", "review_due_on", "reviewed_on", "authority", "state")
Key = tuple[str, str]


class Outcome(StrEnum):
    """What a row comes to. RENEWED: a later certificate takes the place of the one that the register has. KEPT: the
    register's stays as it is, and the difference is listed."""

    NEW = "new"
    RENEWED = "renewed"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    WRONG = "wrong"

    @property
    def label(self) -> str:
        return _OUTCOMES[self]


_OUTCOMES = {
    Outcome.NEW: "新增",
    Outcome.RENEWED: "换证",
    Outcome.CHANGED: "变更",
    Outcome.UNCHANGED: "无变化",
    Outcome.KEPT: "不覆盖",
    Outcome.WRONG: "有错误",
}


@dataclass(slots=True)
class Row:
    """One row that could be read: whom and what it is about, and what the register has of it."""

    number: int
    person: PersonData
    job_type: JobType
    said: dict[str, Any]
    outcome: Outcome = Outcome.NEW
    held: Certificate | None = None


@dataclass
class RegisterCheck:
    """What a register file comes to."""

    total: int
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    findings: list[Problem] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome."""
        found = Counter(row.outcome for row in self.rows)
        return {**{each.value: found[each] for each in Outcome}, Outcome.WRONG.value: self.total - len(self.rows)}

    def of(self, *outcomes: Outcome) -> list[Row]:
        """The rows of these outcomes, in the order of the file."""
        return [row for row in self.rows if row.outcome in outcomes]


def check_register(records: Sequence[Record], *, today: date) -> RegisterCheck:
    """Judge all ``records`` (as ``register_columns`` parsed them) by the rules and against the register as it is."""
    check = RegisterCheck(len(records), [], [problem for record in records for problem in record.problems])
    judge = _Judge(check, today)
    for record in records:
        judge.read(record)
    _compare(check, today)
    check.problems.sort(key=lambda problem: problem.row or 0)
    check.findings.sort(key=lambda problem: problem.row or 0)
    return check


class _Judge:
    """Judges single rows by what stands in the file and the rules, without the register."""

    def __init__(self, check: RegisterCheck, today: date):
        self.check, self.today = check, today
        self.names = Names.of(CatalogueEdition.objects.in_force(today))
        self.job_types: dict[tuple[str, str | None], tuple[JobType | None, bool]] = {}
        self.periods = PeriodRules(today)
        self.seen: dict[Key, int] = {}
        self.persons: dict[str, tuple[str, int]] = {}

    def read(self, record: Record) -> None:
        """Every problem of one row; a row without becomes one of the check's."""
        before = len(self.check.problems)
        person = self._person(record)
        job_type = self._job_type(record)
        state = self._dates(record, person)
        if person and job_type:
            self._once(record, person, job_type)
            self._one_name(record, person)
        if record.ok and len(self.check.problems) == before:
            said = {name: record.values.get(name) for name in SAID}
            said["state"] = state
            self.check.rows.append(Row(record.row, person, job_type, said))

    def _person(self, record: Record) -> PersonData | None:
        number = record["number"]
        if number is None:
            return None
        if not number.startswith(PREFIX) or len(number) < 6:
            self._problem(record, "number", "number_form", "证号应为“T”加证件号码。", number, "请核对证号。")
            return None
        document, separate = number[1:], record["document_number"]
        if separate and separate != document:
            message = "与证号“T”后面的号码不一致。"
            self._problem(record, "document_number", "number_differs", message, separate, "请核对证号和证件号码。")
            return None
        if (record["document_type"] or DocumentType.IDENTITY_CARD) == DocumentType.IDENTITY_CARD:
            return self._with_identity_card(record, document)
        return self._with_other_document(record, document)

    def _with_identity_card(self, record: Record, document: str) -> PersonData | None:
        try:
            identity = check_identity_number(document, today=self.today)
        except InvalidIdentityNumber as refusal:
            advice = f"{refusal.advice}持其他证件的，请填写证件类型。" if refusal.code == "length" else refusal.advice
            self._problem(record, "number", refusal.code, refusal.message, record["number"], advice)
            return None
        for warning in identity.warnings:
            self._finding(record, "number", "division", warning, record["number"])
        if record["sex"] and record["sex"] != identity.sex:
            self._problem(record, "sex", "sex", "与证号中的身份证号码不符。", _sex(record["sex"]), "请核对性别和证号。")
        if record["birth_date"] and record["birth_date"] != identity.birth_date:
            self._problem(
                record,
                "birth_date",
                "birth_date",
                "与证号中的身份证号码不符。",
                shown(record["birth_date"]),
                "请核对出生日期和证号。",
            )
        return self._data(record, document, identity.sex, identity.birth_date, DocumentType.IDENTITY_CARD)

    def _with_other_document(self, record: Record, document: str) -> PersonData | None:
        for key in ("sex", "birth_date"):
            if record[key] is None and key not in {problem.field for problem in record.problems}:
                message = f"持{DocumentType(record['document_type']).label}的，须填写{COLUMN_NAMES[key]}。"
                self._problem(record, key, "required", message, "", f"请填写{COLUMN_NAMES[key]}。")
        if not document.isascii() or not document.isalnum() or len(document) > 30:
            self._problem(
                record, "number", "characters", "证件号码应为字母和数字。", record["number"], "请核对证件后重新填写。"
            )
            return None
        if record["sex"] is None or record["birth_date"] is None:
            return None
        return self._data(record, document, record["sex"], record["birth_date"], record["document_type"])

    def _data(self, record: Record, document: str, sex: str, born: date, document_type: str) -> PersonData | None:
        if record["name"] is None:
            return None
        return PersonData(
            document,
            record["name"],
            sex,
            born,
            document_type,
            self._phone(record),
            record["education"] or "",
            record["employer"] or "",
        )

    def _phone(self, record: Record) -> str:
        """A number that is no mobile one says nothing about the certificate: it is left out, and that is said."""
        if not record["phone"]:
            return ""
        try:
            return clean_phone(record["phone"])
        except CellProblem:
            self._finding(record, "phone", "phone", "不是手机号，未登记。", record["phone"])
            return ""

    def _job_type(self, record: Record) -> JobType | None:
        text, group = record["job_type"], record["group"]
        if text is None:
            return None
        if (text, group) not in self.job_types:
            job_type = self.names.find(text)
            right = job_type is None or not group or normal(group) in self._groups(job_type.group)
            self.job_types[text, group] = job_type, right
        job_type, right = self.job_types[text, group]
        if job_type is None:
            advice = "请填写目录中的操作项目名称，或由系统管理员在工种目录中补充别名。"
            self._problem(record, "job_type", "job_type", "目录中没有该操作项目。", text, advice)
        elif not right:
            message = f"操作项目“{job_type}”属于“{job_type.group}”。"
            self._problem(record, "group", "group", message, group, "请核对作业类别和操作项目。")
        return job_type

    @staticmethod
    def _groups(group) -> set[str]:
        return {normal(name) for name in (group.name, group.code, *group.aliases)}

    def _dates(self, record: Record, person: PersonData | None) -> str:
        """The state that the row says, after everything that is wrong with its days."""
        values = record.values
        dates = Dates(
            values.get("first_issued_on"),
            values.get("valid_from"),
            values.get("valid_until"),
            values.get("review_due_on"),
            values.get("reviewed_on"),
        )
        for flaw in self.periods.flaws(dates, person):
            self._problem(record, flaw.key, flaw.code, flaw.message, shown(record[flaw.key]), flaw.advice)
        state = record["state"] or CertificateState.VALID.value
        if state != LAPSED:
            return state
        if dates.valid_until and dates.valid_until >= self.today:
            message = f"状态为过期，但有效期至 {plain_day(dates.valid_until)}。"
            self._problem(record, "state", "state_dates", message, "已过期", "请核对证书状态和有效期。")
        return CertificateState.VALID.value

    def _once(self, record: Record, person: PersonData, job_type) -> None:
        first = self.seen.setdefault((person.document_number, job_type.code), record.row)
        if first != record.row:
            message = f"与第 {first} 行是同一本证（证号和操作项目相同）。"
            self._problem(record, "number", "duplicate", message, record["number"], "请只保留现行的一行。")

    def _one_name(self, record: Record, person: PersonData) -> None:
        name, row = self.persons.setdefault(person.document_number, (person.name, record.row))
        if not naming.same(name, person.name):
            message = f"与第 {row} 行证号相同，姓名却不同。"
            self._problem(record, "name", "two_names", message, person.name, "请核对证件。")

    def _problem(self, record: Record, key: str, code: str, message: str, value: str, advice: str) -> None:
        self.check.problems.append(_told(record.row, key, code, message, value, advice))

    def _finding(self, record: Record, key: str, code: str, message: str, value: str) -> None:
        self.check.findings.append(_told(record.row, key, code, message, value))


def _compare(check: RegisterCheck, today: date) -> None:
    """Hold every row against what the register has."""
    known = known_persons({row.person.key for row in check.rows})
    held = _held(known.values())
    for row in check.rows:
        person = known.get(row.person.key)
        if person is None:
            continue
        if not naming.same(person.name, row.person.name):
            message = f"与此前登记的姓名“{person.name}”不一致；登记姓名不因此改变，已列入待核对。"
            check.findings.append(_told(row.number, "name", "name_differs", message, row.person.name))
        row.held = held.get((person.pk, row.job_type.code))
        if row.held is None:
            continue
        row.outcome = _outcome(row, check)
        if row.outcome is Outcome.UNCHANGED and news(row.person, person):
            row.outcome = Outcome.CHANGED


def _held(persons: Iterable[Person]) -> dict[tuple[int, str], Certificate]:
    """The certificate that counts for each person and job type (by its code, which editions share): the valid one,
    else the last."""
    rows = bulk.among(Certificate.objects.all(), "person", [one.pk for one in persons])
    found: dict[tuple[int, str], Certificate] = {}
    for row in rows.order_by("valid_from", "pk"):
        key = (row.person_id, row.job_type_code)
        if key not in found or found[key].state != CertificateState.VALID:
            found[key] = row
    return found


def _outcome(row: Row, check: RegisterCheck) -> Outcome:
    held, said = row.held, row.said
    different = [name for name in SAID if getattr(held, name) != said[name]]
    if not different:
        return Outcome.UNCHANGED
    if held.source == Certificate.Source.ISSUED:
        return _kept(row, check, "issued_here", "本系统核发的证书不因导入改变", different)
    if said["valid_from"] < held.valid_from:
        return _kept(row, check, "older", "早于登记簿中的证书，未采用", different)
    if held.state != CertificateState.VALID and said["state"] == CertificateState.VALID:
        if said["valid_from"] > held.valid_until:
            return Outcome.NEW
        return _kept(row, check, "ended", f"登记簿中{held.get_state_display()}，不因导入恢复", different)
    if held.state != CertificateState.VALID and "state" in different:
        return _kept(row, check, "ended", f"登记簿中{held.get_state_display()}，不因导入改变", different)
    renewed = held.state == CertificateState.VALID and said["valid_from"] > held.valid_from
    return Outcome.RENEWED if renewed else Outcome.CHANGED


def _kept(row: Row, check: RegisterCheck, code: str, why: str, different: Iterable[str]) -> Outcome:
    """The register's stays; what differs is listed, column by column."""
    for name in different:
        here = shown(getattr(row.held, name))
        check.findings.append(_told(row.number, name, code, f"{why}：登记簿为“{here}”。", shown(row.said[name])))
    return Outcome.KEPT


def _told(row: int, key: str, code: str, message: str, value: str, advice: str = "") -> Problem:
    return Problem(message, code=code, field=key, row=row, column=COLUMN_NAMES[key], value=value, advice=advice)


def shown(value: Any) -> str:
    """A value of ``SAID`` as people read it."""
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if value in CertificateState.values:
        return str(CertificateState(value).label)
    return value or "空"


def _sex(value: str) -> str:
    return "男" if value == "M" else "女"
