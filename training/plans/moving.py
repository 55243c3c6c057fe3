"""变更开班日期: a filed class gets other days before it begins; first what that moves, then the same for real (2.2).

It is a new version of the plan, which its recipients answer again (rules 3.5). The first filing keeps its date, so
that another class start must have been lawful on that date (2.8), or be admitted late.
"""

from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from datetime import date

from django.db import models

from certification import clock
from certification.deadlines import locking, move_preview, moving
from certification.deadlines.due import Due, require_in_time
from certification.deadlines.late_admissions import admissions
from certification.deadlines.move_preview import Line
from certification.deadlines.moving import Move
from certification.notices.sending import Message, notify, send
from certification.organisations import access
from certification.people.checks import running
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, Problem, WrongState
from certification.workdays.wording import plain_day
from certification.workflow import activity, apply_one
from training import claims
from training.cases import locked_plan
from training.claims import Letter
from training.class_checks import entry_of_trainee, subject_of
from training.models import Trainee, TrainingPlan
from training.notifying import plan_url, tell_recipients
from training.plans.changes import Change, changes
from training.plans.filing import CLASS_START, FILE, PLAN_FILING, entered_teachers, receive_again
from training.plans.plan_checks import check_plan
from training.states import PLAN, TraineeState

DAYS = ("class_start", "class_end", "wished_exam_on")
NAMES_SHOWN = 5
# What the checks of the roster are asked for again, and how the preview says it.
AGES = {"too_young": "新开班当日未达到最低年龄", "retired": "届时已达到法定退休年龄"}


@dataclass(frozen=True)
class Days:
    """The days that a class is to have."""

    class_start: date
    class_end: date
    wished_exam_on: date | None = None


@dataclass(frozen=True)
class Preview:
    """What moving ``plan`` would change. ``fingerprint`` names exactly this: moving asks for it, so that nobody
    confirms one thing and gets another. ``cases``, a list for each model, are those whose deadlines count from class
    start; ``in_time`` is by what the first filing is in time for the new days."""

    plan: TrainingPlan
    days: Days
    cases: list[list[models.Model]]
    moves: list[Move]
    changes: list[Change]
    warnings: list[str]
    letters: list[Letter]
    in_time: Due | None
    fingerprint: str

    @property
    def lines(self) -> list[Line]:
        """The deadlines that move, by tier."""
        return move_preview.lines_of(self.moves)

    @property
    def late(self) -> int:
        """How many deadlines become late."""
        return move_preview.late(self.moves)


@dataclass(frozen=True)
class Moved:
    """What was done: the plan in its new version, and the deadlines as they were moved."""

    plan: TrainingPlan
    moves: list[Move]


def last_move(plan: TrainingPlan) -> TransitionLog | None:
    """The last time that the class got other days, where that made the present version; its detail has the changes."""
    line = TransitionLog.objects.about(plan).filter(name="move").last()
    return line if line and line.detail.get("version") == plan.version else None


def may_move(plan: TrainingPlan, *, today: date) -> bool:
    """Whether the days of ``plan`` can still be changed: it stands and its class has not begun."""
    return PLAN.allows("move", plan.state) and plan.class_start > today


def preview(plan: TrainingPlan, days: Days, *, now) -> Preview:
    """What moving ``plan`` to ``days`` at ``now`` would change; changes nothing.

    Raises WrongState once the class has begun or does not stand, Incomplete where the days cannot be, TooLate where
    the first filing was too late for them.
    """
    return _foreseen(plan, days, locked=False, now=now)


def lines_by(after: TrainingPlan, *, now) -> list[Line]:
    """The deadlines that move where a returned plan is filed again as ``after`` has it, by tier."""
    cases = [[after], *(one.cases for one in claims.attached(after))]
    return move_preview.lines_of(_moves(cases, after.class_start, now))


