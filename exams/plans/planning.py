"""Exam plans (考试计划): one organiser's filing of announced sessions with the province [三(三)].

Filed with provisional numbers, because the materials fall due on the same day (rules 3.4).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q
from django.urls import reverse

from certification import clock
from certification.deadlines import ledger
from certification.deadlines.due import Due, due, require_in_time
from certification.deadlines.late_admissions import admissions
from certification.deadlines.models import LateAdmission
from certification.notices.sending import notify_role
from certification.organisations import access, offices
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.records import bulk
from certification.records.models.numbers import next_number
from certification.refusals import Incomplete, Problem, Refusal, TooLate, WrongState
from certification.workflow import activity, apply, apply_one, lock, log
from exams.applications.obligations import EXAM_PLAN as RULE
from exams.applications.obligations import EXAM_PLAN_ANSWER as ANSWER
from exams.applications.obligations import await_plan_answer
from exams.models import ExamPlan, ExamPlanItem, ExamSession
from exams.states import EXAM_PLAN, IN_SESSION, SESSION, ExamPlanState, SessionState

OPEN_TO_ORGANISER = (ExamPlanState.DRAFT, ExamPlanState.RETURNED)


@dataclass(frozen=True)
class Lateness:
    """A session of a plan that is filed after its day: for Category 1 a warning, for Category 2 a refusal."""

    session: ExamSession
    due: Due

    @property
    def due_on(self) -> date:
        return self.due.due_on


@activity
def save_exam_plan(
    *, actor, now, title: str, session_ids: Iterable[int], expected: dict[int, int] | None = None, plan_id=None
) -> ExamPlan:
    """Make or change a draft: which announced sessions it lists, with the number of candidates expected in each.

    ``expected`` maps session ids to provisional numbers; without it those listed now are counted. Opens the
    `exam_plan` deadline on the earliest session. Raises Incomplete, WrongState.
    """
    access.require(actor, "exams.plan.file")
    plan = _locked(actor, plan_id) if plan_id else _new(actor, now)
    access.require_own(actor, plan.organiser_id)
    _require_open(plan)
    sessions = _own_sessions(actor, plan, session_ids, now.date())
    _check(title, sessions)
    plan.title = title.strip()
    plan.save()
    _set_items(plan, sessions, expected or {})
    log([plan], "save", actor=actor, now=now, detail={"sessions": [row.number for row in sessions]})
    ledger.open_deadline(
        RULE,
        plan,
        event_on=min(row.starts_on for row in sessions),
        responsible=plan.organiser,
        organiser=plan.organiser,
        now=now,
    )
    if plan.state == ExamPlanState.RETURNED:
        await_plan_answer(plan, min(row.starts_on for row in sessions), now=now)
    return plan


@activity
def file_exam_plan(*, actor, now, plan_id: int) -> ExamPlan:
    """File (or, after a return, file again) the plan with the province; its sessions count as planned.

    Raises TooLate for Category 2 after five working days before a session, with the earliest lawful date; each late
    day needs a late admission of its own. For Category 1 the day only warns. A plan that comes back keeps the first
    filing of the sessions that were in it (rules 2.8); one that is added to it must be in time itself.
    """
    access.require(actor, "exams.plan.file")
    plan = _locked(actor, plan_id)
    access.require_own(actor, plan.organiser_id)
    sessions = ExamSession.objects.filter(plan_item__plan=plan).exclude(state=SessionState.CANCELLED)
    sessions = lock(sessions.select_related("job_type__group"))
    if not sessions:
        raise Incomplete([Problem("请至少列入一个场次。", field="sessions")])
    items = lock(
        ExamPlanItem.objects.filter(plan=plan, filed_at__isnull=True).select_related("session__job_type__group")
    )
    in_time = _require_in_time(plan, items, now)
    first_filing = plan.filed_at is None
    _require_before_start(sessions, now, answered=not first_filing)

    def change(row: ExamPlan) -> None:
        if first_filing:
            row.filed_at = now
            row.filed_by = actor
            row.number = f"KJ-{now.year}-{next_number('exam_plan', now.year):04d}"
        else:
            row.version += 1
        row.answer = ""

    apply_one(
        EXAM_PLAN,
        "file",
        plan,
        actor=actor,
        now=now,
        change=change,
        fields=("filed_at", "filed_by", "number", "answer", "version"),
    )
    results = apply(SESSION, "plan", sessions, actor=actor, now=now, detail={"plan": plan.number})
    for result in results:
        if result.refusal:
            raise result.refusal
    _note_filed(items, actor=actor, now=now)
    for rule in (RULE, ANSWER):
        ledger.meet(rule, [plan], now=now, actor=actor)
    admissions.use(in_time, actor=actor, now=now)
    _tell_province(plan, now)
    return plan


@activity
def acknowledge_exam_plan(*, actor, now, plan_id: int, answer: str = "") -> ExamPlan:
    """The provincial centre takes note of a filed plan."""
    return _answer("acknowledge", answer, actor=actor, now=now, plan_id=plan_id)


@activity
def return_exam_plan(*, actor, now, plan_id: int, reason: str) -> ExamPlan:
    """The provincial centre returns a plan with a reason, before any of its sessions starts; its sessions count
    as announced again until it is filed anew, which is due before the first of them starts (rules 2.8)."""
    if not reason.strip():
        raise Incomplete([Problem("请填写退回理由。", field="reason")])
    plan = _answer("return", reason, actor=actor, now=now, plan_id=plan_id)
    sessions = lock(ExamSession.objects.filter(plan_item__plan=plan, state=SessionState.PLANNED))
    apply(SESSION, "unplan", sessions, actor=actor, now=now, reason=reason)
    if sessions:
        await_plan_answer(plan, min(row.starts_on for row in sessions), now=now)
    return plan


def lateness(plan: ExamPlan, *, now) -> list[Lateness]:
    """The sessions of a plan not filed with it yet whose filing day has passed, firm dates only."""
    found = []
    rows = plan.items.filter(filed_at__isnull=True).select_related("session")
    for item in rows.order_by("session__starts_on"):
        last = due(RULE, item.session.starts_on)
        if now >= last.ends_at and not last.provisional:
            found.append(Lateness(item.session, last))
    return found


def listed_numbers(session_ids: Iterable[int]) -> dict[int, int]:
    """How many candidates each session has now: session id → number."""
    counted = Count("candidates", filter=Q(candidates__state__in=IN_SESSION))
    rows = ExamSession.objects.filter(pk__in=list(session_ids)).annotate(listed=counted)
    return dict(rows.values_list("pk", "listed"))


def _answer(name: str, answer: str, *, actor, now, plan_id: int) -> ExamPlan:
    access.require(actor, "exams.plan.answer")
    plan = _locked(actor, plan_id)
    _require_before_start(list(ExamSession.objects.filter(plan_item__plan=plan)), now)
    plan.answer = answer.strip()
    apply_one(EXAM_PLAN, name, plan, actor=actor, now=now, reason=answer, fields=("answer",))
    notify_role(
        offices.exam_officer(plan.organiser),
        plan.organiser,
        title=f"考试计划“{plan.title}”{plan.get_state_display()}",
        body=plan.answer,
        url=reverse("exams:plan_detail", args=[plan.pk]),
        about=plan,
        now=now,
    )
    return plan


def _locked(actor, plan_id: int) -> ExamPlan:
    found = lock(ExamPlan.objects.visible_to(actor).filter(pk=plan_id).select_related("organiser"))
    if not found:
        raise ExamPlan.DoesNotExist
    return found[0]


def _new(actor, now) -> ExamPlan:
    return ExamPlan(organiser=actor.organisation, created_by=actor, created_at=now)


def _require_open(plan: ExamPlan) -> None:
    if plan.state not in OPEN_TO_ORGANISER:
        raise WrongState(f"“{plan}”当前状态为“{plan.get_state_display()}”，不能修改。")


def sessions_to_plan(user, organiser_id: int, plan: ExamPlan | None, today: date):
    """The sessions that a plan of the organiser may list: announced, still to come, and in no other plan."""
    free = Q(plan_item=None) | Q(plan_item__plan=plan.pk) if plan and plan.pk else Q(plan_item=None)
    rows = ExamSession.objects.visible_to(user).filter(free, organiser=organiser_id, starts_on__gt=today)
    return rows.filter(state=SessionState.ANNOUNCED)


def _own_sessions(actor, plan: ExamPlan, session_ids: Iterable[int], today: date) -> list[ExamSession]:
    """The named sessions, locked."""
    rows = sessions_to_plan(actor, plan.organiser_id, plan, today)
    sessions = lock(rows.filter(pk__in=list(session_ids)))
    if len(sessions) != len(set(session_ids)):
        raise Refusal(
            "所选场次中有的不是本单位已公布、尚未到开考日期的场次，或已列入其他考试计划。", code="session_not_free"
        )
    return sessions


def _check(title: str, sessions: list[ExamSession]) -> None:
    problems = []
    if not title.strip():
        problems.append(Problem("请填写考试计划名称。", field="title"))
    if not sessions:
        problems.append(Problem("请至少列入一个场次。", field="sessions"))
    if problems:
        raise Incomplete(problems)


def _note_filed(items: list[ExamPlanItem], *, actor, now) -> None:
    for item in items:
        item.filed_at = now
    if items:
        bulk.change(items, ["filed_at"], actor=actor, at=now)


def _set_items(plan: ExamPlan, sessions: list[ExamSession], expected: dict[int, int]) -> None:
    """Make the plan's items those of ``sessions``. An item taken out frees its session for another plan; that it was
    there stays in history. What was filed and is cancelled since stays."""
    numbers = listed_numbers([row.pk for row in sessions]) | expected
    items = {item.session_id: item for item in plan.items.exclude(session__state=SessionState.CANCELLED)}
    for session_id, item in items.items():
        if session_id not in numbers:
            item.delete()
    for session in sessions:
        item = items.get(session.pk) or ExamPlanItem(plan=plan, session=session)
        item.expected = numbers[session.pk]
        item.save()


def _require_in_time(plan: ExamPlan, items: list[ExamPlanItem], now) -> list[Due]:
    """The due dates of the sessions that are filed with the plan; one refusal names all that are late."""
    known = LateAdmission.objects.known(RULE, [plan])
    found, late = [], {}
    for item in items:
        day, category = item.session.starts_on, item.session.job_type.group.category
        try:
            found.append(require_in_time(RULE, day, now=now, category=category, subject=plan, known=known))
        except TooLate as refusal:
            late.setdefault(day, refusal)
    if late:
        first, *also = late.values()
        first.also = also
        raise first
    return found


def _require_before_start(sessions: list[ExamSession], now, *, answered: bool = False) -> None:
    """``answered``: the plan is filed again, for which the day before is the last."""
    for session in sessions:
        if session.state == SessionState.CANCELLED or session.starts_on > clock.day_of(now):
            continue
        message = f"场次{session.number}已到开考日期，不能再办理该考试计划。"
        if answered:
            raise TooLate(message, due_on=session.starts_on - timedelta(days=1), clause="规则 2.8")
        raise WrongState(message)


def _tell_province(plan: ExamPlan, now) -> None:
    notify_role(
        Role.PROVINCIAL_EXAM_OFFICER,
        Organisation.objects.provincial_centre(),
        title=f"{plan.organiser.short_name}报送考试计划“{plan.title}”",
        url=reverse("exams:plan_detail", args=[plan.pk]),
        about=plan,
        now=now,
    )
