"""The checks that only training knows (job type of the class, duplicates, capacity, hours), and the classes that
people are in already. They join the catalogue of ``certification.people.checks``."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q

from certification.catalogue.naming import normal
from certification.people.checks import catalogue, known
from certification.people.checks.catalogue import Check, Judge, JudgeAll, Scope, Topic
from certification.people.checks.running import Judging
from certification.people.checks.subject import Entry, Subject
from certification.people.identity import InvalidIdentityNumber, check_identity_number
from certification.people.models import DocumentType, Person
from certification.spreadsheets.columns import Record
from certification.workdays.wording import plain_day
from training.models import Trainee, TrainingPlan
from training.plans.plan_checks import required_hours
from training.states import STANDING, PlanState, TraineeState


def subject_of(plan: TrainingPlan, today: date) -> Subject:
    """A class as what its people are judged for: at class start and on the wished exam day, by its own edition."""
    return Subject(
        job_type=plan.job_type,
        kind=plan.kind,
        edition=plan.rule_edition,
        today=today,
        start=plan.class_start,
        exam=plan.wished_exam_on,
        end=plan.class_end,
        class_id=plan.pk,
        institution_id=plan.institution_id,
        capacity=plan.capacity,
        hours=plan.total_hours,
    )


def entry_of(record: Record) -> Entry:
    """What one row of a roster says, as ``roster_columns`` parsed it."""
    said = record.values.get
    entry = Entry(record.row)
    entry.name = said("name") or ""
    entry.sex = said("sex") or ""
    entry.education = said("education") or ""
    entry.female_class = said("female_class") or ""
    entry.job_type = said("job_type") or ""
    identity = said("identity")
    if identity is not None:
        entry.number, entry.birth_date, entry.own_sex, entry.doubts, entry.document_type = identity
    return entry


def entry_of_trainee(trainee: Trainee, person: Person, today: date) -> Entry:
    """What class and register say of ``person``, whom ``trainee`` is; an identity number is judged again. ``key`` is
    the trainee's."""
    entry = Entry(
        key=trainee.pk,
        number=person.document_number,
        document_type=person.document_type,
        person_id=person.pk,
        name=person.name,
        sex=person.sex,
        own_sex=person.sex,
        birth_date=person.birth_date,
        education=trainee.education,
        female_class=trainee.female_class,
    )
    if person.document_type == DocumentType.IDENTITY_CARD:
        try:
            entry.doubts = check_identity_number(person.document_number, today=today).warnings
        except InvalidIdentityNumber as refusal:
            entry.refusal = refusal
    return entry


def open_classes(person_ids: Collection[int], subject: Subject) -> dict[int, str]:
    """Who is in another class for the job type that stands and has not ended. Who is in the subject's class too
    belongs to the class that listed them first. One query."""
    rows = Trainee.objects.filter(
        Q(plan=subject.class_id) | Q(plan__class_end__gte=subject.today),
        person__in=person_ids,
        state=TraineeState.ENROLLED,
        plan__job_type__code=subject.job_type.code,
        plan__state__in=[*STANDING, PlanState.RETURNED],
    )
    first: dict[int, Trainee] = {}
    for trainee in rows.select_related("plan__job_type").order_by("pk"):
        first.setdefault(trainee.person_id, trainee)
    others = ((pk, trainee.plan) for pk, trainee in first.items() if trainee.plan_id != subject.class_id)
    return {pk: _where(plan, subject) for pk, plan in others}


def _where(plan: TrainingPlan, subject: Subject) -> str:
    """Another institution's class is not named (rules 5), only that there is one."""
    if plan.institution_id == subject.institution_id:
        return f"本机构另一班级（{plan}）"
    return f"本省其他培训机构的{plan.job_type}班（{plain_day(plan.class_start)} 开班）"


def _other_job_type(judging: Judging) -> Judge:
    job_type = judging.subject.job_type
    # As written → whether it means the class's; few ways of writing, many rows.
    meant = {"": True}
    names = {normal(name) for name in (job_type.name, job_type.code, *job_type.aliases)}

    def judge(entry: Entry):
        text = entry.job_type
        right = meant.get(text)
        if right is None:
            right = meant[text] = normal(text) in names
        return None if right else {"操作项目": job_type}

    return judge


def _duplicate(_judging: Judging) -> Judge:
    seen: dict[object, int | None] = {}

    def judge(entry: Entry):
        # Of somebody who is known one document may be a former one.
        key = entry.person_id or (entry.document_type, entry.number)
        if key in seen:
            return {"行": seen[key]}
        seen[key] = entry.row
        return None

    return judge


def _capacity(judging: Judging) -> JudgeAll | None:
    capacity = judging.subject.capacity
    if capacity is None:
        return None

    def judge(entries: list[Entry]):
        return {"人数": len(entries), "容量": capacity} if len(entries) > capacity else None

    return judge


def _class_hours(judging: Judging) -> JudgeAll | None:
    subject = judging.subject
    if subject.hours is None:
        return None
    required = required_hours(subject.job_type, subject.kind, judging.values("hours", "training"))

    def judge(_entries: list[Entry]):
        short = required is not None and subject.hours < required
        return {"学时": subject.hours, "要求": required} if short else None

    return judge


def _class_hours_hold(judging: Judging, _entry: Entry) -> str:
    required = required_hours(judging.subject.job_type, judging.subject.kind, judging.values("hours", "training"))
    wanted = f"要求 {required} 学时" if required else "目录未载明要求"
    return f"班级 {judging.subject.hours} 学时，{wanted}"


BOUND = Check(
    "bound",
    Topic.ROSTER,
    Scope.ELSEWHERE,
    "{学员}不在新名单中：{原因}",
    "不再参加的，请先撤回其考试申报；否则请在名单中保留（{条款}）。",
    when="报送新版名单时",
)
CHECKS = (
    Check(
        "other_job_type",
        Topic.ROSTER,
        Scope.ROW,
        "与本班操作项目“{操作项目}”不一致。",
        "请核对该学员应在的班级，或清空本列（{条款}）。",
        _other_job_type,
        field="job_type",
        when="报送名单时",
    ),
    Check(
        "duplicate",
        Topic.ROSTER,
        Scope.PERSON,
        "与第 {行} 行是同一人。",
        "请删除重复的一行。",
        _duplicate,
        field="identity",
        when="报送名单时",
    ),
    Check(
        "capacity",
        Topic.ROSTER,
        Scope.WHOLE,
        "名单共 {人数} 人，超过报备的班级容量 {容量} 人。",
        "请减少人数，或另行报备班级（{条款}）。",
        _capacity,
        parameters=("training.class_capacity",),
        when="报送名单时",
    ),
    Check(
        "class_hours",
        Topic.ROSTER,
        Scope.WHOLE,
        "班级线下、线上学时合计 {学时}，少于要求的 {要求} 学时。",
        "请按大纲补足学时（{条款}）；学时证明须与实际一致。",
        _class_hours,
        parameters=("training.hours",),
        holds=_class_hours_hold,
    ),
    BOUND,
)


def register() -> None:
    """Join the catalogue of checks; once from ``AppConfig.ready``."""
    catalogue.register(CHECKS)
    known.register_elsewhere(open_classes)