@activity
def move_class(*, actor, now, plan_id: int, days: Days, fingerprint: str) -> Moved:
    """Give a filed class other days, with every deadline that counts from class start, and tell those affected.

    Raises what ``preview`` raises, NotPermitted, NotFound, and WrongState where what would happen now is not what
    ``fingerprint`` was confirmed for.
    """
    access.require(actor, FILE)
    plan = locked_plan(actor, plan_id)
    access.require_own(actor, plan.institution_id)
    locking.before_counting()
    foreseen = _foreseen(plan, days, locked=True, now=now)
    move_preview.require_as_foreseen(foreseen.fingerprint, fingerprint)
    start_was = plan.class_start

    def change(row: TrainingPlan) -> None:
        for name in DAYS:
            setattr(row, name, getattr(days, name))
        row.version += 1

    detail = {"version": plan.version + 1, "changes": [[one.label, one.before, one.after] for one in foreseen.changes]}
    apply_one(PLAN, "move", plan, actor=actor, now=now, change=change, fields=("version", *DAYS), detail=detail)
    receipts = receive_again(plan, actor=actor, now=now)
    moves = []
    for cases in foreseen.cases:
        moves += moving.move_event(CLASS_START, cases, days.class_start, now=now, actor=actor)
    admissions.use([foreseen.in_time], actor=actor, now=now)
    happened = f"变更培训计划（第 {plan.version} 版，原定{plain_day(start_was)}开班）"
    tell_recipients(plan, receipts, happened, now=now)
    _tell_own(foreseen, moves, actor=actor, now=now)
    for letter in foreseen.letters:
        notify(letter.recipients, title=f"开班日期变更：{plan}", body=letter.body, url=letter.url, about=plan, now=now)
    return Moved(plan, moves)


def _foreseen(plan: TrainingPlan, days: Days, *, locked: bool, now) -> Preview:
    today = clock.day_of(now)
    _require_movable(plan, today)
    after = copy(plan)
    for name in DAYS:
        setattr(after, name, getattr(days, name))
    found = changes(plan, after)
    _require_possible(after, found, today)
    in_time = _filed_in_time(plan, after, now)
    attached = claims.attached(after, locked=locked)
    cases = [[plan], *(one.cases for one in attached)]
    moves = _moves(cases, days.class_start, now)
    warnings = [*_ages(after, today), *(warning for one in attached for warning in one.warnings)]
    facts = [plan.pk, plan.version, plan.state, days, *warnings]
    letters = [letter for one in attached for letter in one.letters]
    fingerprint = move_preview.fingerprint(moves, facts)
    return Preview(plan, days, cases, moves, found, warnings, letters, in_time, fingerprint)


def _moves(cases: list[list[models.Model]], class_start: date, now) -> list[Move]:
    return [move for rows in cases for move in moving.by_event(CLASS_START, rows, class_start, now=now)]


def _require_movable(plan: TrainingPlan, today: date) -> None:
    if not PLAN.allows("move", plan.state):
        raise WrongState(f"“{plan}”当前状态为“{plan.get_state_display()}”，不能变更开班日期。")
    if plan.class_start <= today:
        raise WrongState(f"“{plan}”已到开班日期，不能变更。", clause="规则 2.8", advice="请另行报备新的培训计划。")


def _require_possible(after: TrainingPlan, found: list[Change], today: date) -> None:
    check = check_plan(after, entered_teachers(after), today=today, edition=after.rule_edition)
    problems = [problem for problem in check.problems if problem.field in DAYS]
    if not found:
        problems.append(Problem("日期没有变化。", field="class_start", code="unchanged"))
    if problems:
        raise Incomplete(problems)


def _filed_in_time(plan: TrainingPlan, after: TrainingPlan, now) -> Due | None:
    if after.class_start == plan.class_start:
        return None
    return require_in_time(
        PLAN_FILING,
        after.class_start,
        now=plan.filed_at,
        edition=plan.rule_edition,
        subject=plan,
        acting_at=now,
    )


def _ages(after: TrainingPlan, today: date) -> list[str]:
    """Who of the class is too young, or past retirement, on the new days (rules 7): the checks of the roster."""
    enrolled = Trainee.objects.filter(plan=after, state=TraineeState.ENROLLED).select_related("person")
    entries = [entry_of_trainee(trainee, trainee.person, today) for trainee in enrolled.order_by("pk")]
    names: dict[str, list[str]] = defaultdict(list)
    for finding in running.run(subject_of(after, today), entries).errors:
        if finding.entry is not None and finding.ruled.check.code in AGES:
            names[finding.ruled.check.code].append(finding.entry.name)
    return [f"{AGES[code]}：{_named(found)}，请变更学员名单。" for code, found in names.items()]


def _named(names: list[str]) -> str:
    shown = "、".join(names[:NAMES_SHOWN])
    return f"{shown}等 {len(names)} 人" if len(names) > NAMES_SHOWN else shown


def _tell_own(foreseen: Preview, moves: list[Move], *, actor, now) -> None:
    """Everybody else who acts on a deadline that moved."""
    plan = foreseen.plan
    accounts = move_preview.accounts_of(moves, clock.day_of(now))
    send(
        [
            Message(
                recipient_id=account,
                title=f"开班日期变更：{plan}",
                body="\n".join([move_preview.said_of(own), *foreseen.warnings]),
                url=plan_url(plan),
                urgent=bool(move_preview.late(own)),
                about=plan,
            )
            for account, own in accounts.items()
            if account != actor.pk
        ],
        now=now,
    )
