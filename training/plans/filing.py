"""培训报备: drafting, filing, filing again and withdrawing training plans [三(一)].

A plan is filed with the provincial centre, and for Category 2 with the organising city too: the route follows from
job type and institution, nobody chooses it. Filing is no approval: each recipient's receipt is issued at once.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from simple_history.utils import bulk_create_with_history

from certification import clock
from certification.catalogue.models import ApplicationKind
from certification.deadlines import ledger, moving
from certification.deadlines.due import Due, require_in_time
from certification.deadlines.late_admissions import admissions
from certification.organisations import access
from certification.organisations.routing import Route, route_for
from certification.people.register import PersonData, find_or_register_all
from certification.records import bulk
from certification.refusals import Incomplete, Problem, TooLate, WrongState
from certification.rulebook import lookup
from certification.workflow import activity, apply, apply_one, lock
from training import claims, resources
from training.cases import locked_plan
from training.models import PlanReceipt, PlanTeacher, Trainee, TrainingPlan
from training.notifying import tell_recipients
from training.obligations import PLAN_ANSWER
from training.plans.plan_checks import PlanCheck, check_plan
from training.plans.plan_entry import FIELDS, TeacherEntry, teachers_of, typed_of
from training.plans.receipts import issue_plan_receipts, plan_number
from training.states import PLAN, RECEIPT, TRAINEE, PlanState, TraineeState

FILE = "training.file_plans"
PLAN_FILING, ROSTER = "plan_filing", "roster"
# The event from which deadlines of a class count.
CLASS_START = "class_start"
# What an answer to a return may not change: the route was fixed by it at the first filing.
FIXED_BY_FILING = ("job_type", "kind")


@activity
def save_draft(
    *,
    actor,
    now,
    plan_id: int | None = None,
    entry_key=None,
    typed: dict[str, str] | None = None,
    teachers: Iterable[TeacherEntry] = (),
    **values: Any,
) -> TrainingPlan:
    """Keep a plan as far as it goes; nothing is checked but that it may still be written.

    ``values`` are the columns of TrainingPlan that could be read, by name. ``typed`` is the form as typed; without
    it, it is made of ``values`` and ``teachers``. ``entry_key`` tells a form sent twice from a second plan. While
    the plan is returned only ``typed`` is kept: its recipients go on seeing what was filed.
    Raises NotPermitted, NotFound, WrongState.
    """
    access.require(actor, FILE)
    typed = typed_of(values, teachers) if typed is None else typed
    plan = locked_plan(actor, plan_id) if plan_id else _begun(actor, entry_key, now)
    access.require_own(actor, plan.institution_id)
    if plan.state not in (PlanState.DRAFT, PlanState.RETURNED):
        raise WrongState(f"“{plan}”{plan.get_state_display()}，不能修改。")
    plan.typed = typed
    if plan.state == PlanState.DRAFT:
        _set(plan, values)
    plan._history_date = now
    plan.save()
    return plan


@activity
def file_plan(*, actor, now, plan_id: int) -> TrainingPlan:
    """File a draft: fix route, rule edition and number, issue a receipt to each recipient, and for INITIAL open the
    roster's deadline. After its day only by a late admission of the provincial head.

    Raises Incomplete with every problem, TooLate (clause 三（一）) with the due date and the earliest lawful class
    start, Refusal ``no_designation``, NotPermitted, NotFound, WrongState (a second filing of the same plan).
    """
    access.require(actor, FILE)
    plan = locked_plan(actor, plan_id)
    access.require_own(actor, plan.institution_id)
    day = clock.day_of(now)
    edition = lookup.edition_on(day)
    found: list[PlanCheck] = []
    route: list[Route] = []
    in_time: list[Due] = []

    def check(row: TrainingPlan) -> None:
        found.append(_require_complete(row, today=day, edition=edition))
        route.append(route_for(row.job_type, row.institution, day))
        in_time.append(require_in_time(PLAN_FILING, row.class_start, now=now, edition=edition, subject=row))

    def change(row: TrainingPlan) -> None:
        row.version, row.typed = 1, {}
        row.category, row.organiser = route[0].category, route[0].organiser
        row.rule_edition, row.filed_at = edition, now
        row.number = plan_number(now)

    fields = ("version", "typed", "number", "category", "organiser", "rule_edition", "filed_at")
    apply_one(PLAN, "file", plan, actor=actor, now=now, check=check, change=change, fields=fields)
    _register_teachers(plan, found[0], actor=actor, now=now)
    receipts = issue_plan_receipts(plan, route[0], actor=actor, now=now)
    _open_deadlines(plan, now=now)
    ledger.meet(PLAN_FILING, [plan], now=now, actor=actor)
    admissions.use(in_time, actor=actor, now=now)
    tell_recipients(plan, receipts, "报备培训计划", now=now)
    return plan


@activity
def refile_plan(
    *, actor, now, plan_id: int, teachers: Iterable[TeacherEntry] | None = None, **values: Any
) -> TrainingPlan:
    """Answer a return: a new version of the plan goes to the same recipients, who answer again.

    The first filing date is kept (rules 2.8), so that another class start must have been lawful on that date; what
    counts from class start follows it. In time until the day before class start. Job type and kind are fixed by the
    first filing.
    Raises Incomplete, TooLate, WrongState, NotPermitted, NotFound.
    """
    access.require(actor, FILE)
    plan = locked_plan(actor, plan_id)
    access.require_own(actor, plan.institution_id)
    filed_start = plan.class_start
    fixed = [_fixed(name) for name in FIXED_BY_FILING if name in values and values[name] != getattr(plan, name)]
    teachers = entered_teachers(plan) if teachers is None else list(enumerate(teachers, start=1))
    today = clock.day_of(now)
    found: list[PlanCheck] = []
    in_time: list[Due] = []

    def check(row: TrainingPlan) -> None:
        if today >= filed_start:
            raise TooLate(
                f"“{row}”已到开班日期，不能重新报备。",
                due_on=filed_start - timedelta(days=1),
                clause="规则 2.8",
                advice="请另行报备新的培训计划。",
            )
        _set(row, {name: value for name, value in values.items() if name not in FIXED_BY_FILING})
        problems = [*fixed, *_too_small(row)]
        found.append(_require_complete(row, teachers, problems, today=today, edition=row.rule_edition))
        if row.class_start != filed_start:
            in_time.append(
                require_in_time(
                    PLAN_FILING,
                    row.class_start,
                    now=row.filed_at,
                    edition=row.rule_edition,
                    subject=row,
                    acting_at=now,
                )
            )

    def change(row: TrainingPlan) -> None:
        row.version += 1
        row.typed = {}

    fields = ("version", "typed", *(name for name in FIELDS if name not in FIXED_BY_FILING))
    apply_one(PLAN, "refile", plan, actor=actor, now=now, check=check, change=change, fields=fields)
    _register_teachers(plan, found[0], actor=actor, now=now)
    receipts = receive_again(plan, actor=actor, now=now)
    ledger.meet(PLAN_ANSWER, [plan], now=now, actor=actor)
    _open_deadlines(plan, now=now)
    for attached in claims.attached(plan, locked=True):
        moving.move_event(CLASS_START, attached.cases, plan.class_start, now=now, actor=actor)
    admissions.use(in_time, actor=actor, now=now)
    tell_recipients(plan, receipts, f"重新报备培训计划（第 {plan.version} 版）", now=now)
    return plan


@activity
def withdraw_plan(*, actor, now, plan_id: int, reason: str = "") -> TrainingPlan:
    """Take a draft or a filed plan back before class start; its trainees are free for another class.

    Raises Incomplete without a reason for a filed plan, WrongState (also while somebody in the class stands in an exam
    application), NotPermitted, NotFound.
    """
    access.require(actor, FILE)
    plan = locked_plan(actor, plan_id)
    access.require_own(actor, plan.institution_id)
    was_filed = plan.filed_at is not None

    def check(row: TrainingPlan) -> None:
        if was_filed and now >= clock.start_of(row.class_start):
            raise WrongState(f"“{row}”已开班，不能撤回。")
        if was_filed and not reason.strip():
            raise Incomplete([Problem("请填写撤回理由。", code="required", field="reason")])
        _require_nobody_bound(row, trainees)

    trainees = lock(Trainee.objects.filter(plan=plan, state=TraineeState.ENROLLED))
    apply_one(PLAN, "withdraw", plan, actor=actor, now=now, reason=reason.strip(), check=check)
    apply(TRAINEE, "withdraw", trainees, actor=actor, now=now, reason="培训计划撤回")
    ledger.close(None, [plan], now=now, reason="培训计划撤回")
    if was_filed:
        tell_recipients(plan, plan.receipts.select_related("recipient"), "撤回培训计划", now=now)
    return plan


def _require_nobody_bound(plan: TrainingPlan, trainees: list[Trainee]) -> None:
    bound = claims.bound([trainee.pk for trainee in trainees])
    if bound:
        raise WrongState(
            f"“{plan}”有 {len(bound)} 名学员已申报考试，不能撤回。", code="bound", advice="请先撤回这些学员的考试申报。"
        )


def filing_check(plan: TrainingPlan, *, now) -> PlanCheck:
    """What filing ``plan`` now would meet with, for the page that asks before it is filed."""
    today = clock.day_of(now)
    edition = plan.rule_edition or lookup.edition_on(today)
    return check_plan(plan, entered_teachers(plan), today=today, edition=edition)


def entered_teachers(plan: TrainingPlan) -> list[tuple[int, TeacherEntry]]:
    """The teachers typed into the form since the last filing; else those of the filed plan."""
    if plan.typed:
        return teachers_of(plan.typed)
    rows = plan.teachers.select_related("person").order_by("pk")
    return list(enumerate((TeacherEntry(row.person.name, row.person.document_number, row.subject) for row in rows), 1))


def _begun(actor, entry_key, now) -> TrainingPlan:
    """A new draft of the actor's institution, or the one that the same form began a moment ago."""
    plan = TrainingPlan(institution_id=actor.organisation_id, created_by=actor, created_at=now)
    if entry_key is None:
        return plan
    plan.entry_key = entry_key
    plan._history_date = now
    try:
        with transaction.atomic():
            plan.save(force_insert=True)
    except IntegrityError:
        # The same form sent twice: the second goes on with what the first began.
        plan = lock(TrainingPlan.objects.filter(entry_key=entry_key, institution_id=actor.organisation_id))[0]
    return plan


