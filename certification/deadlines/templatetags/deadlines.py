"""``{% time_left deadline %}``: the badge that says how many working days are left, and under it the line that says
how its day was counted. ``{% due_badge deadline %}``: the badge alone, for the rows of a list; what it says of the
counting stands behind its link. ``{% due_line due %}``: the line alone, for a date that no deadline stores."""

from datetime import datetime
from typing import NamedTuple

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from certification import clock
from certification.deadlines import badge
from certification.deadlines.badge import Badges
from certification.deadlines.due import Due
from certification.deadlines.explaining.explanation import rule_sentence
from certification.deadlines.explaining.line import Lines, line_of_due
from certification.deadlines.models import Deadline
from certification.workdays import calendars
from certification.workdays.counting import Calendar
from certification.workdays.wording import full_day

register = template.Library()
register.filter("rule_sentence", rule_sentence)
register.filter("full_day", full_day)

_KEPT_AS = "_time_left_frame"


class _Frame(NamedTuple):
    """What all deadlines of a page are shown with: clock and calendar are asked once per page, not per row."""

    badges: Badges
    lines: Lines


@register.simple_tag(name="time_left", takes_context=True)
def time_left_tag(context, deadline) -> SafeString:
    """The badge of a deadline with its line; None says 待安排考试."""
    return badge.waiting() if deadline is None else _badge_and_line(deadline, _frame(context))


@register.simple_tag(takes_context=True)
def due_badge(context, deadline) -> SafeString:
    """The badge alone, linked to the explanation; None says 待安排考试."""
    return badge.waiting() if deadline is None else _frame(context).badges.of(deadline)


@register.simple_tag(takes_context=True)
def due_line(context, due: Due | Deadline, category: str = "") -> SafeString:
    """The line alone, under a due date that is shown without a badge: of a deadline, or of whatever has ``rule``,
    ``event_on`` and ``due_on`` but is not stored as one; ``category`` tells internal targets."""
    lines = _frame(context).lines
    if isinstance(due, Deadline):
        return _line(lines.of(due))
    return _line(line_of_due(due, lines.calendar, lines.today, category=category))


@register.simple_tag(takes_context=True)
def day_left(context, day, binding=False) -> SafeString:
    """The working days up to a day that has no deadline row of its own; ``binding`` ones can be overdue."""
    lines = _frame(context).lines
    return badge.render_day(day, lines.today, lines.calendar, binding=binding)


def time_left(deadline, *, now: datetime | None = None, calendar: Calendar | None = None) -> SafeString:
    """The same for code that renders without a template's context."""
    if deadline is None:
        return badge.waiting()
    return _badge_and_line(deadline, _frame_at(now or clock.now(), calendar or calendars.current()))


def _badge_and_line(deadline: Deadline, frame: _Frame) -> SafeString:
    shown = frame.badges.of(deadline)
    if deadline.state_at(frame.badges.now) == Deadline.State.CLOSED:
        return shown
    return format_html('<span class="time-left">{}{}</span>', shown, _line(frame.lines.of(deadline)))


def _line(text: str) -> SafeString:
    return format_html('<span class="due-line">{}</span>', text)


def _frame(context) -> _Frame:
    keeper = getattr(context.get("request"), "__dict__", None)
    if keeper is None:
        keeper = context.render_context
    if _KEPT_AS not in keeper:
        keeper[_KEPT_AS] = _frame_at(clock.now(), calendars.current())
    return keeper[_KEPT_AS]


def _frame_at(now: datetime, calendar: Calendar) -> _Frame:
    return _Frame(Badges(now, calendar), Lines(clock.day_of(now), calendar))
