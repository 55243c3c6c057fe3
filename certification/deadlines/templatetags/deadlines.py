"""``{% time_left deadline %}``: the badge that says how many working days are left."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from certification import clock
from certification.clock import SHANGHAI
from certification.deadlines import badge
from certification.deadlines.explanation import rule_sentence
from certification.workdays import calendars
from certification.workdays.counting import Calendar
from certification.workdays.wording import full_day

register = template.Library()
register.filter("rule_sentence", rule_sentence)
register.filter("full_day", full_day)

_KEPT_AS = "_time_left_frame"


@register.simple_tag(name="time_left", takes_context=True)
def time_left_tag(context, deadline) -> SafeString:
    """The badge of a deadline; None says 待安排考试. Clock and calendar are asked once per page, not per row."""
    if deadline is None:
        return badge.waiting()
    now, calendar = _frame(context)
    return badge.render(deadline, now, calendar)


@register.simple_tag(takes_context=True)
def day_left(context, day, binding=False) -> SafeString:
    """The working days up to a day that has no deadline row of its own; ``binding`` ones can be overdue."""
    now, calendar = _frame(context)
    return badge.render_day(day, timezone.localdate(now, SHANGHAI), calendar, binding=binding)


def time_left(deadline, *, now: datetime | None = None, calendar: Calendar | None = None) -> SafeString:
    """The same badge for code that renders without a template's context."""
    if deadline is None:
        return badge.waiting()
    return badge.render(deadline, now or clock.now(), calendar or calendars.current())


def _frame(context) -> tuple[datetime, Calendar]:
    keeper = getattr(context.get("request"), "__dict__", None)
    if keeper is None:
        keeper = context.render_context
    if _KEPT_AS not in keeper:
        keeper[_KEPT_AS] = (clock.now(), calendars.current())
    return keeper[_KEPT_AS]
