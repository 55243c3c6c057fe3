"""The check against chinese_calendar: every difference is shown, and where it says nothing that is said."""

from datetime import date

import pytest

from certification.workdays import comparing
from certification.workdays.counting import Calendar, Notice
from tests.workdays.conftest import notice


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_the_shipped_years_have_no_difference(calendar, year):
    assert comparing.covers(year)
    assert comparing.differences(year, calendar) == []


@pytest.mark.parametrize("year", [2003, 2027, 2100])
def test_other_years_are_not_covered(year):
    assert not comparing.covers(year)


def test_every_difference_is_shown_with_what_each_says():
    right = notice(2026)
    off = {day: name for day, name in right.off.items() if day != date(2026, 5, 5)}
    makeup = {day: name for day, name in right.makeup.items() if day != date(2026, 5, 9)}
    wrong = Calendar.of([Notice(2026, "x", "有误", off, makeup)])
    assert [(one.date, one.works, one.ours, one.theirs) for one in comparing.differences(2026, wrong)] == [
        (date(2026, 5, 5), True, "工作日", "放假（劳动节）"),
        (date(2026, 5, 9), False, "周末", "上班（劳动节）"),
    ]
