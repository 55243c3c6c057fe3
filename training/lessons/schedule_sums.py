"""The hours of a schedule against those that the edition requires for the job type and kind, and those filed [四(一)].

Rule values (training/rules.toml): ``training.hours`` and ``training.online_share``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from certification.catalogue.models import ApplicationKind
from certification.rulebook import lookup
from training.hours.hour_words import plain
from training.models import Lesson, LessonMode, LessonPart, TrainingPlan
from training.plans.plan_checks import AREA, required_hours


@dataclass(frozen=True)
class Line:
    """One kind of hours: those planned in the schedule, and what they are measured by (None: nothing is known)."""

    label: str
    planned: Decimal
    wanted: int | None
    by: str

    @property
    def short(self) -> Decimal:
        """How many hours are missing."""
        return max((self.wanted or 0) - self.planned, Decimal(0))

    @property
    def short_text(self) -> str:
        """The missing hours in words."""
        return f"还差 {plain(self.short)} 学时"


@dataclass(frozen=True)
class Sums:
    """The lines of a schedule, and the share of its hours that is online, in percent."""

    lines: list[Line]
    online_share: int
    online_maximum: int

    @property
    def complete(self) -> bool:
        """Whether no hours are missing."""
        return not any(line.short for line in self.lines)

    @property
    def too_much_online(self) -> bool:
        """Whether more is online than the edition has it."""
        return self.online_share > self.online_maximum


def required_of(plan: TrainingPlan) -> int:
    """应修学时 of everybody in the class: the edition's for job type and kind, the filed total where it knows none."""
    return required_hours(plan.job_type, plan.kind, lookup.values(AREA, "hours", plan.rule_edition)) or plan.total_hours


def practical_of(plan: TrainingPlan) -> int:
    """Practical hours that everybody in the class must attend; 0 where the catalogue names none."""
    return (plan.job_type.practical_hours or 0) if plan.kind == ApplicationKind.INITIAL else 0


def sums(plan: TrainingPlan, lessons: Iterable[Lesson]) -> Sums:
    """The hours of ``lessons`` (those that stand) of ``plan``."""
    lessons = list(lessons)
    total = _hours(lessons)
    online = _hours(row for row in lessons if row.mode == LessonMode.ONLINE)
    practical = practical_of(plan)
    theory = plan.job_type.theory_hours if plan.kind == ApplicationKind.INITIAL else None
    known = required_hours(plan.job_type, plan.kind, lookup.values(AREA, "hours", plan.rule_edition))
    lines = [
        Line("合计", total, known or plan.total_hours, "大纲" if known else "报备"),
        Line("理论", _hours(row for row in lessons if row.part == LessonPart.THEORY), theory, "大纲"),
        Line("实操", _hours(row for row in lessons if row.part == LessonPart.PRACTICAL), practical or None, "大纲"),
        Line("线下", total - online, plan.onsite_hours, "报备"),
        Line("线上", online, plan.online_hours, "报备"),
    ]
    maximum = lookup.values(AREA, "online_share", plan.rule_edition)["maximum"].get(plan.kind, 100)
    return Sums(lines, share(online, total), maximum)


def share(part: Decimal, whole: Decimal) -> int:
    """``part`` of ``whole`` in percent, rounded; 0 of nothing."""
    return round(part * 100 / whole) if whole else 0


def _hours(lessons: Iterable[Lesson]) -> Decimal:
    return sum((lesson.hours for lesson in lessons), Decimal(0))
