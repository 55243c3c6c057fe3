"""Every problem of every row of a roster in one pass (rules 7), in a constant number of queries.

Problems refuse the roster whole; warnings do not block. Age, retirement and education are judged by the rules of
the edition that the plan was filed under, at class start and at the wished exam date.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from certification.catalogue.models import ApplicationKind
from certification.catalogue.naming import normal
from certification.people import bars, eligibility
from certification.people.certificates import certificate_values
from certification.people.identity import IdentityNumber
from certification.people.models import Bar, Certificate, CertificateState, DocumentType, Education, Person
from certification.people.retiring import retirement_day
from certification.refusals import Problem
from certification.rulebook import lookup
from certification.spreadsheets.columns import Record
from certification.spreadsheets.names import without_invisible
from certification.workdays.wording import plain_day
from training import claims
from training.models import Trainee, TrainingPlan
from training.states import STANDING, PlanState, TraineeState

NAMES = {"identity": "身份证号码", "education": "文化程度", "job_type": "操作项目", "sex": "性别", "name": "姓名"}


@dataclass
class RosterCheck:
    """What a roster comes to. ``joining``, ``staying`` and ``leaving`` count against who is enrolled now."""

    records: Sequence[Record]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    enrolled: list[Trainee] = field(default_factory=list)

    @property
    def numbers(self) -> set[str]:
        """The identity numbers on the roster."""
        return {record["identity"].number for record in self.records if record["identity"]}

    @property
    def leaving(self) -> list[Trainee]:
        """Trainees enrolled now who are not on this roster."""
        return [trainee for trainee in self.enrolled if trainee.person.document_number not in self.numbers]

    @property
    def staying(self) -> int:
        """How many are enrolled now and stay."""
        return len(self.enrolled) - len(self.leaving)

    @property
    def joining(self) -> int:
        """How many are new."""
        return len(self.numbers) - self.staying


def check_roster(plan: TrainingPlan, records: Sequence[Record], *, today: date) -> RosterCheck:
    """Check all rows of ``records`` (as ``roster_columns`` parsed them) against the plan's class."""
    check = RosterCheck(records, [problem for record in records for problem in record.problems])
    check.enrolled = list(
        Trainee.objects.filter(plan=plan, state=TraineeState.ENROLLED).select_related("person").order_by("pk")
    )
    surroundings = _Surroundings(plan, check.numbers, today)
    check.certificates = surroundings.certificates
    judge = _Judge(plan, surroundings, check)
    seen: dict[str, int] = {}
    for record in records:
        judge.row(record)
        _check_duplicate(record, seen, check)
    _check_capacity(plan, records, check)
    _check_leaving(check)
    check.problems.sort(key=lambda problem: problem.row or 0)
    check.warnings.sort(key=lambda problem: problem.row or 0)
    return check


class _Surroundings:
    """What the province already knows of the people on the roster: five queries for any number of rows."""

    def __init__(self, plan: TrainingPlan, numbers: Iterable[str], today: date):
        persons = Person.objects.filter(document_type=DocumentType.IDENTITY_CARD, document_number__in=list(numbers))
        self.persons = {person.document_number: person for person in persons.order_by("pk")}
        by_id = {person.pk: number for number, person in self.persons.items()}
        self.bars: dict[str, Bar] = {by_id[pk]: bar for pk, bar in bars.in_force(by_id, today).items()}
        self.certificates = {by_id[row.person_id]: row for row in self._held(plan, by_id)}
        self.elsewhere: dict[str, str] = {by_id[pk]: text for pk, text in claims.elsewhere(list(by_id), plan).items()}
        self.elsewhere.update(
            {by_id[row.person_id]: _where(row, plan) for row in self._other_classes(plan, by_id, today)}
        )

    @staticmethod
    def _held(plan: TrainingPlan, person_ids: Iterable[int]):
        held = Certificate.objects.filter(
            person__in=list(person_ids), job_type__code=plan.job_type.code, state=CertificateState.VALID
        )
        return held.order_by("valid_until", "pk")

    @staticmethod
    def _other_classes(plan: TrainingPlan, person_ids: Iterable[int], today: date):
        others = Trainee.objects.filter(
            person__in=list(person_ids),
            state=TraineeState.ENROLLED,
            plan__job_type__code=plan.job_type.code,
            plan__state__in=[*STANDING, PlanState.RETURNED],
            plan__class_end__gte=today,
        )
        return others.exclude(plan=plan).select_related("plan__job_type").order_by("pk")


