"""What is wrong with a lesson: asked before it is saved, and again whenever the schedule is shown, since the plan,
its teachers and the other classes may have changed meanwhile.

Rule values (training/rules.toml): ``training.lesson`` and ``training.hours_per_day``.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from django.db.models import Q

from certification.refusals import Problem
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from training.claims import Attached
from training.hours.hour_words import plain
from training.lessons.schedule_entry import LessonEntry
from training.models import Lesson, LessonMode, LessonPart, Teacher, TrainingPlan, Venue
from training.plans.plan_checks import AREA

AnyLesson = Lesson | LessonEntry
NAMED = 3


@dataclass
class Surroundings:
    """What the lessons of a class are judged against, read once: its teachers and the institution's validity dates
    of them, the institution's venues, and who and what is taken by other classes on the same days."""

    plan: TrainingPlan
    minutes: int
    per_day: int
    names: dict[int, str]
    valid_until: dict[int, date | None]
    venues: dict[int, Venue]
    elsewhere: dict[date, list[Lesson]] = field(default_factory=dict)


def surroundings(plan: TrainingPlan, days: Iterable[date]) -> Surroundings:
    """Read what lessons of ``plan`` on ``days`` are judged against: five queries, whatever their number."""
    edition = plan.rule_edition
    names = dict(plan.teachers.order_by("pk").values_list("person", "person__name"))
    listed = Teacher.objects.filter(institution=plan.institution_id, person__in=names)
    others = Lesson.objects.standing().filter(plan__institution=plan.institution_id, day__in=set(days))
    elsewhere = defaultdict(list)
    for lesson in others.exclude(plan=plan).select_related("plan__job_type").order_by("pk"):
        elsewhere[lesson.day].append(lesson)
    return Surroundings(
        plan,
        lookup.values(AREA, "lesson", edition)["minutes"],
        lookup.values(AREA, "hours_per_day", edition)["maximum"],
        names,
        dict(listed.values_list("person", "valid_until")),
        {venue.pk: venue for venue in Venue.objects.filter(institution=plan.institution_id)},
        elsewhere,
    )


def attached(plan: TrainingPlan, locked: bool) -> Attached:
    """For moving a class: the lessons that do not fall into the days that it is to have; they stay where they are."""
    outside = Q(day__lt=plan.class_start) | Q(day__gt=plan.class_end)
    lessons = list(Lesson.objects.standing().filter(outside, plan=plan).for_display())
    if not lessons:
        return Attached()
    named = "、".join(str(lesson) for lesson in lessons[:NAMED])
    said = f"{named}{'等' if len(lessons) > NAMED else '，共'} {len(lessons)} 次课不在新的培训日期内"
    return Attached(warnings=[f"课程表不随班期变动：{said}，请调整课程表。"])


def check_lessons(lessons: Sequence[AnyLesson], around: Surroundings) -> list[list[Problem]]:
    """The problems of each lesson of one class, in the order of the lessons; all lessons of the class are given."""
    by_day: dict[date, list[AnyLesson]] = defaultdict(list)
    for lesson in lessons:
        by_day[lesson.day].append(lesson)
    return [list(_problems(lesson, by_day[lesson.day], around)) for lesson in lessons]


def _problems(lesson: AnyLesson, same_day: list[AnyLesson], around: Surroundings):
    yield from _time_problems(lesson, same_day, around)
    yield from _teacher_problems(lesson, around)
    yield from _venue_problems(lesson, around)
    if lesson.part == LessonPart.PRACTICAL and lesson.mode == LessonMode.ONLINE:
        yield _problem(lesson, "实操应在线下进行。", "mode", "方式")
    for other in around.elsewhere.get(lesson.day, ()):
        if not _overlap(lesson, other):
            continue
        if lesson.teacher_id is not None and other.teacher_id == lesson.teacher_id:
            name = around.names.get(lesson.teacher_id, "该教师")
            yield _problem(lesson, f"{name}此时在{other.plan}上课（{_times(other)}）。", "teacher", "教师", "taken")
        if lesson.venue_id is not None and other.venue_id == lesson.venue_id:
            yield _problem(lesson, f"场地此时由{other.plan}使用（{_times(other)}）。", "venue", "场地", "taken")


def _time_problems(lesson: AnyLesson, same_day: list[AnyLesson], around: Surroundings):
    plan = around.plan
    if not plan.class_start <= lesson.day <= plan.class_end:
        dates = f"{plain_day(plan.class_start)}至{plain_day(plan.class_end)}"
        yield _problem(lesson, f"日期应在开班至结班之间（{dates}）。", "day", "日期", "outside")
    if lesson.ends_at <= lesson.starts_at:
        yield _problem(lesson, "结束时间应晚于开始时间。", "ends_at", "结束时间")
    elif lesson.hours * around.minutes > _minutes(lesson.starts_at, lesson.ends_at):
        most = Decimal(_minutes(lesson.starts_at, lesson.ends_at)) / around.minutes
        yield _problem(
            lesson,
            f"{_times(lesson)} 只容 {most:.1f} 学时（每学时 {around.minutes} 分钟）。",
            "hours",
            "学时",
            "too_many_hours",
        )
    total = sum((other.hours for other in same_day), Decimal(0))
    if total > around.per_day:
        yield _problem(
            lesson,
            f"{plain_day(lesson.day)}共排 {plain(total)} 学时，超过每日 {around.per_day} 学时。",
            "hours",
            "学时",
            "day_full",
        )
    for other in same_day:
        if other is not lesson and _overlap(lesson, other):
            yield _problem(
                lesson, f"与本班 {_times(other)} 的“{other.subject}”时间重叠。", "starts_at", "开始时间", "overlap"
            )


def _teacher_problems(lesson: AnyLesson, around: Surroundings):
    if lesson.teacher_id is None:
        if lesson.mode == LessonMode.ONSITE:
            yield _problem(lesson, "线下课程请选择教师。", "teacher", "教师", "required")
        return
    if lesson.teacher_id not in around.names:
        yield _problem(lesson, "授课教师不是本班报备的教师。", "teacher", "教师", "not_of_class")
        return
    until = around.valid_until.get(lesson.teacher_id)
    if until is not None and until < lesson.day:
        name = around.names[lesson.teacher_id]
        yield _problem(lesson, f"{name}的资质有效期至{plain_day(until)}。", "teacher", "教师", "expired")


def _venue_problems(lesson: AnyLesson, around: Surroundings):
    if lesson.venue_id is None:
        if lesson.mode == LessonMode.ONSITE:
            yield _problem(lesson, "线下课程请选择场地。", "venue", "场地", "required")
        return
    venue = around.venues.get(lesson.venue_id)
    if venue is None or not venue.active:
        yield _problem(lesson, "场地已停用，或者不属于本机构。", "venue", "场地")
    elif venue.capacity < around.plan.capacity:
        yield _problem(
            lesson,
            f"{venue}容纳 {venue.capacity} 人，少于班级容量 {around.plan.capacity} 人。",
            "venue",
            "场地",
            "too_small",
        )


def _problem(lesson: AnyLesson, message: str, name: str, column: str, code: str = "invalid") -> Problem:
    return Problem(message, code=code, field=name, row=getattr(lesson, "row", None), column=column)


def _overlap(one: AnyLesson, other: AnyLesson) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _minutes(start: time, end: time) -> int:
    day = date.min
    return int((datetime.combine(day, end) - datetime.combine(day, start)).total_seconds() // 60)


def _times(lesson: AnyLesson) -> str:
    return f"{lesson.starts_at:%H:%M}—{lesson.ends_at:%H:%M}"
