"""培训检查: the city's supervisor or the province's inspector checks a class on the spot; what was found is to be
remedied within working days, the institution answers with evidence, whoever checked confirms or returns [四(一)].

Rule values (training/rules.toml): ``training.spot_check``; the deadlines ``remedy_urgent``, ``remedy_serious`` and
``remedy_ordinary``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from simple_history.utils import bulk_create_with_history

from certification import clock
from certification.deadlines import ledger
from certification.organisations import access, separation
from certification.organisations.separation import Capacity
from certification.records import pictures
from certification.records.content import JPEG, PDF, PNG, require_type
from certification.records.models import StoredFile
from certification.records.models.numbers import next_number
from certification.refusals import Incomplete, Problem, WrongState
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.workflow import activity, apply_one, lock, log
from training.cases import NotFound, locked_plan
from training.models import Lesson, SpotAnswer, SpotCheck, SpotFinding, Trainee, TrainingPlan
from training.plan_checks import AREA
from training.spot_check_notices import tell_answered, tell_checked, tell_judged
from training.states import SPOT_CHECK, CheckState, TraineeState

INSPECT = "training.inspect"
ANSWER_CHECK = "training.answer_checks"
SERIES, PREFIX = "spot_check", "JC"
MOST_FILES = 9
ENDINGS = {JPEG: "jpg", PNG: "png", PDF: "pdf"}

# Name and content of an uploaded file.
Upload = tuple[str, bytes]


@dataclass(frozen=True)
class Finding:
    """How one item of the checklist was found: ``grade`` "" is in order, otherwise ``note`` says what is not."""

    item: str
    grade: str = ""
    note: str = ""


@dataclass(frozen=True)
class Item:
    """One item of the checklist of an edition."""

    code: str
    text: str
    clause: str


def checklist(edition: RuleEdition) -> list[Item]:
    """The checklist that the edition has."""
    return [Item(**item) for item in lookup.values(AREA, "spot_check", edition)["checklist"]]


def remedies(edition: RuleEdition) -> list[str]:
    """The deadline rules by which findings may be remedied, the shortest first."""
    return lookup.values(AREA, "spot_check", edition)["remedies"]


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
    separation.require(actor.person_id, Capacity.INSPECTS, plan)
    if not plan.is_standing or plan.class_start > today:
        raise WrongState(f"“{plan}”还没有开班，不能检查。")
    edition = lookup.edition_on(today)
    lesson = _lesson(plan, lesson_id)
    found = [finding for finding in findings if finding.grade]
    problems = [*_finding_problems(findings, edition), *_remedy_problems(found, remedy, edition)]
    media_types = _checked_files(photos, "photos", (JPEG, PNG), problems)
    if problems:
        raise Incomplete(problems)
    check = SpotCheck(
        plan=plan,
        lesson=lesson,
        number=f"{PREFIX}-{now.year}-{next_number(SERIES, now.year):04d}",
        entry_key=entry_key,
        organisation=actor.organisation,
        inspector=actor,
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
    _write_findings(check, findings, edition, actor=actor, now=now)
    _keep(photos, media_types, "现场照片", check, actor=actor, now=now)
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
    problems = [] if text.strip() else [Problem("请填写整改情况。", code="required", field="text")]
    media_types = _checked_files(files, "files", (JPEG, PNG, PDF), problems)
    if problems:
        raise Incomplete(problems)
    apply_one(SPOT_CHECK, "answer", check, actor=actor, now=now, reason=text.strip())
    answered = SpotAnswer(
        visit=check,
        round=check.answers.count() + 1,
        text=text.strip(),
        answered_by=actor,
        answered_at=now,
    )
    answered._history_date = now
    answered.save(force_insert=True)
    _keep(files, media_types, "整改证明", answered, actor=actor, now=now)
    ledger.meet(check.remedy_rule, [check], now=now, actor=actor)
    tell_answered(check, now=now)
    return answered


@activity
def confirm(*, actor, now, check_id: int, opinion: str = "") -> SpotCheck:
    """Whoever checked finds the remedy good. Raises WrongState, NotPermitted (another's check), NotFound,
    SeparationBreach."""
    check = _to_judge(actor, check_id)
    apply_one(SPOT_CHECK, "confirm", check, actor=actor, now=now, reason=opinion.strip())
    _judge(check, True, opinion.strip(), actor=actor, now=now)
    log([check.plan], "check_confirmed", actor=actor, now=now, detail={"number": check.number})
    tell_judged(check, "整改合格", opinion.strip(), now=now)
    return check


@activity
def return_answer(*, actor, now, check_id: int, opinion: str, remedy: str = "") -> SpotCheck:
    """Whoever checked sends the answer back; the time to remedy runs anew, by ``remedy`` or by the same rule.

    Raises Incomplete without an opinion, WrongState, NotPermitted, NotFound, SeparationBreach.
    """
    check = _to_judge(actor, check_id)
    edition = lookup.edition_on(clock.day_of(now))
    remedy = remedy or check.remedy_rule
    problems = [] if opinion.strip() else [Problem("请填写退回意见。", code="required", field="opinion")]
    if remedy not in remedies(edition):
        problems.append(Problem("请选择整改时限。", field="remedy"))
    if problems:
        raise Incomplete(problems)
    ledger.close(None, [check], now=now, reason="退回整改，重新计算")
    change = {"change": lambda row: setattr(row, "remedy_rule", remedy), "fields": ("remedy_rule",)}
    apply_one(SPOT_CHECK, "return", check, actor=actor, now=now, reason=opinion.strip(), **change)
    _judge(check, False, opinion.strip(), actor=actor, now=now)
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


def _finding_problems(findings: Sequence[Finding], edition: RuleEdition) -> Iterable[Problem]:
    known = {item.code for item in checklist(edition)}
    for finding in findings:
        if finding.item not in known:
            yield Problem("清单中没有此项。", field=f"grade_{finding.item}")
        elif finding.grade and not finding.note.strip():
            yield Problem("请写明发现的问题。", code="required", field=f"note_{finding.item}")


def _remedy_problems(found: list[Finding], remedy: str, edition: RuleEdition) -> Iterable[Problem]:
    if found and remedy not in remedies(edition):
        yield Problem("发现问题的，请选择整改时限。", code="required", field="remedy")


def _checked_files(files: Sequence[Upload], field: str, allowed, problems: list[Problem]) -> list[str]:
    """The media types of the files; what is wrong with them is added to ``problems``."""
    if len(files) > MOST_FILES:
        problems.append(Problem(f"最多上传 {MOST_FILES} 个文件。", code="too_many", field=field))
        return []
    types = []
    for name, content in files:
        try:
            types.append(require_type(content, allowed, field))
        except Incomplete as refusal:
            problems += [
                Problem(f"“{name}”：{problem.message}", code=problem.code, field=field, advice=problem.advice)
                for problem in refusal.problems
            ]
    return types


def _keep(files: Sequence[Upload], media_types: list[str], word: str, owner, *, actor, now) -> None:
    for place, ((_name, content), media_type) in enumerate(zip(files, media_types, strict=True), start=1):
        name = f"{word}{place}.{ENDINGS[media_type]}"
        content = content if media_type == PDF else pictures.clean(content, media_type)
        StoredFile.store(content, name=name, media_type=media_type, owner=owner, actor=actor, now=now)


def _write_findings(check: SpotCheck, findings: Sequence[Finding], edition: RuleEdition, *, actor, now) -> None:
    said = {finding.item: finding for finding in findings}
    rows = [
        SpotFinding(
            visit=check,
            item=item.code,
            text=item.text,
            grade=said[item.code].grade if item.code in said else "",
            note=said[item.code].note.strip() if item.code in said else "",
        )
        for item in checklist(edition)
    ]
    bulk_create_with_history(rows, SpotFinding, default_user=actor, default_date=now)


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
    separation.require(actor.person_id, Capacity.INSPECTS, check.plan)
    return check


def _judge(check: SpotCheck, accepted: bool, opinion: str, *, actor, now) -> None:
    answered = check.answers.order_by("-round").first()
    answered.accepted, answered.opinion, answered.judged_by, answered.judged_at = accepted, opinion, actor, now
    answered._history_date = now
    answered.save(update_fields=["accepted", "opinion", "judged_by", "judged_at"])
