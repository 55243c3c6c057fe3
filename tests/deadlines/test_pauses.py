"""Clocks that stand still, and the one extension (rules 2.4; 行政许可法 art. 42, 45)."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification.clock import SHANGHAI
from certification.deadlines import ledger, pauses, sweep
from certification.deadlines.models import Deadline, Pause
from certification.organisations.models import User
from certification.refusals import Refusal, TooLate, WrongState
from certification.workdays.counting import Calendar

RECEIVED = datetime(2026, 6, 1, 10, tzinfo=SHANGHAI)
HEARING = Pause.Kind.HEARING


def at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def decided(organisations, case):
    """A case with both decision clocks and its acceptance open, received on Monday 2026-06-01."""
    one = case()
    for rule in ("acceptance", "decision", "decision_statutory"):
        ledger.open_deadline(rule, one, event_on=date(2026, 6, 1), responsible=organisations["centre"], now=RECEIVED)
    return one


@pytest.fixture
def system(reference):
    return User.objects.system()


def day(rule, case) -> date:
    return ledger.find(rule, case).due_on


def test_the_days_of_a_hearing_do_not_count(decided, system):
    assert (day("decision", decided), day("decision_statutory", decided)) == (date(2026, 6, 15), date(2026, 6, 30))
    pauses.pause([decided], kind=HEARING, reason="申请人要求听证", now=at(6, 3), actor=system)
    standing = ledger.find("decision", decided)
    assert standing.state_at(at(7, 30)) == Deadline.State.PAUSED
    assert ledger.find("acceptance", decided).paused_on is None
    pauses.resume([decided], last_day=date(2026, 6, 9), now=at(6, 10), actor=system)
    # Five working days, 3 to 9 June; 19 June is a day off.
    assert (day("decision", decided), day("decision_statutory", decided)) == (date(2026, 6, 23), date(2026, 7, 7))
    moved = ledger.find("decision", decided)
    assert (moved.version, moved.paused_on) == (2, None)


def test_the_preview_is_what_happens(decided, system):
    pauses.pause([decided], kind=HEARING, reason="听证", now=at(6, 3), actor=system)
    shown = [(row.pk, due.due_on) for row, due in pauses.after_resume([decided], date(2026, 6, 9))]
    done = pauses.resume([decided], last_day=date(2026, 6, 9), now=at(6, 10), actor=system)
    assert shown == [(row.pk, row.due_on) for row in sorted(done, key=lambda row: row.due_on)]
    shown = [(row.pk, due.due_on) for row, due in pauses.after_extension("decision_statutory", [decided])]
    done = pauses.extend("decision_statutory", [decided], reason="复杂", now=at(6, 11), actor=system)
    assert shown == [(row.pk, row.due_on) for row in done]


def test_an_obstacle_to_the_extension_is_told_before(decided, system):
    assert pauses.extension_obstacles("decision_statutory", [decided], at(6, 30, 23)) == {}
    (late,) = pauses.extension_obstacles("decision_statutory", [decided], at(7, 1, 0)).values()
    assert late.code == "too_late"
    (none,) = pauses.extension_obstacles("service", [decided], at(6, 2)).values()
    assert none.code == "wrong_state"


def test_a_pause_is_overdrawn_after_the_day_on_which_it_was_to_end(decided, system):
    (one,) = pauses.pause(
        [decided], kind=HEARING, reason="听证", expected_on=date(2026, 6, 5), now=at(6, 3), actor=system
    )
    assert (one.is_overdrawn_on(date(2026, 6, 5)), one.is_overdrawn_on(date(2026, 6, 6))) == (False, True)
    assert pauses.running([decided])[decided.pk] == one
    pauses.resume([decided], last_day=date(2026, 6, 8), now=at(6, 8), actor=system)
    one.refresh_from_db()
    assert not one.is_overdrawn_on(date(2026, 6, 9))


def test_what_stands_still_is_never_breached(decided, system):
    pauses.pause([decided], kind=HEARING, reason="听证", now=at(6, 3), actor=system)
    swept = sweep.sweep(now=at(9, 1))
    assert swept.breached == 1  # the acceptance, which no hearing stops
    assert ledger.find("decision", decided).breached_at is None


def test_what_is_overdue_stays_overdue(decided, system):
    pauses.pause([decided], kind=HEARING, reason="听证", now=at(6, 20), actor=system)
    assert ledger.find("decision", decided).state_at(at(6, 20)) == Deadline.State.OVERDUE
    assert ledger.find("decision_statutory", decided).state_at(at(6, 20)) == Deadline.State.PAUSED


def test_a_second_pause_and_one_that_is_not_running_are_refused(decided, system):
    with pytest.raises(WrongState):
        pauses.resume([decided], last_day=date(2026, 6, 3), now=at(6, 3), actor=system)
    pauses.pause([decided], kind=HEARING, reason="听证", now=at(6, 3), actor=system)
    with pytest.raises(WrongState):
        pauses.pause([decided], kind=Pause.Kind.EXPERT_APPRAISAL, reason="鉴定", now=at(6, 4), actor=system)


@pytest.mark.parametrize("last_day", [date(2026, 6, 2), date(2026, 6, 11)])
def test_a_pause_ends_between_its_first_day_and_today(decided, system, last_day):
    pauses.pause([decided], kind=HEARING, reason="听证", now=at(6, 3), actor=system)
    with pytest.raises(Refusal):
        pauses.resume([decided], last_day=last_day, now=at(6, 10), actor=system)


def test_two_pauses_add_up(decided, system):
    pauses.pause([decided], kind=HEARING, reason="听证", now=at(6, 3), actor=system)
    pauses.resume([decided], last_day=date(2026, 6, 4), now=at(6, 5), actor=system)
    pauses.pause([decided], kind=Pause.Kind.EXPERT_APPRAISAL, reason="鉴定", now=at(6, 8), actor=system)
    pauses.resume([decided], last_day=date(2026, 6, 8), now=at(6, 9), actor=system)
    assert day("decision", decided) == date(2026, 6, 18)


def test_a_deadline_opened_during_a_pause_stands_still(decided, system, organisations):
    pauses.pause([decided], kind=HEARING, reason="听证", now=at(6, 3), actor=system)
    ledger.close("decision", [decided], now=at(6, 4), reason="重新起算")
    again = ledger.open_deadline(
        "decision", decided, event_on=date(2026, 6, 4), responsible=organisations["centre"], now=at(6, 4)
    )
    assert again.paused_on == date(2026, 6, 3)


def test_extended_once_by_the_days_of_the_law(decided, system):
    pauses.extend("decision_statutory", [decided], reason="案情复杂", now=at(6, 30, 23), actor=system)
    assert day("decision_statutory", decided) == date(2026, 7, 14)
    with pytest.raises(WrongState, match="已经延长过一次"):
        pauses.extend("decision_statutory", [decided], reason="再延", now=at(7, 1), actor=system)


def test_too_late_to_extend(decided, system):
    with pytest.raises(TooLate):
        pauses.extend("decision_statutory", [decided], reason="案情复杂", now=at(7, 1, 0), actor=system)


def test_the_promise_knows_no_extension(decided, system):
    with pytest.raises(WrongState, match="不得延长"):
        pauses.extend("decision", [decided], reason="案情复杂", now=at(6, 2), actor=system)


DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 1))
PAUSES = st.lists(st.tuples(DAYS, st.integers(0, 40)), max_size=5)


@given(DAYS, st.integers(1, 60), PAUSES)
def test_counting_around_pauses_is_counting_day_by_day(start, n, drawn):
    calendar = Calendar()
    intervals = [(first, first + timedelta(days=length)) for first, length in drawn]
    due, left = start, n
    while left:
        due += timedelta(days=1)
        left -= calendar.is_working(due) and not any(first <= due <= last for first, last in intervals)
    assert calendar.shift_around(start, n, intervals).date == due
    steps = calendar.steps(start, n, dict.fromkeys(intervals, "中止"))
    assert (steps[-1].date, steps[-1].number) == (due, n)
