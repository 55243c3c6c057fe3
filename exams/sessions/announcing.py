"""Announcing exam sessions ahead (rules 2.7): what institutions may apply for."""

from dataclasses import dataclass
from datetime import date

from certification.catalogue.models import Category, JobType, JobTypeVariant
from certification.organisations import access
from certification.organisations.models import Designation, Organisation, OrganisationKind
from certification.records.models.numbers import next_number
from certification.refusals import Incomplete, NotPermitted, Problem, TooLate
from certification.rulebook import lookup
from certification.workdays import calendars
from certification.workdays.wording import plain_day
from certification.workflow import activity, log
from exams import standards
from exams.models import ExamSession, ExamSite, Part, SessionPart
from exams.models.sessions import SLOT_MINUTES
from exams.rooms import fitness
from exams.rooms.sites import usable_by


@dataclass(frozen=True)
class Time:
    """When a part takes place: a day and its first and last 30-minute slot, both included (slot 0 is 00:00)."""

    day: date
    first_slot: int
    last_slot: int

    @property
    def minutes(self) -> int:
        """How long the part may take."""
        return (self.last_slot - self.first_slot + 1) * SLOT_MINUTES


@activity
def announce_session(
    *,
    actor,
    now,
    job_type: JobType,
    site: ExamSite,
    capacity: int,
    theory: Time | tuple[date, int, int],
    practical: Time | tuple[date, int, int] | None = None,
    variant: JobTypeVariant | None = None,
    organiser: Organisation | None = None,
) -> ExamSession:
    """Announce a session of the actor's organisation, with its number.

    Raises NotPermitted where the organisation does not organise this job type (Category 1: the provincial centre;
    Category 2: a city bureau designated for the group), TooLate under the lead time, Incomplete where the times
    or the capacity are wrong, or the site has no room for it then.
    """
    access.require(actor, "exams.session.announce")
    organiser = organiser or actor.organisation
    access.require_own(actor, organiser)
    require_organises(organiser, job_type, now.date())
    times = {Part.THEORY: _time(theory)}
    if practical is not None:
        times[Part.PRACTICAL] = _time(practical)
    _check(times, capacity=capacity, site=site, organiser=organiser, job_type=job_type, variant=variant, day=now.date())
    starts_on = min(time.day for time in times.values())
    require_lead_time(starts_on, now.date())
    session = ExamSession.objects.create(
        organiser=organiser,
        job_type=job_type,
        variant=variant,
        number=f"KS-{now.year}-{next_number('exam_session', now.year):04d}",
        site=site,
        starts_on=starts_on,
        capacity=capacity,
        announced_by=actor,
        announced_at=now,
    )
    for part, time in times.items():
        SessionPart.objects.create(
            session=session, part=part, day=time.day, first_slot=time.first_slot, last_slot=time.last_slot
        )
    log([session], "announce", actor=actor, now=now)
    return session


def require_organises(organiser: Organisation, job_type: JobType, day: date) -> None:
    """Raise NotPermitted unless ``organiser`` organises exams of ``job_type`` on ``day`` (rules 1.2)."""
    if job_type.category == Category.ONE:
        allowed = organiser.kind == OrganisationKind.PROVINCIAL_CENTRE
        advice = "第一类由省厅考试中心组织考试。"
    else:
        designations = Designation.objects.in_force(day).filter(bureau=organiser, group=job_type.group_id)
        allowed = organiser.kind == OrganisationKind.CITY_BUREAU and designations.exists()
        advice = "第二类由省厅指定的设区市应急管理部门组织考试。"
    if not allowed:
        raise NotPermitted(f"{organiser}不是“{job_type}”的考试组织单位。", clause="方案二、三（三）", advice=advice)


def earliest_start(day: date, days: int) -> date:
    """The earliest start of a session announced on ``day``, which counts as the first of ``days`` working days."""
    return calendars.current().shift(day - date.resolution, days).date + date.resolution


def require_lead_time(starts_on: date, day: date) -> None:
    """Raise TooLate where a session that starts on ``starts_on`` is announced too late on ``day``."""
    days = standards.lead_days(lookup.edition_on(day))
    calendar = calendars.current()
    last = calendar.shift(starts_on, -days)
    if day > last.date and not last.provisional:
        earliest = earliest_start(day, days)
        raise TooLate(
            f"场次应提前 {days} 个工作日公布，{plain_day(starts_on)}开考的场次最迟于{plain_day(last.date)}公布。",
            due_on=last.date,
            earliest=earliest,
            clause="规则 2.7",
            advice=f"{plain_day(day)}公布的，开考日期最早为{plain_day(earliest)}。",
        )


def _time(value) -> Time:
    return value if isinstance(value, Time) else Time(*value)


def _check(times: dict[Part, Time], *, capacity, site, organiser, job_type, variant, day) -> None:
    problems = time_problems(times, day)
    if capacity < 1:
        problems.append(Problem("容量须大于 0。", field="capacity"))
    if not usable_by(organiser).filter(pk=site.pk).exists():
        problems.append(Problem("考试点未启用或不由本单位管理。", field="site"))
    elif not problems:
        problems += fitness.site_problems(site, job_type, times)
    if variant is not None and variant.job_type_id != job_type.pk:
        problems.append(Problem("细分不属于该操作项目。", field="variant"))
    if problems:
        raise Incomplete(problems)


def time_problems(times: dict[Part, Time], day: date) -> list[Problem]:
    """What is wrong with the times of a session's parts, set on ``day``."""
    problems = []
    for part, time in times.items():
        field = part.value.lower()
        if time.day <= day:
            problems.append(Problem(f"{part.label}考试日期应晚于今天。", field=field))
        if not 0 <= time.first_slot <= time.last_slot <= 47:
            problems.append(Problem(f"{part.label}考试的结束时间应晚于开始时间。", field=field))
        minutes = standards.part_standard(part, lookup.edition_on(day)).minutes
        if minutes and time.minutes < minutes:
            problems.append(Problem(f"{part.label}考试时长不足 {minutes} 分钟。", field=field, code="too_short"))
    theory, practical = times[Part.THEORY], times.get(Part.PRACTICAL)
    if practical and (practical.day, practical.first_slot) <= (theory.day, theory.last_slot):
        problems.append(Problem("实操考试应在理论考试之后。", field="practical", code="order"))
    return problems
