"""Exam applications by the institution: build from the roster, name a session, submit, answer, withdraw [三(二)].

Whatever is refused here is refused per row; the row keeps its state and everything that was handed in.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction
from simple_history.utils import bulk_create_with_history

from certification.catalogue.models import ApplicationKind, Category
from certification.deadlines import ledger
from certification.deadlines.due import Due, require_in_time
from certification.deadlines.late_admissions import admissions
from certification.deadlines.models import LateAdmission
from certification.organisations import access
from certification.records import bulk
from certification.records.models.numbers import next_number, next_numbers
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.workdays import calendars
from certification.workflow import Result, activity, apply, lock, log
from exams.applications import obligations
from exams.applications.person_checks import barred_from_class, errors_against, refusal_of
from exams.applications.reviewing import move
from exams.claims import open_applications, where
from exams.materials import paper_standards
from exams.materials.attaching import OPEN_TO_FILER, attach_material, class_papers, completeness
from exams.models import ApplicationBatch, Candidate, ExamApplication, ExamSession, MaterialKind
from exams.sessions.listing import (
    PlaceChecks,
    check_fits,
    check_takes_applications,
    is_renewal,
    leave_session,
    list_in_session,
    stopped_classes,
)
from exams.states import APPLICATION, IN_SESSION
from exams.states import ApplicationState as A
from training.class_checks import subject_of
from training.models import Trainee, TrainingPlan
from training.states import STANDING, TraineeState

__all__ = [
    "answer_correction",
    "attach_material",
    "build_applications",
    "choose_session",
    "claim_exemption",
    "submit_applications",
    "withdraw_applications",
]

ANSWER = {
    A.PRELIMINARY_REVIEW: "submit_preliminary",
    A.DIRECT_REVIEW: "submit_direct",
    A.CITY_REVIEW: "submit_city",
    A.FINAL_REVIEW: "resubmit_final",
    A.TAKEN_OVER: "resubmit_taken_over",
}


@activity
def build_applications(*, actor, now, plan_id: int, session_id: int | None = None) -> list[Result]:
    """One draft for every enrolled trainee of the class who has none yet; a result per new draft or refused trainee:
    who is in another application for the job type, who is barred.

    ``session_id``: for INITIAL the announced session that they apply for; may be named later. Raises WrongState
    where the class does not stand or has no roster.
    """
    access.require(actor, "exams.application.file")
    plan = _locked_plan(actor, plan_id)
    access.require_own(actor, plan.institution_id)
    session = _wished(actor, session_id) if session_id and plan.kind == ApplicationKind.INITIAL else None
    trainees = _without_application(plan)
    taken = open_applications([trainee.person_id for trainee in trainees], plan.job_type.code, now.date())
    subject = subject_of(plan, now.date())
    why = {row.pk: _taken(row, where(taken[row.person_id], subject)) for row in trainees if row.person_id in taken}
    why = barred_from_class(trainees, subject) | why
    refused = [Result(row, why[row.pk]) for row in trainees if row.pk in why]
    drafts = [_draft(row, plan, session, now) for row in trainees if row.pk not in why]
    for draft in drafts[:1]:
        if session:
            check_takes_applications(session, now.date())
            _check_wish(draft, session, _Lateness([], now))
    _create_drafts(drafts, actor=actor, now=now)
    obligations.open_materials(drafts, now=now)
    return [*(Result(row) for row in drafts), *refused]


@activity
def choose_session(*, actor, now, application_ids: Iterable[int], session_id: int) -> list[Result]:
    """Name the announced session that INITIAL drafts apply for, in place of an earlier one."""
    access.require(actor, "exams.application.file")
    session = _wished(actor, session_id)
    applications = _locked(actor, application_ids)
    _require_own(actor, applications)
    check_takes_applications(session, now.date())
    lateness = _Lateness(applications, now)
    results = [Result(row, _not_to_choose(row, session, lateness), row.state) for row in applications]
    chosen = [result.row for result in results if result.ok]
    for row in chosen:
        row.wished_session = session
    _save(chosen, ["wished_session"], "选择场次", actor=actor, now=now)
    log(chosen, "choose_session", actor=actor, now=now, detail={"session": session.number})
    obligations.open_materials(chosen, now=now)
    return results


@activity
def claim_exemption(*, actor, now, application_id: int, basis: str) -> ExamApplication:
    """Say on which ground the applicant needs no training (facts 1c), "" for none: its proof is then asked for in place
    of the hours proof. Only while the papers may be changed; raises WrongState, Refusal."""
    access.require(actor, "exams.application.file")
    (application,) = _locked(actor, [application_id])
    access.require_own(actor, application.institution_id)
    if application.state not in OPEN_TO_FILER:
        raise WrongState(
            f"“{application}”当前状态为“{application.get_state_display()}”，不能更改免培训依据。",
            advice="如需更正，请联系审核单位退回补正。",
        )
    offered = paper_standards.exemptions(application.kind, application.job_type.code, application.rule_edition)
    if basis and basis not in {one.code for one in offered}:
        raise Refusal("该项目的申报没有这种免培训依据。", code="no_exemption", clause="人社厅发〔2026〕1号")
    application.exempt_basis = basis
    _save([application], ["exempt_basis"], "免培训依据", actor=actor, now=now)
    log([application], "claim_exemption", actor=actor, now=now, detail={"basis": basis})
    return application


@activity
def submit_applications(*, actor, now, application_ids: Iterable[int]) -> list[Result]:
    """Submit drafts with their materials to the organiser; a result per row.

    Refused rows stay drafts: incomplete, late (`materials_initial` five working days before the exam,
    `materials_renewal` by class start; unless admitted late), an error by the checks of people, no session named,
    session full. The rest goes to the tier that the route names (rules 3.1), with one receipt per class; INITIAL takes
    its place in the named session.
    """
    access.require(actor, "exams.application.file")
    application_ids = list(application_ids)
    # The class before the sessions before the applications: whoever moves a day holds it until the deadlines follow.
    classes = ExamApplication.objects.filter(pk__in=application_ids).values("plan")
    lock(TrainingPlan.objects.filter(pk__in=classes))
    sessions = _locked_wishes(application_ids)
    applications = _locked(actor, application_ids)
    _require_own(actor, applications)
    refusals, in_time = _check_submissions(applications, sessions, now=now)
    accepted = [row for row in applications if row.pk not in refusals and row.state == A.DRAFT]
    _number(accepted, actor=actor, now=now)
    results: list[Result] = []
    for name, rows in _by_route(applications).items():
        results += apply(
            APPLICATION,
            name,
            rows,
            actor=actor,
            now=now,
            check=lambda row: _raise(refusals.get(row.pk)),
            fields=("number", "batch", "first_submitted_at"),
        )
    submitted = [result.row for result in results if result.ok]
    obligations.meet_materials(submitted, now=now, actor=actor)
    admissions.use([in_time.get(row.pk) for row in submitted], actor=actor, now=now)
    for session, rows in _by_session(submitted).items():
        list_in_session(rows, session, actor=actor, now=now)
    return sorted(results, key=lambda result: result.row.pk)


@activity
def withdraw_applications(*, actor, now, application_ids: Iterable[int], reason: str = "") -> list[Result]:
    """Take applications back before the exam; their seats are free again. Results per row."""
    access.require(actor, "exams.application.file")
    applications = _locked(actor, application_ids)
    _require_own(actor, applications)
    return move("withdraw", applications, actor=actor, now=now, reason=reason)


@activity
def answer_correction(*, actor, now, application_id: int) -> ExamApplication:
    """Send a returned application back to the tier that returned it, complete; it keeps its first receipt date.

    In time until that tier's own due date; after it the application goes on, but waits in the pool (rules 2.8).
    Raises Incomplete with what is missing.
    """
    access.require(actor, "exams.application.file")
    (application,) = _locked(actor, [application_id])
    access.require_own(actor, application.institution_id)
    _require_returned(application)
    _raise(stopped_classes([application]).get(application.pk))
    missing = completeness([application])[application.pk].missing
    if missing:
        raise _incomplete(application, missing)
    _raise(refusal_of(errors_against([application], today=now.date())[application.pk]))
    late = _answer_is_late(application, now)
    (result,) = move(ANSWER[A(application.returned_from)], [application], actor=actor, now=now)
    if result.refusal:
        raise result.refusal
    if late:
        places = Candidate.objects.filter(application=application, state__in=IN_SESSION)
        leave_session("move", lock(places), actor=actor, now=now, reason="补正逾期，转入下一场次")
    return application


def _locked_plan(actor, plan_id: int) -> TrainingPlan:
    rows = TrainingPlan.objects.visible_to(actor).filter(pk=plan_id)
    found = lock(rows.select_related("institution", "job_type"))
    if not found:
        raise TrainingPlan.DoesNotExist
    (plan,) = found
    if plan.state not in STANDING:
        raise WrongState(f"{plan}当前状态为“{plan.get_state_display()}”，不能申报考试。")
    if not plan.rosters.exists():
        raise WrongState("该班未报送学员名单，不能申报考试。", code="no_roster", clause="规则 2.5")
    return plan


def _locked(actor, application_ids: Iterable[int]) -> list[ExamApplication]:
    found = lock(ExamApplication.objects.visible_to(actor).with_case().filter(pk__in=list(application_ids)))
    if not found:
        raise ExamApplication.DoesNotExist
    return found


def _wished(actor, session_id: int) -> ExamSession:
    """The session, locked: its day does not move while deadlines are counted from it."""
    found = lock(ExamSession.objects.visible_to(actor).filter(pk=session_id))
    if not found:
        raise ExamSession.DoesNotExist
    return found[0]


def _require_own(actor, applications: list[ExamApplication]) -> None:
    for institution_id in {row.institution_id for row in applications}:
        access.require_own(actor, institution_id)


def _without_application(plan: TrainingPlan) -> list[Trainee]:
    """Enrolled trainees without an application from this class; one withdrawn may be applied for again."""
    applied = ExamApplication.objects.filter(plan=plan).exclude(state=A.WITHDRAWN).values("trainee")
    rows = Trainee.objects.filter(plan=plan, state=TraineeState.ENROLLED).exclude(pk__in=applied)
    return list(rows.select_related("person").order_by("pk"))


def _taken(trainee: Trainee, other: str) -> Refusal:
    return Refusal(
        f"{trainee.person}已有同一操作项目的申报：{other}。",
        code="already_open",
        clause="规则 7",
        advice="原申报结束或撤回后方可再次申报。",
    )


def _draft(trainee: Trainee, plan: TrainingPlan, session: ExamSession | None, now) -> ExamApplication:
    return ExamApplication(
        trainee=trainee,
        person=trainee.person,
        plan=plan,
        institution=plan.institution,
        organiser_id=plan.organiser_id,
        kind=plan.kind,
        category=plan.category,
        job_type=plan.job_type,
        variant_id=plan.variant_id,
        rule_edition_id=plan.rule_edition_id,
        wished_session=session,
        created_at=now,
    )


def _create_drafts(drafts: list[ExamApplication], *, actor, now) -> None:
    if not drafts:
        return
    try:
        with transaction.atomic():
            bulk_create_with_history(
                drafts, ExamApplication, default_user=actor, default_change_reason="生成申报", default_date=now
            )
    except IntegrityError as error:
        raise WrongState("有学员刚刚在其他班级申报了同一操作项目，请刷新后重试。", code="already_open") from error
    log(drafts, "build", actor=actor, now=now)


def _not_to_choose(application: ExamApplication, session: ExamSession, lateness: "_Lateness") -> Refusal | None:
    try:
        if application.state != A.DRAFT or is_renewal(application):
            raise WrongState(f"“{application}”不需要或不能再选择场次。")
        _check_wish(application, session, lateness)
    except Refusal as refusal:
        return refusal
    return None


def _check_wish(application: ExamApplication, session: ExamSession, lateness: "_Lateness") -> None:
    """Raise where the session does not fit, or where its day for materials has passed and nobody admitted the
    application late."""
    check_fits(application, session)
    lateness.check(application, session.starts_on)


def _locked_wishes(application_ids: list[int]) -> dict[int, ExamSession]:
    """The sessions that the drafts name, locked before the drafts, as assigning does."""
    wished = ExamApplication.objects.filter(pk__in=application_ids, state=A.DRAFT).values("wished_session")
    return {session.pk: session for session in lock(ExamSession.objects.filter(pk__in=wished))}


def _check_submissions(
    applications: list[ExamApplication], sessions: dict[int, ExamSession], *, now
) -> tuple[dict[int, Refusal], dict[int, Due]]:
    """Why drafts cannot be submitted, and by which due date the others are in time: application id → the first thing
    in the way, application id → due date. Places are taken in order."""
    complete = completeness(applications)
    of_class = {row.plan_id: class_papers(row.plan, row.rule_edition)[1] for row in _one_of_each_class(applications)}
    stopped = stopped_classes(applications)
    errors = errors_against(applications, today=now.date())
    places = {
        pk: PlaceChecks([row for row in applications if row.wished_session_id == pk], session, now=now)
        for pk, session in sessions.items()
    }
    lateness = _Lateness(applications, now)
    refusals: dict[int, Refusal] = {}
    in_time: dict[int, Due] = {}
    for row in applications:
        try:
            if row.state == A.RETURNED:
                raise WrongState(f"“{row}”已退回补正，请补齐后使用“补正后重新提交”。")
            if row.state == A.DRAFT:
                _raise(stopped.get(row.pk))
                _raise(refusal_of(errors[row.pk]))
                missing = [*complete[row.pk].missing, *of_class[row.plan_id]]
                in_time[row.pk] = _check_submission(row, missing, places, lateness)
        except Refusal as refusal:
            refusals[row.pk] = refusal
    return refusals, in_time


def _one_of_each_class(applications: list[ExamApplication]) -> Iterable[ExamApplication]:
    return {row.plan_id: row for row in applications}.values()


class _Lateness:
    """Whether applications come in time with their materials, or were admitted late; asked once for many."""

    def __init__(self, applications: list[ExamApplication], now):
        self._now, self._calendar = now, calendars.current()
        by_rule: dict[str, list[ExamApplication]] = defaultdict(list)
        for row in applications:
            by_rule[obligations.materials_rule(row.kind)].append(row)
        self._known = {rule: LateAdmission.objects.known(rule, rows) for rule, rows in by_rule.items()}

    def check(self, application: ExamApplication, event_on: date) -> Due:
        """The due date of the materials for an event day (exam or class start, by kind); raises TooLate."""
        rule = obligations.materials_rule(application.kind)
        return require_in_time(
            rule,
            event_on,
            now=self._now,
            edition=application.rule_edition,
            subject=application,
            known=self._known.get(rule, {}),
            calendar=self._calendar,
        )


def _check_submission(
    application: ExamApplication, missing, places: dict[int, PlaceChecks], lateness: _Lateness
) -> Due:
    if missing:
        raise _incomplete(application, missing)
    if is_renewal(application):
        return lateness.check(application, application.plan.class_start)
    if application.wished_session is None:
        raise Refusal("请先选择申报的场次。", code="no_session", clause="规则 2.7")
    found = lateness.check(application, application.wished_session.starts_on)
    if application.wished_session_id not in places:
        raise WrongState(f"“{application}”刚刚改选了场次，请刷新后重新提交。")
    places[application.wished_session_id].check(application)
    return found


def _incomplete(application: ExamApplication, missing) -> Incomplete:
    """``missing`` are papers of the person and of the class."""
    document = application.person.document_type
    named = {kind: kind.named(document) if isinstance(kind, MaterialKind) else kind.label for kind in missing}
    names = "、".join(named.values())
    return Incomplete(
        [Problem(f"缺少{name}。", code="missing", field=kind.value) for kind, name in named.items()],
        f"缺少材料：{names}。",
        clause="方案三（二）",
        advice="请补齐后提交。",
    )


def _number(accepted: list[ExamApplication], *, actor, now) -> None:
    """Give the applications their numbers and, class by class, their receipt."""
    if not accepted:
        return
    numbers = next_numbers("exam_application", now.year, len(accepted))
    by_plan: dict[int, list[ExamApplication]] = defaultdict(list)
    for row, number in zip(accepted, numbers, strict=True):
        row.number = f"SQ-{now.year}-{number:06d}"
        row.first_submitted_at = now
        by_plan[row.plan_id].append(row)
    for plan_id, rows in by_plan.items():
        batch = ApplicationBatch(
            plan_id=plan_id,
            number=f"SB-{now.year}-{next_number('application_batch', now.year):05d}",
            submitted_by=actor,
            submitted_at=now,
        )
        batch.save()
        for row in rows:
            row.batch = batch


def _by_route(applications: list[ExamApplication]) -> dict[str, list[ExamApplication]]:
    """By the first tier that reviews (rules 3.1)."""
    routes: dict[str, list[ExamApplication]] = defaultdict(list)
    for row in applications:
        if row.category == Category.ONE:
            routes["submit_direct"].append(row)
        else:
            routes["submit_city" if is_renewal(row) else "submit_preliminary"].append(row)
    return routes


def _by_session(applications: list[ExamApplication]) -> dict[ExamSession, list[ExamApplication]]:
    by_session: dict[ExamSession, list[ExamApplication]] = defaultdict(list)
    for row in applications:
        if not is_renewal(row):
            by_session[row.wished_session].append(row)
    return by_session


def _require_returned(application: ExamApplication) -> None:
    if application.state != A.RETURNED:
        raise WrongState(
            f"“{application}”当前状态为“{application.get_state_display()}”，无需补正。",
            advice="该事项可能已由他人处理，请刷新后查看。",
        )


def _answer_is_late(application: ExamApplication, now) -> bool:
    """Whether the day of the tier that returned it has passed."""
    rule = obligations.review_rule(application, application.returned_from)
    deadline = ledger.find(rule, application) if rule else None
    return deadline is not None and deadline.is_late_at(now)


def _save(rows: list[ExamApplication], fields: list[str], reason: str, *, actor, now) -> None:
    if rows:
        bulk.change(rows, fields, actor=actor, at=now, reason=reason)


def _raise(refusal: Refusal | None) -> None:
    if refusal:
        raise refusal
