"""培训检查: the city's supervisor or the province's inspector checks a class on the spot; what was found is to be
remedied within working days, the institution answers with evidence, whoever checked confirms or returns [四(一)].

Rule values (training/rules.toml): ``training.spot_check``; the deadlines ``remedy_urgent``, ``remedy_serious`` and
``remedy_ordinary``.
"""

from collections.abc import Sequence
from uuid import UUID, uuid4

from certification import clock
from certification.deadlines import ledger
from certification.inspections import judging
from certification.inspections.checklists import Checklist, Finding
from certification.inspections.states import CheckState
from certification.organisations import access, separation
from certification.organisations.separation import Capacity
from certification.records.evidence import PICTURES, Upload, keep, media_types
from certification.records.models.numbers import next_number
from certification.refusals import Incomplete, WrongState
from certification.rulebook import lookup
from certification.workflow import activity, lock, log
from training.cases import NotFound, locked_plan
from training.models import Lesson, SpotAnswer, SpotCheck, SpotFinding, Trainee, TrainingPlan
from training.plans.plan_checks import AREA
from training.spot_checks.spot_check_notices import tell_answered, tell_checked, tell_judged
from training.states import SPOT_CHECK, TraineeState

INSPECT = "training.inspect"
ANSWER_CHECK = "training.answer_checks"
SERIES, PREFIX = "spot_check", "JC"
CHECKLIST = Checklist(AREA, "spot_check")


@activity
def record_check(
    *,
    actor,
    now,
    plan_id: int,
    counted: int,
    findings: Sequence[Finding] = (),
    lesson_id: int | None = None,
    remarks: str = "",
    remedy: str = "",
    photos: Sequence[Upload] = (),
    entry_key: UUID | None = None,
) -> SpotCheck:
    """Record a check of a class. ``remedy`` names the deadline rule by which findings are to be remedied; where
    nothing was found there is none. ``entry_key`` tells a form sent twice from a second check.

    Raises Incomplete with every problem, SeparationBreach (works or teaches at the institution), WrongState (the
    class does not stand, or has not begun), NotPermitted, NotFound.
    """
    access.require(actor, INSPECT)
    plan = locked_plan(actor, plan_id)
    entry_key = entry_key or uuid4()
    if again := SpotCheck.objects.filter(entry_key=entry_key, inspector=actor).first():
        return again
    today = clock.day_of(now)
    separation.require(actor, Capacity.INSPECTS, plan)
    if not plan.is_standing or plan.class_start > today:
        raise WrongState(f"“{plan}”还没有开班，不能检查。")
    edition = lookup.edition_on(today)
    lesson = _lesson(plan, lesson_id)
    found = [finding for finding in findings if finding.grade]
    problems = list(CHECKLIST.problems(findings, remedy, edition))
    types = media_types(photos, "photos", PICTURES, problems)
    if problems:
        raise Incomplete(problems)
    check = SpotCheck(
        plan=plan,
        lesson=lesson,
        number=f"{PREFIX}-{now.year}-{next_number(SERIES, now.year):04d}",
        entry_key=entry_key,
        organisation=actor.organisation,
        inspector=actor,
        on_behalf_of=actor.acting_for,
        checked_at=now,
        expected=Trainee.objects.filter(plan=plan, state=TraineeState.ENROLLED).count(),
        signed_in=_signed_in(lesson),
        counted=counted,
        remarks=remarks.strip(),
        remedy_rule=remedy if found else "",
        state=CheckState.REMEDY if found else CheckState.CLEAN,
    )
    check._history_date = now
    check.save(force_insert=True)
    CHECKLIST.write(SpotFinding, check, findings, edition, actor=actor, now=now)
    keep(photos, types, "现场照片", check, actor=actor, now=now)
    if found:
        _open_deadline(check, now=now)
    detail = {"number": check.number, "findings": len(found)}
    log([check, plan], "spot_check", actor=actor, now=now, detail=detail)
    tell_checked(check, len(found), now=now)
    return check


@activity
def answer(*, actor, now, check_id: int, text: str, files: Sequence[Upload] = ()) -> SpotAnswer:
    """The institution says what it did about the findings, with evidence (pictures or PDF).

    Also after the day it may still answer, marked late. Raises Incomplete, WrongState, NotPermitted, NotFound.
    """
    access.require(actor, ANSWER_CHECK)
    check = _locked(actor, check_id)
    access.require_own(actor, check.plan.institution_id)
    answered = judging.answer(SPOT_CHECK, SpotAnswer, check, actor=actor, now=now, text=text, files=files)
    tell_answered(check, now=now)
    return answered


@activity
def confirm(*, actor, now, check_id: int, opinion: str = "") -> SpotCheck:
    """Whoever checked finds the remedy good. Raises WrongState, NotPermitted (another's check), NotFound,
    SeparationBreach."""
    check = _to_judge(actor, check_id)
    judging.confirm(SPOT_CHECK, check, actor=actor, now=now, opinion=opinion)
    log([check.plan], "check_confirmed", actor=actor, now=now, detail={"number": check.number})
    tell_judged(check, "整改合格", opinion.strip(), now=now)
    return check


@activity
def return_answer(*, actor, now, check_id: int, opinion: str, remedy: str = "") -> SpotCheck:
    """Whoever checked sends the answer back; the time to remedy runs anew, by ``remedy`` or by the same rule.

    Raises Incomplete without an opinion, WrongState, NotPermitted, NotFound, SeparationBreach.
    """
    check = _to_judge(actor, check_id)
    remedies = CHECKLIST.remedies(lookup.edition_on(clock.day_of(now)))
    judging.send_back(SPOT_CHECK, check, remedies, actor=actor, now=now, opinion=opinion, remedy=remedy)
    _open_deadline(check, now=now)
    tell_judged(check, "退回整改", opinion.strip(), now=now)
    return check


def _lesson(plan: TrainingPlan, lesson_id: int | None) -> Lesson | None:
    if lesson_id is None:
        return None
    lesson = plan.lessons.standing().filter(pk=lesson_id).first()
    if lesson is None:
        raise NotFound("没有找到该课程。")
    return lesson


def _signed_in(lesson: Lesson | None) -> int | None:
    return lesson and lesson.sheets.order_by("-version").values_list("present", flat=True).first()


def _open_deadline(check: SpotCheck, *, now) -> None:
    ledger.open_deadline(
        check.remedy_rule,
        check,
        event_on=clock.day_of(now),
        responsible=check.plan.institution,
        institution=check.plan.institution,
        organiser=check.plan.organiser,
        now=now,
    )


def _locked(actor, check_id: int) -> SpotCheck:
    rows = SpotCheck.objects.visible_to(actor).filter(pk=check_id)
    found = lock(
        rows.select_related("plan__institution", "plan__organiser", "plan__job_type", "organisation", "inspector")
    )
    if not found:
        raise NotFound("没有找到该检查。")
    return found[0]


def _to_judge(actor, check_id: int) -> SpotCheck:
    access.require(actor, INSPECT)
    check = _locked(actor, check_id)
    access.require_own(actor, check.organisation_id)
    separation.require(actor, Capacity.INSPECTS, check.plan)
    return check
