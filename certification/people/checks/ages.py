"""Age and statutory retirement (facts 2, 5)."""

from certification.catalogue.models import ApplicationKind
from certification.people.checks.catalogue import Check, Judge, Scope, Topic
from certification.people.checks.running import Judging
from certification.people.checks.subject import Entry
from certification.people.eligibility import add_months, add_years, age_on
from certification.workdays.wording import plain_day

RETIREMENT = ("eligibility.retirement", "eligibility.female_class_default", "eligibility.voluntary_delay")
VALIDITY = ("certificate.validity", "certificate.retirement_cap")


def _too_young(judging: Judging) -> Judge:
    years = judging.values("age_minimum")["years"]
    day, word = judging.subject.start, judging.subject.start_word
    # Who is born later has not completed the years on that day.
    latest = add_years(day, -years)

    def judge(entry: Entry):
        if entry.birth_date <= latest:
            return None
        return {"何时": word, "岁数": years, "日期": plain_day(_completes(entry.birth_date, years))}

    return judge


def _completes(birth_date, years: int):
    """The first day with ``years`` completed: for somebody born on 29 February, 1 March where there is none."""
    day = add_years(birth_date, years)
    return day if age_on(birth_date, day) >= years else day + day.resolution


def _age_holds(judging: Judging, entry: Entry) -> str:
    return f"{judging.subject.start_word}满 {age_on(entry.birth_date, judging.subject.start)} 周岁"


def _retired(judging: Judging) -> Judge:
    subject, retires = judging.subject, judging.retires
    last = subject.last_day
    safe = judging.working_beyond(last)

    def judge(entry: Entry):
        if entry.birth_date > safe[entry.own_sex]:
            return None
        day = retires(entry)
        if day > last:
            return None
        word = subject.start_word if day <= subject.start else subject.exam_word
        return {"何时": word, "退休日期": plain_day(day)}

    return judge


def _retirement_holds(judging: Judging, entry: Entry) -> str:
    return f"法定退休日期 {plain_day(judging.retires(entry))}"


def _retires_soon(judging: Judging) -> Judge:
    subject, retires, held = judging.subject, judging.retires, judging.known.certificates
    last, until = subject.last_day, _valid_until(judging)
    capped = judging.values("retirement_cap", "certificate").get("applies", False)
    consequence = "有效期截至该日" if capped else "请告知本人"
    stays = subject.kind == ApplicationKind.PERIODIC_REVIEW
    latest = max((certificate.valid_until for certificate in held.values()), default=until) if stays else until
    safe = judging.working_beyond(max(until, latest))

    def judge(entry: Entry):
        if entry.birth_date > safe[entry.own_sex]:
            return None
        day = retires(entry)
        if day <= last:
            return None
        ends = until
        if stays and (certificate := held.get(entry.person_id)):
            ends = certificate.valid_until
        return {"退休日期": plain_day(day), "后果": consequence} if day <= ends else None

    return judge


def _valid_until(judging: Judging):
    """Until when a certificate issued now would be valid."""
    return add_years(judging.subject.start, judging.values("validity", "certificate")["years"])


def _delays(judging: Judging) -> Judge:
    proof = judging.values("voluntary_delay")["proof"]
    until, retires = _valid_until(judging), judging.retires

    def judge(entry: Entry):
        months = entry.delay_months
        # Only where it makes a difference within the validity.
        if not months or add_months(retires(entry), -months) > until:
            return None
        return {"月数": months, "退休日期": plain_day(retires(entry)), "证明": proof}

    return judge


def _delay_holds(_judging: Judging, entry: Entry) -> str:
    return f"已申报自愿延迟退休 {entry.delay_months} 个月" if entry.delay_months else "未申报自愿延迟退休"


CHECKS = (
    Check(
        "too_young",
        Topic.PERSON,
        Scope.PERSON,
        "{何时}未满 {岁数} 周岁。",
        "{日期}起方可参加培训（{条款}）。",
        _too_young,
        field="identity",
        parameters=("eligibility.age_minimum",),
        holds=_age_holds,
    ),
    Check(
        "retired",
        Topic.PERSON,
        Scope.PERSON,
        "{何时}已达法定退休年龄（{退休日期}）。",
        "不得列入名单或者申报考试（{条款}）；女职工请核对所报类别。",
        _retired,
        field="identity",
        parameters=RETIREMENT,
        holds=_retirement_holds,
    ),
    Check(
        "retires_soon",
        Topic.PERSON,
        Scope.PERSON,
        "将于 {退休日期}达到法定退休年龄，在操作证有效期内退休。",
        "可以报送；{后果}（{条款}）。",
        _retires_soon,
        field="identity",
        parameters=(*RETIREMENT, *VALIDITY),
        holds=_retirement_holds,
    ),
    Check(
        "delay_declared",
        Topic.PERSON,
        Scope.PERSON,
        "申报自愿延迟退休 {月数} 个月，按 {退休日期}退休核验。",
        "请核对{证明}（{条款}）。",
        _delays,
        field="identity",
        parameters=("eligibility.voluntary_delay",),
        holds=lambda _judging, entry: (
            f"已申报 {entry.delay_months} 个月" if entry.delay_months else "未申报自愿延迟退休"
        ),
    ),
)
