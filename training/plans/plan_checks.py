"""What must be right in a plan before it is filed, and what is only pointed out.

Rule values (training/rules.toml): ``training.hours``, ``training.hours_per_day``, ``training.online_share`` and
``training.class_capacity``; ``examination.kinds`` (exams/rules.toml).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from certification.catalogue.models import ApplicationKind, CatalogueEdition, JobType, JobTypeVariant
from certification.people.identity import IdentityNumber, InvalidIdentityNumber, check_identity_number
from certification.refusals import Problem
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.workdays.wording import plain_day
from training.models import TrainingPlan
from training.plans.plan_entry import TeacherEntry, teacher_keys

AREA = "training"
KINDS = ("examination", "kinds")
FURTHEST = timedelta(days=3 * 365)
REQUIRED = {
    "kind": "请选择“培训类型”。",
    "job_type": "请选择“操作项目”。",
    "class_start": "请填写“开班日期”。",
    "class_end": "请填写“结班日期”。",
    "capacity": "请填写“班级容量（人）”。",
    "onsite_hours": "请填写“线下学时”。",
    "venue": "请填写“培训地点”。",
}


@dataclass
class PlanCheck:
    """Problems stop the filing, warnings do not. ``teachers`` holds those whose number was right."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    teachers: list[tuple[TeacherEntry, IdentityNumber]] = field(default_factory=list)

    def problem(self, name: str, message: str, advice: str = "") -> None:
        """Note what is wrong with one field."""
        self.problems.append(Problem(message, field=name, advice=advice))


def check_plan(
    plan: TrainingPlan, teachers: Iterable[tuple[int, TeacherEntry]], *, today: date, edition: RuleEdition
) -> PlanCheck:
    """Everything that is wrong with the plan at once; dates against ``today``, hours by ``edition``."""
    check = PlanCheck()
    for name, message in REQUIRED.items():
        if getattr(plan, name) in (None, ""):
            check.problem(name, message)
    _check_kind(plan, check, edition)
    _check_job_type(plan, check, today)
    _check_dates(plan, check, today)
    _check_capacity(plan, check, edition)
    _check_hours(plan, check, edition)
    _check_online_share(plan, check, edition)
    _check_hours_per_day(plan, check, edition)
    _check_teachers(list(teachers), check, today)
    return check


def _check_kind(plan: TrainingPlan, check: PlanCheck, edition: RuleEdition) -> None:
    if plan.kind and plan.kind not in lookup.values(*KINDS, edition)["kinds"]:
        check.problem("kind", f"“{edition}”不再办理{plan.get_kind_display()}。", "请选择其他培训类型。")


def _check_job_type(plan: TrainingPlan, check: PlanCheck, today: date) -> None:
    if plan.job_type is None:
        return
    # Once filed a class keeps the edition that it was filed under (rules 1.4).
    if plan.filed_at is None and plan.job_type.group.edition_id != CatalogueEdition.objects.in_force(today).pk:
        check.problem("job_type", "该操作项目不在现行目录中。", "请重新选择操作项目。")
    if plan.variant is not None and plan.variant.job_type_id != plan.job_type_id:
        check.problem("variant", f"“{plan.variant}”不是{plan.job_type}的细分。", "请重新选择细分。")
    if plan.variant is None and JobTypeVariant.objects.filter(job_type=plan.job_type).exists():
        check.problem("variant", f"{plan.job_type}须注明细分。", "请选择细分。")


def _check_dates(plan: TrainingPlan, check: PlanCheck, today: date) -> None:
    start, end, exam = plan.class_start, plan.class_end, plan.wished_exam_on
    if start and start <= today:
        check.problem("class_start", "开班日期应在今天之后：培训计划须在开班前报备。")
    for name in ("class_start", "class_end", "wished_exam_on"):
        day = getattr(plan, name)
        if day and day > today + FURTHEST:
            check.problem(name, f"{plain_day(day)} 过远，请核对年份。")
    if start and end and end < start:
        check.problem("class_end", "结班日期不应早于开班日期。")
    if exam and start and exam < start:
        check.problem("wished_exam_on", "拟考试日期不应早于开班日期。")
    elif exam and end and exam < end:
        check.warnings.append("拟考试日期早于结班日期，请核对。")