def _where(trainee: Trainee, plan: TrainingPlan) -> str:
    """Another institution's class is not named (rules 5), only that there is one."""
    other = trainee.plan
    if other.institution_id == plan.institution_id:
        return f"本机构另一班级（{other}）"
    return f"本省其他培训机构的{other.job_type}班（{plain_day(other.class_start)} 开班）"


class _Judge:
    """Judges single rows by the rules of the plan's edition."""

    def __init__(self, plan: TrainingPlan, surroundings: _Surroundings, check: RosterCheck):
        self.plan, self.known, self.check = plan, surroundings, check
        self.group = plan.job_type.group.code
        self.names = {normal(name) for name in (plan.job_type.name, plan.job_type.code, *plan.job_type.aliases)}
        self.certificate_years = certificate_values(plan.rule_edition)["years"]
        self.age, self.retirement, self.education, self.window, self.open_once = (
            lookup.rule("eligibility", code, plan.rule_edition)
            for code in ("age_minimum", "retirement", "education_minimum", "certificate_window", "one_open_filing")
        )

    def row(self, record: Record) -> None:
        """Everything that is wrong with one row, as far as its cells could be read."""
        self._job_type(record)
        self._education(record)
        identity = record["identity"]
        if identity is None:
            return
        self._identity(record, identity)
        self._ages(record, identity)
        self._register(record, identity)
        self._certificate(record, identity)

    def _job_type(self, record: Record) -> None:
        text = record["job_type"]
        if text and normal(text) not in self.names:
            self._problem(
                record,
                "job_type",
                "other_job_type",
                f"与本班操作项目“{self.plan.job_type}”不一致。",
                text,
                "请核对该学员应在的班级，或清空本列。",
            )

    def _education(self, record: Record) -> None:
        level = record["education"]
        if level and not eligibility.educated_enough(level, self.group, self.education.values):
            least = eligibility.education_minimum(self.group, self.education.values)
            self._problem(
                record,
                "education",
                "education",
                f"{self.plan.job_type.group}须{least.label}及以上文化程度。",
                Education(level).label,
                f"不符合条件的不得列入名单（{self.education.clause}）。",
            )

    def _identity(self, record: Record, identity: IdentityNumber) -> None:
        for warning in identity.warnings:
            self._warning(record, "identity", "division", warning, identity.number)
        if record["sex"] and record["sex"] != identity.sex:
            self._problem(
                record,
                "sex",
                "sex",
                "与身份证号码第 17 位不符。",
                "男" if record["sex"] == "M" else "女",
                "请核对性别和身份证号码。",
            )

    def _ages(self, record: Record, identity: IdentityNumber) -> None:
        start, exam = self.plan.class_start, self.plan.wished_exam_on
        if not eligibility.old_enough(identity.birth_date, start, self.age.values):
            years = self.age.values["years"]
            advice = (
                f"{plain_day(eligibility.add_years(identity.birth_date, years))} 起方可参加培训（{self.age.clause}）。"
            )
            self._problem(record, "identity", "too_young", f"开班当日未满 {years} 周岁。", identity.number, advice)
        retires = self._retires(record, identity)
        if retires <= max(start, exam or start):
            when = "开班" if retires <= start else "拟考试"
            message = f"{when}当日已达法定退休年龄（{plain_day(retires)}）。"
            self._problem(
                record, "identity", "retired", message, identity.number, f"不得列入名单（{self.retirement.clause}）。"
            )
        elif retires <= eligibility.add_years(start, self.certificate_years):
            message = f"将于 {plain_day(retires)} 达到法定退休年龄，操作证有效期内退休。"
            self._warning(record, "identity", "retires_soon", message, identity.number)

    def _retires(self, record: Record, identity: IdentityNumber) -> date:
        declared = record["female_class"] or ""
        return retirement_day(identity.birth_date, identity.sex, declared, self.plan.rule_edition)

    def _register(self, record: Record, identity: IdentityNumber) -> None:
        number = identity.number
        person = self.known.persons.get(number)
        if person and record["name"] and without_invisible(person.name) != without_invisible(record["name"]):
            message = f"与此前登记的姓名“{person.name}”不一致，请核对证件；登记信息不因此改变。"
            self._warning(record, "name", "name_differs", message, record["name"])
        if bar := self.known.bars.get(number):
            message = f"该人员不予安排考试，至 {plain_day(bar.barred_until)} 止（{bar.get_ground_display()}）。"
            self._problem(
                record, "identity", "barred", message, number, f"不得列入名单（{bars.CLAUSES[bar.ground]}）。"
            )
        if where := self.known.elsewhere.get(number):
            advice = f"同一操作项目不能同时参加两个班级或考试（{self.open_once.clause}）。"
            self._problem(record, "identity", "elsewhere", f"该学员已在{where}中，尚未结束。", number, advice)

    def _certificate(self, record: Record, identity: IdentityNumber) -> None:
        held = self.known.certificates.get(identity.number)
        if self.plan.kind == ApplicationKind.INITIAL:
            if held and held.valid_until >= self.plan.class_start:
                message = f"已持有{self.plan.job_type}有效操作证，有效期至 {plain_day(held.valid_until)}。"
                self._problem(
                    record, "identity", "holds", message, identity.number, "不需要初训；到期前请报复审或者换证。"
                )
            return
        if held is None:
            message = f"没有查到{self.plan.job_type}有效操作证。"
            self._problem(
                record, "identity", "holds_none", message, identity.number, "请核对身份证号码；未持证的请报初训。"
            )
        else:
            self._in_window(record, identity, held)

    def _in_window(self, record: Record, identity: IdentityNumber, held: Certificate) -> None:
        ends = held.valid_until
        if self.plan.kind == ApplicationKind.PERIODIC_REVIEW and held.review_due_on and held.reviewed_on is None:
            ends = held.review_due_on
        start = self.plan.class_start
        if ends < start:
            message = f"操作证应于 {plain_day(ends)} 前{self.plan.get_kind_display()}，已过期。"
            self._problem(record, "identity", "lapsed", message, identity.number, f"请报初训（{self.window.clause}）。")
        elif ends - timedelta(days=self.window.values["days_before"]) > (
            self.plan.wished_exam_on or self.plan.class_end
        ):
            message = f"操作证 {plain_day(ends)} 到期，早于可申请的 {self.window.values['days_before']} 日期限。"
            self._warning(record, "identity", "early", message, identity.number)

    def _problem(self, record: Record, key: str, code: str, message: str, value: str, advice: str) -> None:
        problem = Problem(message, code=code, field=key, row=record.row, column=NAMES[key], value=value, advice=advice)
        self.check.problems.append(problem)

    def _warning(self, record: Record, key: str, code: str, message: str, value: str) -> None:
        warning = Problem(message, code=code, field=key, row=record.row, column=NAMES[key], value=value)
        self.check.warnings.append(warning)