def _set(plan: TrainingPlan, values: dict[str, Any]) -> None:
    """Put into the columns what they can hold; the rest stays in ``typed`` alone."""
    for name in FIELDS:
        if name in values:
            setattr(plan, name, column_value(name, values[name]))
    if plan.filed_at is None and plan.class_start and plan.class_end and plan.class_end < plan.class_start:
        plan.class_end = None


def column_value(name: str, value: Any) -> Any:
    """What the column ``name`` holds where the form gave ``value``, None where it could not be read."""
    if value is None and name in ("kind", "venue", "remarks"):
        return ""
    if name == "online_hours":
        return value or 0
    return None if name == "capacity" and value == 0 else value


def _fixed(name: str) -> Problem:
    label = TrainingPlan._meta.get_field(name).verbose_name
    return Problem(f"退回后重新报备不能更换{label}。", field=name, advice="如需更换，请撤回后另行报备。")


def _too_small(plan: TrainingPlan) -> list[Problem]:
    """A roster that was taken already stays within the capacity (四(一))."""
    enrolled = Trainee.objects.filter(plan=plan, state=TraineeState.ENROLLED).count()
    if not plan.capacity or enrolled <= plan.capacity:
        return []
    return [Problem(f"班级容量不应少于在册学员 {enrolled} 人。", field="capacity", advice="请先减少名单人数。")]


