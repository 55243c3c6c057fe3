"""Counting against dates worked out by hand, against other packages day by day, and by its own laws."""

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certification.workdays import statutory
from certification.workdays.counting import Calendar, OutOfRange
from tests.workdays.conftest import notice

CALENDAR = Calendar.of(notice(year) for year in range(2023, 2027))
days = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 31))
numbers = st.integers(min_value=-400, max_value=400).filter(bool)


@pytest.mark.parametrize(
    ("event", "n", "expected"),
    [
        # Backward, around May, Spring Festival and National Day, with make-up days (facts 6b).
        ("2026-05-11", -7, "2026-04-28"),
        ("2026-03-02", -7, "2026-02-13"),
        ("2026-10-12", -7, "2026-09-24"),
        ("2026-10-09", -5, "2026-09-24"),
        ("2026-10-09", -3, "2026-09-29"),
        ("2026-10-09", -1, "2026-10-08"),
        ("2026-02-24", -1, "2026-02-14"),
        ("2024-02-19", -5, "2024-02-06"),
        ("2025-05-12", -7, "2025-04-28"),
        # The example that every public codebase got wrong (examples.md).
        ("2023-05-08", -1, "2023-05-06"),
        ("2023-05-08", -3, "2023-05-04"),
        ("2023-05-08", -5, "2023-04-27"),
        ("2023-05-08", -7, "2023-04-25"),
        # Forward.
        ("2026-09-24", 10, "2026-10-15"),
        ("2026-02-12", 10, "2026-03-04"),
        ("2025-09-26", 10, "2025-10-16"),
        ("2024-02-08", 10, "2024-02-28"),
        ("2023-09-28", 10, "2023-10-18"),
        ("2026-04-30", 5, "2026-05-11"),
        ("2026-09-24", 5, "2026-10-09"),
    ],
)
def test_counts_as_worked_out_by_hand(event, n, expected):
    count = CALENDAR.shift(date.fromisoformat(event), n)
    assert (count.date.isoformat(), count.provisional) == (expected, False)


