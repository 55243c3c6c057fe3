"""Stepping the 演示时钟: day by day, with the jobs of every day passed (rules 2, design: clock)."""

from datetime import date, datetime, time, timedelta

from django.db import transaction

from certification import clock
from certification.clock import SHANGHAI
from certification.deadlines.models import Deadline
from certification.organisations.models import User
from certification.portal import day_jobs
from certification.refusals import Refusal, WrongState
from certification.workdays.demonstration import ClockIsPast, ClockMayNotMove, move_clock_to

# A step to a deadline farther away than this is a mistake in the data, not a wish.
FARTHEST = 400
# A day is reached in the morning, when people begin to work and the door of the first exam is open.
MORNING = time(8, 30)
# Every day passed runs its jobs while the browser waits.
FARTHEST_CHOSEN = 92


def step_one_day(*, shown: date) -> date:
    """From ``shown`` (the day that the page showed) to the next; see ``step_to``."""
    return step_to(shown + timedelta(days=1), shown=shown)


def step_to_next_deadline(*, actor: User, shown: date) -> date:
    """From ``shown`` to the day on which the next open deadline that ``actor`` may see falls due.

    Raises Refusal where there is none.
    """
    following = (
        Deadline.objects.visible_to(actor)
        .filter(due_on__gt=shown, met_at__isnull=True, closed_at__isnull=True)
        .order_by("due_on")
        .values_list("due_on", flat=True)
        .first()
    )
    if following is None or (following - shown).days > FARTHEST:
        raise Refusal("没有您可见的、尚未到期的时限。", advice="可以按天前进。")
    return step_to(following, shown=shown)


def step_to_chosen_day(typed: str, *, shown: date) -> date:
    """From ``shown`` to the day that was typed (ISO form); see ``step_to``.

    Raises Refusal where it is no date, not after ``shown``, or more than FARTHEST_CHOSEN days ahead.
    """
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise Refusal("请先选择要前进到的日期。") from None
    if not shown < day <= shown + timedelta(days=FARTHEST_CHOSEN):
        raise Refusal(f"演示时钟只能向后走，一次最多 {FARTHEST_CHOSEN} 天。")
    return step_to(day, shown=shown)


def step_to(day: date, *, shown: date) -> date:
    """Move day by day until ``day``, each day with its jobs in one transaction; returns the day reached.

    Raises WrongState where the clock no longer stands at ``shown`` (a second click, somebody else's click),
    Refusal where the settings do not let the clock move.
    """
    at = shown
    while at < day:
        at = _one_day(at)
    return at


def step_one_hour(*, shown: date) -> date:
    """From now an hour on, for what has its hours on a day (the door of an exam); where the day ends within the hour,
    to the next morning. See ``step_to``."""
    later = clock.now() + timedelta(hours=1)
    return _move(shown, later) if later.date() == shown else step_one_day(shown=shown)


@transaction.atomic
def _one_day(expected: date) -> date:
    """To the morning after ``expected``, with the jobs of that day."""
    day = _move(expected, datetime.combine(expected + timedelta(days=1), MORNING, tzinfo=SHANGHAI))
    day_jobs.run(clock.now())
    return day


@transaction.atomic
def _move(expected: date, moment: datetime) -> date:
    """From somewhere on ``expected`` to ``moment``; the day reached."""
    try:
        # The row stays locked until commit: of two clicks at once the second finds the clock elsewhere.
        stood = move_clock_to(moment)
    except ClockMayNotMove as error:
        raise Refusal(str(error)) from error
    except ClockIsPast:
        stood = None
    clock.forget()
    if stood is None or clock.day_of(stood) != expected:
        raise WrongState("演示时钟刚刚已被前进。", advice="请查看当前日期后再操作。")
    return clock.day_of(moment)
