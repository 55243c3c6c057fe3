"""Counting working days, against a loop over chinese_calendar, day by day."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from certification.workdays import calendars
from certification.workdays.loading import load_calendars
from tests.benchmarks.conftest import NOW, best

STARTS = [date(2026, 1, 1) + timedelta(days=offset) for offset in range(0, 300, 7)]
TIMES, ROUNDS = 20, 200


@pytest.fixture
def calendar(db):
    load_calendars(now=NOW)
    return calendars.current()


def by_loop(day: date, n: int) -> date:
    while n:
        day += timedelta(days=1)
        n -= chinese_calendar.is_workday(day)
    return day


def test_ten_working_days(calendar, report):
    assert [calendar.shift(day, 10).date for day in STARTS] == [by_loop(day, 10) for day in STARTS]
    ours = (
        best(lambda: [calendar.shift(day, 10) for _ in range(TIMES) for day in STARTS], rounds=ROUNDS)
        / TIMES
        / len(STARTS)
    )
    loop = best(lambda: [by_loop(day, 10) for day in STARTS], rounds=ROUNDS // 10) / len(STARTS)
    report("10 working days (floor: a loop over chinese_calendar)", ours, floor=loop, at_most=1 / 300)


def test_sixty_days_cost_what_five_cost(calendar, report):
    five, sixty = (
        best(lambda n=n: [calendar.shift(day, n) for _ in range(TIMES) for day in STARTS], rounds=ROUNDS)
        / TIMES
        / len(STARTS)
        for n in (5, 60)
    )
    report("60 working days (floor: 5)", sixty, floor=five, at_most=2)
