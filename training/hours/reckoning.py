"""Hours per trainee: what attendance and the platforms' reports come to, against what must be learnt [四(一)].

Rule values (training/rules.toml): ``training.hours``, ``training.hours_completed`` and ``training.attendance``.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Q, Sum

from certification.rulebook import lookup
from training.hours.hour_words import plain
from training.lessons.schedule_sums import practical_of, required_of, share
from training.models import Attendance, LessonPart, OnlineHours, Presence, Trainee, TrainingPlan
from training.plans.plan_checks import AREA
from training.states import LessonState

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Hours:
    """One trainee's hours. ``required`` is 应修学时; ``practical`` is part of ``onsite``; ``reported`` are the hours
    that platforms reported, of which ``online`` count."""

    required: Decimal
    required_practical: Decimal
    onsite: Decimal
    practical: Decimal
    online: Decimal
    reported: Decimal
    bar: Decimal

    @property
    def total(self) -> Decimal:
        """实修学时."""
        return self.onsite + self.online

    @property
    def missing(self) -> Decimal:
        """Hours that lack to the bar."""
        return max(self.bar - self.total, NOTHING)

    @property
    def missing_practical(self) -> Decimal:
        """Practical hours that lack."""
        return max(self.required_practical - self.practical, NOTHING)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing and not self.missing_practical

    @property
    def share(self) -> int:
        """How much of what is required has been learnt, in percent; never 100 before it is."""
        learnt = share(self.total, self.required)
        return min(learnt, 99) if self.total < self.required else learnt

    @property
    def online_share(self) -> int:
        """How much of what was learnt was online, in percent."""
        return share(self.online, self.total)

    @property
    def says(self) -> str:
        """What is missing, in a sentence; "" where nothing is."""
        parts = []
        if self.missing:
            parts.append(f"缺 {plain(self.missing)} 学时")
        if self.missing_practical:
            parts.append(f"缺实操 {plain(self.missing_practical)} 学时")
        return "，".join(parts)


def hours_of(trainee_ids: Collection[int]) -> dict[int, Hours]:
    """The hours of each trainee: trainee id → Hours. Three queries and the rules, whatever the number of trainees."""
    trainees = Trainee.objects.filter(pk__in=trainee_ids).select_related("plan__job_type__group", "plan__rule_edition")
    trainees = list(trainees.order_by("pk"))
    attended = _attended([row.pk for row in trainees])
    reported = _reported([row.pk for row in trainees])
    plans = {row.plan_id: _Measure(row.plan) for row in trainees}
    return {
        row.pk: plans[row.plan_id].hours(attended.get(row.pk, {}), reported.get(row.pk, NOTHING)) for row in trainees
    }


class _Measure:
    """What the people of one class are measured by, and how what they did counts."""

    def __init__(self, plan: TrainingPlan):
        completed = lookup.values(AREA, "hours_completed", plan.rule_edition)
        attendance = lookup.values(AREA, "attendance", plan.rule_edition)
        self.required = Decimal(required_of(plan))
        self.practical = Decimal(practical_of(plan))
        self.bar = (self.required * completed["completed_share"] / 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
        self.most_online = Decimal(plan.online_hours) if completed["online_counts"] else NOTHING
        weights = {Presence.LATE: Decimal(attendance["late_percent"]) / 100}
        self.weights = {presence: weights.get(presence, Decimal(1)) for presence in attendance["counted"]}

    def hours(self, attended: dict[tuple[str, str], Decimal], reported: Decimal) -> Hours:
        by_part = {part: self._counted(attended, part) for part in LessonPart.values}
        return Hours(
            required=self.required,
            required_practical=self.practical,
            onsite=sum(by_part.values(), NOTHING),
            practical=by_part[LessonPart.PRACTICAL],
            online=min(reported, self.most_online),
            reported=reported,
            bar=self.bar,
        )

    def _counted(self, attended: dict[tuple[str, str], Decimal], part: str) -> Decimal:
        found = (attended.get((part, presence), NOTHING) * weight for presence, weight in self.weights.items())
        return sum(found, NOTHING).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _attended(ids: list[int]) -> dict[int, dict[tuple[str, str], Decimal]]:
    """Trainee id → hours by the lesson's part and the trainee's presence."""
    rows = Attendance.objects.filter(Q(lesson__state=LessonState.PLANNED), trainee__in=ids)
    found: dict[int, dict[tuple[str, str], Decimal]] = {}
    sums = rows.order_by().values_list("trainee", "lesson__part", "presence").annotate(sum=Sum("lesson__hours"))
    for trainee, part, presence, hours in sums:
        found.setdefault(trainee, {})[part, presence] = hours
    return found


def _reported(ids: list[int]) -> dict[int, Decimal]:
    rows = OnlineHours.objects.filter(trainee__in=ids, source__replaced_at__isnull=True)
    return dict(rows.order_by().values_list("trainee").annotate(sum=Sum("hours")))
