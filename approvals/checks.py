"""What the machine can tell about an application's eligibility, for the reviewer to see beside the papers (rules 7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from certification.catalogue.models import ApplicationKind
from certification.people import bars, eligibility
from certification.people.models import Certificate, CertificateState
from certification.people.retiring import retirement_day
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from exams import standards
from exams.models import Candidate, ExamApplication
from exams.states import IN_SESSION, OPEN

AREA = "eligibility"


@dataclass(frozen=True)
class Fact:
    """One checked fact: ``ok`` False stands against the application, None cannot be told by the machine."""

    label: str
    ok: bool | None
    detail: str
    clause: str = ""

    @property
    def tone(self) -> str:
        return {True: "done", False: "refused", None: "attention"}[self.ok]

    @property
    def verdict(self) -> str:
        return {True: "符合", False: "不符合", None: "待核"}[self.ok]


def facts_about(application: ExamApplication, *, today: date) -> list[Fact]:
    """All facts, in the order in which a reviewer asks. A fixed number of queries.

    Age and retirement are told for the exam day where there is a session, else for today.
    """
    place = Candidate.objects.filter(application=application, state__in=IN_SESSION).select_related("session").first()
    day = place.session.starts_on if place else today
    return [
        *_age(application, day, "开考当日" if place else "今日"),
        _education(application),
        _bar(application, day),
        _certificate(application),
        _papers(application),
        _open_elsewhere(application),
    ]


def _age(application: ExamApplication, day: date, when: str) -> Iterator[Fact]:
    edition, person = application.rule_edition, application.person
    minimum = lookup.rule(AREA, "age_minimum", edition)
    yield Fact(
        "年龄",
        eligibility.old_enough(person.birth_date, day, minimum.values),
        f"{when}满{eligibility.age_on(person.birth_date, day)}周岁",
        minimum.clause,
    )
    rule = lookup.rule(AREA, "retirement", edition)
    retires = retirement_day(person.birth_date, person.sex, application.trainee.female_class, edition)
    yield Fact("法定退休年龄", day < retires, f"法定退休日期{plain_day(retires)}", rule.clause)


def _education(application: ExamApplication) -> Fact:
    rule = lookup.rule(AREA, "education_minimum", application.rule_edition)
    group = application.job_type.group.code
    trainee = application.trainee
    needed = eligibility.education_minimum(group, rule.values)
    return Fact(
        "文化程度",
        eligibility.educated_enough(trainee.education, group, rule.values),
        f"填报{trainee.get_education_display()}，要求{needed.label}及以上",
        rule.clause,
    )


def _bar(application: ExamApplication, day: date) -> Fact:
    bar = bars.in_force([application.person_id], day).get(application.person_id)
    detail = f"{bar.get_ground_display()}，禁考至{plain_day(bar.barred_until)}" if bar else "没有禁考记录"
    return Fact("禁考", bar is None, detail, "方案四（二）")


def _certificate(application: ExamApplication) -> Fact:
    held = Certificate.objects.filter(
        person=application.person_id, job_type=application.job_type_id, state=CertificateState.VALID
    ).first()
    filed_on = application.first_submitted_at.date() if application.first_submitted_at else None
    if application.kind == ApplicationKind.INITIAL:
        free = held is None or (filed_on is not None and held.valid_until < filed_on)
        return Fact("已持证", free, f"已持证至{plain_day(held.valid_until)}" if held else "未持有同项目操作证")
    if held is None:
        return Fact("所持操作证", False, "未查到有效的同项目操作证")
    in_time = filed_on is None or filed_on <= held.valid_until
    return Fact("所持操作证", in_time, f"{plain_day(held.valid_from)}至{plain_day(held.valid_until)}")


def _papers(application: ExamApplication) -> Fact:
    standard = standards.materials_for(application.kind, application.rule_edition)
    held = set(application.materials.filter(replaced_at__isnull=True).values_list("kind", flat=True))
    missing = [kind.label for kind in standard.missing(held)]
    later = [kind.label for kind in standard.missing_later(held)] if application.hours_confirmed_at is None else []
    if missing:
        return Fact("材料", False, f"缺{'、'.join(missing)}", "方案三（二）")
    if later:
        return Fact("材料", None, f"{'、'.join(later)}待补（开考前1个工作日）", "方案三（二）2")
    return Fact("材料", True, "齐全", "方案三（二）")


def _open_elsewhere(application: ExamApplication) -> Fact:
    others = (
        ExamApplication.objects.filter(person=application.person_id, job_type=application.job_type_id)
        .filter(state__in=[state for state in OPEN if state != "CLEARED"])
        .exclude(pk=application.pk)
    )
    found = others.exists()
    return Fact("重复申报", not found, "全省另有办理中的同项目申报" if found else "全省没有其他办理中的同项目申报")
