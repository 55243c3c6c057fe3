"""The time left, in the words and classes of look.md."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from certification import clock
from certification.deadlines.explaining.explanation import rule_sentence
from certification.deadlines.models import Deadline
from certification.rulebook import lookup
from certification.workdays.counting import Calendar
from certification.workdays.wording import short_day

WAITING, DUE, ATTENTION, OVERDUE, DONE = "waiting", "due", "attention", "overdue", "done"
PROVISIONAL = "（暂定）"
POOL = "待安排考试"
# Stands for a key where an address is made ahead.
_A_KEY = 987_654_321


@dataclass(frozen=True)
class Badge:
    """What to say and in which manner (the end of the CSS class ``badge--…``)."""

    words: str
    manner: str


def badge_of(deadline: Deadline, now: datetime, calendar: Calendar) -> Badge:
    """The badge of a deadline at ``now``."""
    state = deadline.state_at(now)
    today = clock.day_of(now)
    if state == Deadline.State.OVERDUE:
        return Badge(f"逾期 {calendar.between(deadline.due_on, today)} 个工作日", OVERDUE)
    if state == Deadline.State.OPEN:
        return _time_left(deadline, today, calendar)
    return {
        Deadline.State.MET: Badge("已办结（按时）", DONE),
        Deadline.State.MET_LATE: Badge("已办结（逾期特批）" if deadline.late_admission_id else "已办结（逾期）", DONE),
        Deadline.State.PAUSED: Badge("中止计算", WAITING),
        Deadline.State.CLOSED: Badge("已终止", WAITING),
    }[state]


@dataclass
class Badges:
    """The badges of one page at ``now``. Rows of one rule and day say the same: it is worded and marked up once, and
    each row adds the address of its own explanation."""

    now: datetime
    calendar: Calendar
    _worded: dict[tuple, tuple[SafeString, SafeString]] = field(default_factory=dict)

    def of(self, deadline: Deadline) -> SafeString:
        """The badge as HTML, linking to the explanation; its title names rule and clause."""
        before, behind = self._around_the_key(deadline)
        return mark_safe(f"{before}{deadline.pk:d}{behind}")

    def _around_the_key(self, deadline: Deadline) -> tuple[SafeString, SafeString]:
        state = deadline.state_at(self.now)
        admitted = state == Deadline.State.MET_LATE and deadline.late_admission_id is not None
        facts = (deadline.rule_id, deadline.due_on, deadline.provisional, state, admitted)
        if facts not in self._worded:
            badge = badge_of(deadline, self.now, self.calendar)
            before, behind = reverse("deadlines:explanation", args=[_A_KEY]).split(str(_A_KEY))
            self._worded[facts] = (
                format_html('<a class="badge badge--{}" href="{}', badge.manner, before),
                format_html('{}" title="{}">{}</a>', behind, title_of(deadline), badge.words),
            )
        return self._worded[facts]


def waiting() -> SafeString:
    """The badge of a case that waits for an exam session: nothing is counted yet."""
    return format_html('<span class="badge badge--{}">{}</span>', WAITING, POOL)


def render_day(day: date, today: date, calendar: Calendar, *, binding: bool = False) -> SafeString:
    """The badge of a day by which something ought to be done; a ``binding`` one is the last day of a rule whose
    deadline is not opened yet, and is overdue once it has passed."""
    badge = _day_left(day, today, calendar, binding)
    return format_html('<span class="badge badge--{}">{}</span>', badge.manner, badge.words)


def _day_left(day: date, today: date, calendar: Calendar, binding: bool) -> Badge:
    if day == today:
        return Badge("今日截止" if binding else "今日", ATTENTION)
    if day < today and binding:
        return Badge(f"逾期 {calendar.between(day, today)} 个工作日", OVERDUE)
    if day < today:
        return Badge(f"已过 {calendar.between(day, today)} 个工作日 · {short_day(day, today)}", ATTENTION)
    left = calendar.between(today, day)
    return Badge(f"剩 {left} 个工作日 · {short_day(day, today)}", ATTENTION if left <= 1 else DUE)


def title_of(deadline: Deadline) -> str:
    """Rule and clause: 培训计划报备：开班日期前第 7 个工作日 24:00 前（方案三（一））."""
    rule = lookup.by_id(deadline.rule_id)
    clause = f"（{rule.clause}）" if rule.clause else ""
    return f"{rule.title}：{rule_sentence(rule)}{clause}"


def _time_left(deadline: Deadline, today, calendar: Calendar) -> Badge:
    mark = PROVISIONAL if deadline.provisional else ""
    day = short_day(deadline.due_on, today)
    if deadline.due_on < today:
        return Badge(f"已过暂定日期 · {day}{mark}", ATTENTION)
    if deadline.due_on == today:
        return Badge(f"今日截止{mark}", ATTENTION)
    left = calendar.between(today, deadline.due_on)
    manner = ATTENTION if left <= _warning_days(deadline) else DUE
    return Badge(f"剩 {left} 个工作日 · {day} 24:00 前{mark}", manner)


def _warning_days(deadline: Deadline) -> int:
    """From how many working days before the end on the badge warns: the earliest reminder of the rule."""
    return max(lookup.by_id(deadline.rule_id).values.get("reminders", []), default=0)
