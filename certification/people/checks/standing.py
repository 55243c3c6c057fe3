"""What is said and known of the person: education, name, bars, other open cases."""

from certification.people import bars, eligibility
from certification.people.checks.catalogue import Check, Judge, Scope, Topic, nothing
from certification.people.checks.running import Judging
from certification.people.checks.subject import Entry
from certification.people.models import Education
from certification.spreadsheets.names import without_invisible
from certification.workdays.wording import plain_day


def _education(judging: Judging) -> Judge:
    group, held = judging.subject.job_type.group, judging.known.certificates
    values = judging.values("education_minimum")

    def needed(level: str, since):
        """The minimum that ``level`` misses."""
        if eligibility.educated_enough(level, group.code, values, since):
            return None
        return eligibility.education_minimum(group.code, values, since)

    # Few levels and many people: the common case, of somebody who holds no certificate, is judged once.
    new = {level.value: needed(level, None) for level in Education}

    def judge(entry: Entry):
        if not entry.education:
            return None
        misses = new[entry.education]
        if misses and (certificate := held.get(entry.person_id)):
            misses = needed(entry.education, certificate.first_issued_on)
        return {"作业类别": group, "文化程度": misses.label} if misses else None

    return judge


def _education_holds(judging: Judging, entry: Entry) -> str:
    certificate = judging.known.certificates.get(entry.person_id)
    since = certificate.first_issued_on if certificate else None
    minimum = eligibility.education_minimum(
        judging.subject.job_type.group.code, judging.values("education_minimum"), since
    )
    said = Education(entry.education).label if entry.education else "未填报"
    return f"填报{said}，要求{minimum.label}及以上" if minimum else f"填报{said}，不作要求"


def _name_differs(judging: Judging) -> Judge:
    names = judging.known.names
    if not names:
        return nothing

    def judge(entry: Entry):
        name = names.get(entry.person_id)
        if not name or not entry.name or name == entry.name:
            return None
        same = without_invisible(name) == without_invisible(entry.name)
        return None if same else {"登记姓名": name}

    return judge


def _barred(judging: Judging) -> Judge:
    barred = judging.known.bars
    if not barred:
        return nothing

    def judge(entry: Entry):
        bar = barred.get(entry.person_id)
        if bar is None:
            return None
        until, ground = plain_day(bar.barred_until), bar.get_ground_display()
        return {"截止日期": until, "事由": ground, "禁考条款": bars.CLAUSES[bar.ground]}

    return judge


def _elsewhere(judging: Judging) -> Judge:
    elsewhere = judging.known.elsewhere
    if not elsewhere:
        return nothing

    def judge(entry: Entry):
        where = elsewhere.get(entry.person_id)
        return {"何处": where} if where else None

    return judge


CHECKS = (
    Check(
        "education",
        Topic.PERSON,
        Scope.ROW,
        "{作业类别}须{文化程度}及以上文化程度。",
        "不符合条件的不得列入名单或者申报考试（{条款}）。",
        _education,
        field="education",
        parameters=("eligibility.education_minimum",),
        holds=_education_holds,
    ),
    Check(
        "name_differs",
        Topic.PERSON,
        Scope.PERSON,
        "与此前登记的姓名“{登记姓名}”不一致；登记信息不因此改变。",
        "请以证件为准核对；不影响报送。",
        _name_differs,
        field="name",
        holds=lambda _judging, _entry: "与登记姓名一致",
    ),
    Check(
        "barred",
        Topic.PERSON,
        Scope.PERSON,
        "该人员不予安排考试，至 {截止日期}止（{事由}）。",
        "不得列入名单或者申报考试（{禁考条款}）。",
        _barred,
        field="identity",
        parameters=("eligibility.bar_periods",),
        holds=lambda _judging, _entry: "没有禁考记录",
    ),
    Check(
        "elsewhere",
        Topic.PERSON,
        Scope.PERSON,
        "该学员已在{何处}中，尚未结束。",
        "同一操作项目不能同时参加两个班级或考试（{条款}）；请等原班级或申报结束、撤回后再报。",
        _elsewhere,
        field="identity",
        parameters=("eligibility.one_open_filing",),
        holds=lambda _judging, _entry: "全省没有其他办理中的同项目申报",
    ),
)