def _check_duplicate(record: Record, seen: dict[str, int], check: RosterCheck) -> None:
    if record["identity"] is None:
        return
    number = record["identity"].number
    if number in seen:
        check.problems.append(
            Problem(
                f"与第 {seen[number]} 行是同一人。",
                code="duplicate",
                field="identity",
                row=record.row,
                column=NAMES["identity"],
                value=number,
                advice="请删除重复的一行。",
            )
        )
    seen.setdefault(number, record.row)


def _check_capacity(plan: TrainingPlan, records: Sequence[Record], check: RosterCheck) -> None:
    if len(records) > plan.capacity:
        check.problems.append(
            Problem(
                f"名单共 {len(records)} 人，超过报备的班级容量 {plan.capacity} 人。",
                code="capacity",
                advice="请减少人数，或另行报备班级（方案四（一）：严控班级容量）。",
            )
        )


def _check_leaving(check: RosterCheck) -> None:
    """Nobody drops off a roster who stands in an exam application."""
    leaving = {trainee.pk: trainee for trainee in check.leaving}
    for trainee_id, why in claims.bound(list(leaving)).items():
        message = f"{leaving[trainee_id]}不在新名单中：{why}"
        check.problems.append(
            Problem(message, code="bound", advice="不再参加的，请先撤回其考试申报；否则请在名单中保留。")
        )