def _require_complete(plan, teachers=None, problems=(), *, today, edition) -> PlanCheck:
    teachers = entered_teachers(plan) if teachers is None else teachers
    check = check_plan(plan, teachers, today=today, edition=edition)
    check.problems[:0] = problems
    if check.problems:
        raise Incomplete(check.problems)
    return check


def _register_teachers(plan: TrainingPlan, check: PlanCheck, *, actor, now) -> None:
    """The persons of the teachers entered become the plan's teachers; who is no longer entered leaves the plan."""
    people = [PersonData.from_identity(identity, name=entry.name) for entry, identity in check.teachers]
    persons = [registered.person for registered in find_or_register_all(people, now=now, actor=actor)]
    resources.list_all(plan.institution, persons, actor=actor, now=now)
    subjects = {person.pk: entry.subject for person, (entry, _) in zip(persons, check.teachers, strict=True)}
    before = {teacher.person_id: teacher for teacher in lock(PlanTeacher.objects.filter(plan=plan))}
    for person_id in before.keys() - subjects.keys():
        before[person_id].delete()
    changed = [before[key] for key in before.keys() & subjects.keys() if before[key].subject != subjects[key]]
    for teacher in changed:
        teacher.subject = subjects[teacher.person_id]
    if changed:
        bulk.change(changed, ["subject"], actor=actor, at=now)
    added = [
        PlanTeacher(plan=plan, person=person, subject=subjects[person.pk])
        for person in persons
        if person.pk not in before
    ]
    if added:
        bulk_create_with_history(added, PlanTeacher, default_user=actor, default_date=now)


def reopen_roster_deadline(plan: TrainingPlan, *, now) -> None:
    """Open the roster's deadline again after the province overruled a rejection; met where a roster is there."""
    if plan.kind != ApplicationKind.INITIAL:
        return
    _open_deadlines(plan, (ROSTER,), now=now)
    roster = plan.rosters.select_related("submitted_by").order_by("version").first()
    if roster:
        ledger.meet(ROSTER, [plan], now=now, actor=roster.submitted_by)


def _open_deadlines(plan: TrainingPlan, rules: tuple[str, ...] = (PLAN_FILING, ROSTER), *, now) -> None:
    """The deadlines of class start; on another class start the ledger lets the old ones succeed."""
    for rule_code in rules:
        if rule_code == ROSTER and plan.kind != ApplicationKind.INITIAL:
            continue
        ledger.open_deadline(
            rule_code,
            plan,
            event_on=plan.class_start,
            responsible=plan.institution,
            institution=plan.institution,
            organiser=plan.organiser,
            now=now,
            edition=plan.rule_edition,
        )


def receive_again(plan: TrainingPlan, *, actor, now) -> list[PlanReceipt]:
    """A new version of the plan reaches the same recipients, who answer again."""
    receipts = lock(PlanReceipt.objects.filter(plan=plan).select_related("recipient"))

    def change(receipt: PlanReceipt) -> None:
        receipt.version = plan.version
        receipt.answered_by = receipt.answered_on_behalf_of = receipt.answered_at = None
        receipt.reason = ""

    fields = ("version", "answered_by", "answered_on_behalf_of", "answered_at", "reason")
    apply(RECEIPT, "receive_again", receipts, actor=actor, now=now, change=change, fields=fields)
    return receipts