def _check_capacity(plan: TrainingPlan, check: PlanCheck, edition: RuleEdition) -> None:
    if plan.capacity == 0:
        check.problem("capacity", "班级容量应大于零。")
    rule = lookup.values(AREA, "class_capacity", edition)
    if plan.capacity and plan.capacity > rule["maximum"]:
        say = _by_weight(check, rule["beyond"], "capacity")
        say(f"班级容量 {plan.capacity} 人，超过 {rule['maximum']} 人（方案四（一）：严控班级容量）。")


def _check_hours(plan: TrainingPlan, check: PlanCheck, edition: RuleEdition) -> None:
    if plan.job_type is None or plan.onsite_hours is None or not plan.kind:
        return
    rule = lookup.values(AREA, "hours", edition)
    required = required_hours(plan.job_type, plan.kind, rule)
    if required and plan.total_hours < required:
        say = _by_weight(check, rule["shortfall"].get(plan.kind, "warning"), "onsite_hours")
        say(f"线下、线上学时合计 {plan.total_hours}，少于目录要求的 {required} 学时（方案四（一）：严格按纲施训）。")
    practical = plan.job_type.practical_hours if plan.kind == ApplicationKind.INITIAL else None
    if practical and plan.onsite_hours < practical:
        say = _by_weight(check, rule["practical_onsite"], "onsite_hours")
        say(f"线下学时 {plan.onsite_hours}，少于实操 {practical} 学时；实操应在线下进行。")


def _check_online_share(plan: TrainingPlan, check: PlanCheck, edition: RuleEdition) -> None:
    if not plan.online_hours or not plan.total_hours or not plan.kind:
        return
    rule = lookup.values(AREA, "online_share", edition)
    most = rule["maximum"].get(plan.kind, 100)
    if plan.online_hours * 100 > most * plan.total_hours:
        say = _by_weight(check, rule["beyond"], "online_hours")
        say(
            f"线上学时 {plan.online_hours}，超过合计学时的 {most}%"
            "（方案四（一）：妥善处理好线上与线下培训之间的关系），请核对。"
        )


def _check_hours_per_day(plan: TrainingPlan, check: PlanCheck, edition: RuleEdition) -> None:
    """Whether the hours fit into the calendar days from class start to class end, both included."""
    if not plan.class_start or not plan.class_end or plan.onsite_hours is None or plan.class_end < plan.class_start:
        return
    rule = lookup.values(AREA, "hours_per_day", edition)
    days = (plan.class_end - plan.class_start).days + 1
    if plan.total_hours > days * rule["maximum"]:
        say = _by_weight(check, rule["beyond"], "class_end")
        say(
            f"开班至结班共 {days} 天，安排 {plan.total_hours} 学时，平均每天超过 {rule['maximum']} 学时"
            "（方案四（一）：严格按纲施训），请核对结班日期和学时。"
        )


def required_hours(job_type: JobType, kind: str, rule: dict) -> int | None:
    """Hours that a class of ``kind`` needs: the catalogue's, else the group's minimum of rule ``hours``; None where
    neither is known."""
    known = job_type.required_hours(kind)
    if known:
        return known
    group = rule.get("groups", {}).get(job_type.group.code, {})
    if kind == ApplicationKind.INITIAL:
        return group.get("initial_minimum")
    return group.get("review_minimum", rule["review_minimum"])


def _by_weight(check: PlanCheck, weight: str, name: str) -> Callable[[str], None]:
    if weight == "error":
        return lambda message: check.problem(name, message)
    return check.warnings.append


def _check_teachers(teachers: list[tuple[int, TeacherEntry]], check: PlanCheck, today: date) -> None:
    if not teachers:
        check.problem(teacher_keys(1)[0], "请至少填写一名教师。")
    seen: dict[str, int] = {}
    for place, entry in teachers:
        name_key, number_key, _subject = teacher_keys(place)
        if not entry.name:
            check.problem(name_key, f"请填写第 {place} 名教师的姓名。")
        identity = _identity(check, entry, number_key, today)
        if identity is None:
            continue
        check.warnings.extend(f"教师{entry.name}：{warning}" for warning in identity.warnings)
        if identity.number in seen:
            check.problem(number_key, f"与第 {seen[identity.number]} 名教师的证件号码重复。")
            continue
        seen[identity.number] = place
        check.teachers.append((entry, identity))


def _identity(check: PlanCheck, entry: TeacherEntry, key: str, today: date) -> IdentityNumber | None:
    try:
        return check_identity_number(entry.number, today=today)
    except InvalidIdentityNumber as refusal:
        check.problem(key, f"教师{entry.name}：{refusal.message}", refusal.advice)
        return None
