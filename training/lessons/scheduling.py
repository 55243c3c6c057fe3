"""排课: the lessons of a class, entered one by one, by spreadsheet or copied; changed and cancelled [四(一)].

Who changes a schedule holds all classes of the institution that run on the same days, so that no teacher and no venue
is given away twice by two who act at once.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Q
from simple_history.utils import bulk_create_with_history

from certification.organisations import access
from certification.refusals import Incomplete, Problem, WrongState
from certification.workflow import activity, apply_one, lock, log
from training.cases import NotFound
from training.lessons.schedule_checks import check_lessons, surroundings
from training.lessons.schedule_entry import COLUMNS, LessonEntry
from training.models import Lesson, TrainingPlan
from training.states import LESSON

SCHEDULE = "training.schedule"
MOST_LESSONS = 500


@activity
def plan_lessons(*, actor, now, plan_id: int, entries: Sequence[LessonEntry]) -> list[Lesson]:
    """Add lessons to the class, all or none.

    Raises Incomplete with the problems of every entry (``row`` says which, where they come from a sheet), WrongState
    where the class does not stand, NotPermitted, NotFound.
    """
    access.require(actor, SCHEDULE)
    plan = _locked_class(actor, plan_id)
    return _add(plan, list(entries), actor=actor, now=now)


@activity
def change_lesson(*, actor, now, lesson_id: int, entry: LessonEntry) -> Lesson:
    """Put a lesson to other values. Raises Incomplete, WrongState (cancelled, or signed already), NotPermitted,
    NotFound."""
    access.require(actor, SCHEDULE)
    lesson, plan = _locked_lesson(actor, lesson_id)

    def check(row: Lesson) -> None:
        _require_unsigned(row)
        others = [one for one in plan.lessons.standing() if one.pk != row.pk]
        _require_right([*others, entry], [entry], plan)

    def change(row: Lesson) -> None:
        for name, value in entry.values.items():
            setattr(row, name, value)

    fields = tuple(name.removesuffix("_id") for name in COLUMNS)
    apply_one(LESSON, "change", lesson, actor=actor, now=now, check=check, change=change, fields=fields)
    log([plan], "change_schedule", actor=actor, now=now, detail={"lesson": str(entry), "day": entry.day.isoformat()})
    return lesson


@activity
def cancel_lesson(*, actor, now, lesson_id: int, reason: str) -> Lesson:
    """Take a lesson out of the schedule; it stays on record. Raises Incomplete without a reason, WrongState (cancelled
    already, or signed), NotPermitted, NotFound."""
    access.require(actor, SCHEDULE)
    if not reason.strip():
        raise Incomplete([Problem("请填写取消原因。", code="required", field="reason")])
    lesson, plan = _locked_lesson(actor, lesson_id)
    apply_one(LESSON, "cancel", lesson, actor=actor, now=now, reason=reason.strip(), check=_require_unsigned)
    detail = {"lesson": str(lesson), "day": lesson.day.isoformat()}
    log([plan], "cancel_lesson", actor=actor, now=now, reason=reason.strip(), detail=detail)
    return lesson


@activity
def copy_lessons(*, actor, now, plan_id: int, first: date, last: date, to: date) -> list[Lesson]:
    """Copy what stands from ``first`` to ``last``, both included, so that ``first`` falls on ``to``; all or none.

    Raises Incomplete (nothing to copy, or the problems of the copies), WrongState, NotPermitted, NotFound.
    """
    access.require(actor, SCHEDULE)
    plan = _locked_class(actor, plan_id)
    shift: timedelta = to - first
    found = plan.lessons.standing().filter(day__range=(first, last)).order_by("day", "starts_at", "pk")
    entries = [LessonEntry.of(lesson, day=lesson.day + shift) for lesson in found]
    if not entries:
        raise Incomplete([Problem("这些日子没有课程可复制。", code="nothing", field="first")])
    return _add(plan, entries, actor=actor, now=now)


def _add(plan: TrainingPlan, entries: list[LessonEntry], *, actor, now) -> list[Lesson]:
    standing = list(plan.lessons.standing())
    if len(standing) + len(entries) > MOST_LESSONS:
        raise Incomplete([Problem(f"一个班最多排 {MOST_LESSONS} 次课。", code="too_many")])
    _require_right([*standing, *entries], entries, plan)
    lessons = [Lesson(plan=plan, created_by=actor, created_at=now, **entry.values) for entry in entries]
    added = bulk_create_with_history(lessons, Lesson, default_user=actor, default_date=now)
    log([plan], "plan_lessons", actor=actor, now=now, detail={"lessons": len(added)})
    return added


def _require_right(lessons: list, entries: list[LessonEntry], plan: TrainingPlan) -> None:
    """Raise Incomplete with what is wrong with ``entries`` among all ``lessons`` of the class."""
    around = surroundings(plan, {entry.day for entry in entries})
    new = {id(entry) for entry in entries}
    found = zip(lessons, check_lessons(lessons, around), strict=True)
    problems = [problem for lesson, own in found if id(lesson) in new for problem in own]
    if problems:
        raise Incomplete(problems)


def _require_unsigned(lesson: Lesson) -> None:
    if lesson.sheets.exists():
        raise WrongState(f"“{lesson}”已登记签到，不能调课或取消。", advice="出勤有误的，请更正签到。")


def _locked_lesson(actor, lesson_id: int) -> tuple[Lesson, TrainingPlan]:
    seen = Lesson.objects.visible_to(actor).filter(pk=lesson_id).values_list("plan_id", flat=True)
    if not seen:
        raise NotFound("没有找到该课程。")
    plan = _locked_class(actor, seen[0])
    (lesson,) = lock(Lesson.objects.filter(pk=lesson_id))
    return lesson, plan


def _locked_class(actor, plan_id: int) -> TrainingPlan:
    """The class, locked together with the institution's classes that run on the same days."""
    found = TrainingPlan.objects.visible_to(actor).filter(pk=plan_id, filed_at__isnull=False).first()
    if found is None:
        raise NotFound("没有找到该班级。")
    access.require_own(actor, found.institution_id)
    same_days = Q(institution=found.institution_id, class_start__lte=found.class_end, class_end__gte=found.class_start)
    classes = TrainingPlan.objects.filter(Q(pk=plan_id) | same_days & Q(filed_at__isnull=False))
    related = ("institution", "job_type__group", "rule_edition")
    plan = next(row for row in lock(classes.select_related(*related)) if row.pk == plan_id)
    if not plan.is_standing:
        raise WrongState(f"“{plan}”{plan.get_state_display()}，不能排课。")
    return plan
