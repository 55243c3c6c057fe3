"""Back-planning (rules 2.3): from a wished class and exam to every due date with the slack of each tier, and from a
day to the earliest class start and exam that are still lawful. Pure: rules and calendar come in, nothing is read.

What follows the exam has no day yet. It is planned as if each step used its last day, and is marked as assumed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from certification.catalogue.models import ApplicationKind, Category
from certification.deadlines.due import Due, due_by, earliest_event, event_label, is_internal_target
from certification.rulebook.models import Rule
from certification.workdays.counting import Calendar

CLASS_END, EXAM = "class_end", "exam"
ONE_DAY = timedelta(days=1)

# What each obligation waits for: the first of these that is part of the plan. Others may begin today.
AFTER: dict[str, tuple[str, ...]] = {
    "roster": ("plan_filing",),
    "materials_renewal": ("plan_filing",),
    "materials_initial": (CLASS_END,),
    "hours_proof": (CLASS_END,),
    "preliminary_review": ("materials_initial",),
    "final_review": ("preliminary_review",),
    "direct_review": ("materials_initial", "materials_renewal"),
    "city_review_report": ("materials_renewal",),
    "exam_held": ("materials_initial", "materials_renewal"),
    "results_release": (EXAM,),
    "licence_submission": ("results_release",),
    "acceptance": ("licence_submission",),
    "decision": ("licence_submission",),
    "decision_statutory": ("acceptance",),
    "service": ("decision",),
}
# Which obligation's last day stands for an event that has no day of its own yet.
ASSUMED: dict[str, tuple[str, ...]] = {
    "application": ("materials_initial", "materials_renewal"),
    "release": ("results_release",),
    "receipt": ("licence_submission",),
    "acceptance": ("acceptance",),
    "grant": ("decision",),
}
# Before these the class must have ended: they take the proof of hours (rules 3).
NEEDS_HOURS = frozenset({"materials_initial", "hours_proof"})


class Feasibility(StrEnum):
    """Whether an obligation can still be met on the day from which the plan is made."""

    LAWFUL = "lawful"
    # The last day has passed, but the date is provisional or only a target of the office itself: it never refuses.
    WARNING = "warning"
    LATE = "late"
    # The wished days contradict each other.
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Wish:
    """What somebody plans: one class and one exam, each day known or not. ``announced``: the exam session is
    published already, so that the lead time of a new one does not count."""

    kind: ApplicationKind
    category: Category
    class_start: date | None = None
    class_end: date | None = None
    exam_on: date | None = None
    announced: bool = False

    @property
    def trained_by(self) -> date | None:
        """The last day of the class as far as it is known."""
        return self.class_end or self.class_start


@dataclass(frozen=True)
class Line:
    """One obligation of the plan.

    ``left`` are the working days from the day of planning to ``due_on`` (negative once it has passed), ``slack``
    those between the end of what it waits for (``slack_from``, called ``slack_after``) and ``due_on``.
    """

    code: str
    title: str
    who: str
    clause: str
    due: Due
    left: int
    slack: int
    slack_after: str
    standing: Feasibility
    internal_target: bool
    assumed: bool
    remark: str = ""

    @property
    def due_on(self) -> date:
        return self.due.due_on

    @property
    def counted_from(self) -> str:
        """The event in words, with its assumption."""
        return f"{event_label(self.due.rule)}{'（按最迟日期推算）' if self.assumed else ''}"

    @property
    def refuses(self) -> bool:
        """Whether the plan cannot be carried out lawfully because of this line."""
        return self.standing in (Feasibility.LATE, Feasibility.CONFLICT)


@dataclass(frozen=True)
class Announcement:
    """By when a new exam session has to be announced (a setting, no deadline of the plan)."""

    rule: Rule
    last_on: date
    left: int
    passed: bool


@dataclass(frozen=True)
class Earliest:
    """The first days that are lawful for something begun on the day of planning: of a class, and of an exam given the
    wished class (without one: the earliest)."""

    class_start: date
    exam_on: date
    class_start_provisional: bool
    exam_provisional: bool


@dataclass(frozen=True)
class Planned:
    """A wish with its lines in the order of their days."""

    wish: Wish
    today: date
    lines: list[Line]
    announcement: Announcement | None
    earliest: Earliest

    @property
    def lawful(self) -> bool:
        """Whether every obligation can still be met in time."""
        return not any(line.refuses for line in self.lines)

    @property
    def provisional(self) -> bool:
        return any(line.due.provisional for line in self.lines)


def plan(
    wish: Wish, rules: Iterable[Rule], calendar: Calendar, *, today: date, announcement: Rule | None = None
) -> Planned:
    """Every due date of ``wish`` under ``rules`` (the deadline rules of one edition), as seen on ``today``.

    ``announcement`` is the rule that says how many working days ahead a session is announced.
    """
    applicable = [rule for rule in rules if applies(rule, wish)]
    dues = _dues(applicable, wish, calendar)
    lines = [_line(rule, dues, wish, calendar, today) for rule in applicable if rule.code in dues]
    order = list(AFTER)
    lines.sort(key=lambda line: (line.due_on, order.index(line.code) if line.code in order else -1))
    return Planned(
        wish=wish,
        today=today,
        lines=lines,
        announcement=_announcement(announcement, wish, calendar, today),
        earliest=_earliest(applicable, wish, calendar, today, announcement),
    )


def applies(rule: Rule, wish: Wish) -> bool:
    """Whether ``rule`` asks for something in a case of this kind and category that goes its way undisturbed."""
    if rule.values.get("after_return"):
        return False
    return wish.kind in rule.values["kinds"] and wish.category in rule.values["categories"]


def _dues(rules: list[Rule], wish: Wish, calendar: Calendar) -> dict[str, Due]:
    """The due dates by rule: first of what has a day, then step by step of what follows from their last days."""
    events = {"class_start": wish.class_start, "exam_start": wish.exam_on, "exam_end": wish.exam_on}
    found: dict[str, Due] = {}
    waiting = list(rules)
    while True:
        ready = [rule for rule in waiting if events.get(rule.values["event"])]
        if not ready:
            return found
        for rule in ready:
            found[rule.code] = due_by(rule, events[rule.values["event"]], calendar)
        waiting = [rule for rule in waiting if rule.code not in found]
        for event, codes in ASSUMED.items():
            events[event] = next((found[code].due_on for code in codes if code in found), None)


def _line(rule: Rule, dues: dict[str, Due], wish: Wish, calendar: Calendar, today: date) -> Line:
    due = dues[rule.code]
    start, after = _begins(rule, dues, wish, today)
    target = is_internal_target(rule, wish.category)
    remark = _conflict(rule, due, wish)
    return Line(
        code=rule.code,
        title=rule.title,
        who=rule.values["who"],
        clause=rule.clause,
        due=due,
        left=calendar.between(today, due.due_on),
        slack=calendar.between(start, due.due_on),
        slack_after=after,
        standing=Feasibility.CONFLICT if remark else _standing(due, target, today),
        internal_target=target,
        assumed=rule.values["event"] in ASSUMED,
        remark=remark,
    )


def _begins(rule: Rule, dues: dict[str, Due], wish: Wish, today: date) -> tuple[date, str]:
    """From when on the responsible tier can act, and what ends on that day."""
    for before in AFTER.get(rule.code, ()):
        if before in dues:
            return dues[before].due_on, dues[before].rule.title
        if before == CLASS_END and wish.trained_by:
            return wish.trained_by, "结班" if wish.class_end else "开班"
        if before == EXAM and wish.exam_on:
            return wish.exam_on, "考试"
    return today, "今天"


def _standing(due: Due, target: bool, today: date) -> Feasibility:
    if today <= due.due_on:
        return Feasibility.LAWFUL
    return Feasibility.WARNING if target or due.provisional else Feasibility.LATE


def _conflict(rule: Rule, due: Due, wish: Wish) -> str:
    """What contradicts within the wish; such a plan cannot be kept by anybody."""
    if rule.code in NEEDS_HOURS and wish.class_end and wish.class_end > due.due_on:
        return "结班日期晚于本时限，届时还没有学时证明"
    if rule.code == "exam_held" and wish.exam_on and wish.exam_on > due.due_on:
        return "考试日期晚于本时限"
    return ""


def _announcement(rule: Rule | None, wish: Wish, calendar: Calendar, today: date) -> Announcement | None:
    if rule is None or wish.exam_on is None or wish.announced:
        return None
    last = calendar.shift(wish.exam_on, -rule.values["lead_working_days"])
    passed = today > last.date and not last.provisional
    return Announcement(rule, last.date, calendar.between(today, last.date), passed)


def _earliest(rules: list[Rule], wish: Wish, calendar: Calendar, today: date, announcement: Rule | None) -> Earliest:
    class_start = max([today, *_earliest_by("class_start", rules, wish, calendar, today)])
    trained_by = max(wish.trained_by or class_start, today)
    days = [trained_by, *_earliest_by("exam_start", rules, wish, calendar, today)]
    days += [_event(rule, trained_by, calendar) for rule in rules if rule.code in NEEDS_HOURS]
    if announcement is not None and not wish.announced:
        lead = announcement.values["lead_working_days"]
        days.append(calendar.shift(today - ONE_DAY, lead).date + ONE_DAY)
    exam_on = max(days)
    return Earliest(
        class_start, exam_on, calendar.is_provisional(today, class_start), calendar.is_provisional(today, exam_on)
    )


def _earliest_by(event: str, rules: list[Rule], wish: Wish, calendar: Calendar, today: date) -> list[date]:
    """For each rule that binds to ``event``, the first event day for which it is still in time on ``today``."""
    bound = [rule for rule in rules if rule.values["event"] == event and rule.values["direction"] == "before"]
    return [_event(rule, today, calendar) for rule in bound if not is_internal_target(rule, wish.category)]


def _event(rule: Rule, day: date, calendar: Calendar) -> date:
    return earliest_event(rule.code, day, edition=rule.edition, calendar=calendar)


def event_days(wish: Wish) -> list[tuple[date, str]]:
    """The wished days with their names."""
    days = [(wish.class_start, "开班"), (wish.class_end, "结班"), (wish.exam_on, "考试")]
    return [(day, name) for day, name in days if day]