def test_agrees_with_chinese_calendar_on_every_day_of_the_published_years():
    day = date(2023, 1, 1)
    while day <= date(2026, 12, 31):
        assert CALENDAR.is_working(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_agrees_with_holidays_on_every_day_of_the_published_years():
    china = holidays.China(years=range(2022, 2028))
    day = date(2023, 1, 1)
    while day <= date(2026, 12, 31):
        assert CALENDAR.is_working(day) == china.is_working_day(day), day
        day += timedelta(days=1)


# The table of facts 6b: ranges of days off, each with its first and last day, and make-up working days.
NOTICES = {
    2023: (
        "2022-12-31/01-02 01-21/01-27 04-05/04-05 04-29/05-03 06-22/06-24 09-29/10-06",
        "01-28 01-29 04-23 05-06 06-25 10-07 10-08",
    ),
    2024: (
        "01-01/01-01 02-10/02-17 04-04/04-06 05-01/05-05 06-10/06-10 09-15/09-17 10-01/10-07",
        "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    ),
    2025: ("01-01/01-01 01-28/02-04 04-04/04-06 05-01/05-05 05-31/06-02 10-01/10-08", "01-26 02-08 04-27 09-28 10-11"),
    2026: (
        "01-01/01-03 02-15/02-23 04-04/04-06 05-01/05-05 06-19/06-21 09-25/09-27 10-01/10-07",
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}


@pytest.mark.parametrize("year", NOTICES)
def test_the_shipped_notices_say_what_was_published(year):
    def day(text: str) -> date:
        return date.fromisoformat(text if len(text) == 10 else f"{year}-{text}")

    off, makeup = NOTICES[year]
    expected = set()
    for first, last in (text.split("/") for text in off.split()):
        expected |= {day(first) + timedelta(days=n) for n in range((day(last) - day(first)).days + 1)}
    said = CALENDAR.notices[year]
    assert set(said.off) == expected
    assert set(said.makeup) == {day(text) for text in makeup.split()}


def test_new_years_eve_of_2024_was_a_working_day():
    assert CALENDAR.is_working(date(2024, 2, 9))


@pytest.mark.parametrize(("year", "working"), [(2023, 249), (2024, 251), (2025, 248), (2026, 248)])
def test_number_of_working_days_in_a_year(year, working):
    assert CALENDAR.between(date(year - 1, 12, 31), date(year, 12, 31)) == working


def test_a_year_without_notice_has_the_thirteen_statutory_days_and_no_make_up_days():
    off = statutory.days_off(2027)
    assert len(off) == 13
    assert off[date(2027, 2, 5)] == off[date(2027, 2, 8)] == "春节"
    assert off[date(2027, 4, 5)] == "清明节"
    assert off[date(2027, 6, 9)] == "端午节"
    assert off[date(2027, 9, 15)] == "中秋节"
    published_by_holidays = holidays.China(years=2027)
    assert all(day in published_by_holidays for day in off)
    weekends = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    assert not any(CALENDAR.is_working(day) for day in weekends if day.weekday() >= 5)


@pytest.mark.parametrize(
    ("event", "n", "provisional"),
    [
        ("2026-12-31", -5, False),
        ("2026-12-28", 3, False),
        ("2026-12-28", 4, True),  # 2027-01-01 is off: the result falls in 2027
        ("2027-01-04", -3, True),  # the event falls in 2027, every counted day in 2026
        ("2027-06-01", 5, True),
        ("2023-01-05", -2, False),
        ("2023-01-05", -3, True),  # falls in 2022
        ("2022-06-01", 1, True),
    ],
)
def test_whatever_touches_a_year_without_notice_is_provisional(event, n, provisional):
    assert CALENDAR.shift(date.fromisoformat(event), n).provisional is provisional


def test_the_invented_year_counts_only_where_it_is_given(calendar):
    from certification.workdays.loading import SHIPPED

    with_invented = Calendar.of([*calendar.notices.values(), notice(2027, SHIPPED / "demo")])
    assert not with_invented.shift(date(2027, 2, 3), 5).provisional
    assert calendar.shift(date(2027, 2, 3), 5).provisional
    assert with_invented.is_working(date(2027, 1, 30))
    assert not calendar.is_working(date(2027, 1, 30))


def test_steps_say_why_each_day_counts_or_not():
    steps = CALENDAR.steps(date(2026, 5, 11), -7)
    said = {step.date.isoformat(): (step.number, step.reason) for step in steps}
    assert said["2026-05-10"] == (None, "周末")
    assert said["2026-05-09"] == (1, "调休上班（劳动节）")
    assert said["2026-05-05"] == (None, "劳动节")
    assert said["2026-04-28"] == (7, "工作日")
    assert [step.date for step in steps] == [date(2026, 5, 10) - timedelta(days=n) for n in range(13)]
    assert CALENDAR.steps(date(2026, 5, 11), 0) == []


def test_a_notice_may_speak_about_the_year_before_its_own():
    assert CALENDAR.reason(date(2022, 12, 31)) == "元旦"


def test_zero_gives_the_day_itself_working_or_not():
    assert CALENDAR.shift(date(2026, 10, 3), 0).date == date(2026, 10, 3)


def test_outside_the_countable_years_it_says_so():
    with pytest.raises(OutOfRange, match="超出"):
        CALENDAR.shift(date(2130, 12, 31), 1)


@given(days, numbers)
def test_adding_then_counting_gives_the_number_back(day, n):
    assert CALENDAR.between(day, CALENDAR.shift(day, n).date) == n


@given(days, days, days)
def test_counting_adds_up(one, other, third):
    one, other, third = sorted((one, other, third))
    assert CALENDAR.between(one, other) + CALENDAR.between(other, third) == CALENDAR.between(one, third)


@given(days, days)
def test_counting_then_adding_leads_to_a_working_day(one, other):
    working = CALENDAR.shift(other, 1).date
    if n := CALENDAR.between(one, working):
        assert CALENDAR.shift(one, n).date == working


@given(days, numbers.filter(lambda n: n < 400))
def test_one_more_day_leads_further(day, n):
    further = n + 1 or 1
    assert CALENDAR.shift(day, n).date < CALENDAR.shift(day, further).date


@pytest.mark.parametrize("n", [-20, -10, -7, -5, -3, -1, 1, 3, 5, 10, 20])
def test_agrees_with_stepping_day_by_day_by_chinese_calendar(n):
    """The counts of the plan's rules from every day that both cover to the end."""
    direction = timedelta(days=1 if n > 0 else -1)
    day = date(2023, 3, 1)
    while day <= date(2026, 11, 20):
        found, left = day, abs(n)
        while left:
            found += direction
            left -= chinese_calendar.is_workday(found)
        assert CALENDAR.shift(day, n).date == found, day
        day += timedelta(days=1)


@given(days, numbers)
def test_the_result_is_a_working_day_on_the_right_side(day, n):
    result = CALENDAR.shift(day, n).date
    assert CALENDAR.is_working(result)
    assert (result > day) == (n > 0)


@given(days, st.integers(min_value=1, max_value=400))
def test_back_and_forth_from_a_working_day_is_the_inverse(day, n):
    start = CALENDAR.shift(day, 1).date
    assert CALENDAR.shift(CALENDAR.shift(start, n).date, -n).date == start


@given(days, days, numbers)
def test_a_later_event_never_falls_due_earlier(one, other, n):
    one, other = sorted((one, other))
    assert CALENDAR.shift(one, n).date <= CALENDAR.shift(other, n).date


@given(days, st.integers(min_value=-40, max_value=40).filter(bool))
@settings(max_examples=60)
def test_steps_agree_with_the_count(day, n):
    steps = CALENDAR.steps(day, n)
    counted = [step for step in steps if step.counted]
    assert [step.number for step in counted] == list(range(1, abs(n) + 1))
    assert steps[-1].date == CALENDAR.shift(day, n).date
    assert all(step.counted == CALENDAR.is_working(step.date) for step in steps)
