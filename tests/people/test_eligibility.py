import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification.people import eligibility
from certification.people.models import Education

RULES = {
    rule["code"]: rule["values"]
    for rule in tomllib.loads((Path(eligibility.__file__).parent / "rules.toml").read_text())["rule"]
    if "edition" not in rule
}
RETIREMENT = RULES["retirement"]

# facts 5: class, month of birth, years and months of age, month of retirement.
VECTORS = """
M 1964-12 60 0 2024-12
M 1965-01 60 1 2025-02
M 1965-04 60 1 2025-05
M 1965-05 60 2 2025-07
M 1966-01 60 4 2026-05
M 1970-01 61 4 2031-05
M 1976-08 62 11 2039-07
M 1976-09 63 0 2039-09
F55 1970-01 55 1 2025-02
F55 1971-04 55 4 2026-08
F55 1981-08 57 11 2039-07
F55 1981-09 58 0 2039-09
F50 1975-01 50 1 2025-02
F50 1975-03 50 2 2025-05
F50 1976-01 50 7 2026-08
F50 1984-10 54 11 2039-09
F50 1984-11 55 0 2039-11
"""


def day(month: str, number: int = 15) -> date:
    year, month = map(int, month.split("-"))
    return date(year, month, number)


@pytest.mark.parametrize("line", VECTORS.strip().splitlines())
def test_published_vectors(line):
    group, born, years, months, retires = line.split()
    found = eligibility.retirement(day(born), group, RETIREMENT)
    assert found.day == day(retires)
    assert (found.day.year - day(born).year) * 12 + found.day.month - day(born).month == int(years) * 12 + int(months)
    assert found.original == day(born).replace(year=day(born).year + RETIREMENT[group]["original"])


def test_a_day_that_the_month_lacks_becomes_its_last():
    assert eligibility.retirement(date(1965, 1, 31), "M", RETIREMENT).day == date(2025, 2, 28)


@given(st.sampled_from(["M", "F55", "F50"]), st.dates(date(1940, 1, 1), date(2008, 1, 1)))
def test_nobody_younger_retires_earlier_and_the_delay_stays_in_bounds(group, born):
    found = eligibility.retirement(born, group, RETIREMENT)
    assert 0 <= found.delay <= RETIREMENT[group]["max"]
    later = eligibility.retirement(born + date.resolution, group, RETIREMENT)
    assert later.day >= found.day


def test_women_are_classed_as_declared_or_by_the_default():
    default = RULES["female_class_default"]
    assert eligibility.retirement_class("F", "", default) == "F55"
    assert eligibility.retirement_class("F", "F50", default) == "F50"
    assert eligibility.retirement_class("M", "F50", default) == "M"


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2008, 11, 23), date(2026, 11, 22), 17),
        (date(2008, 11, 23), date(2026, 11, 23), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_age(born, on, age):
    assert eligibility.age_on(born, on) == age
    assert eligibility.old_enough(born, on, RULES["age_minimum"]) is (age >= 18)


def test_education_by_group():
    values = RULES["education_minimum"]
    assert eligibility.educated_enough(Education.JUNIOR_HIGH, "01", values)
    assert not eligibility.educated_enough(Education.JUNIOR_HIGH, "09", values)
    assert eligibility.educated_enough(Education.VOCATIONAL, "09", values)
    assert not eligibility.educated_enough("", "01", values)
    assert eligibility.educated_enough("", "01", {"groups": {"09": "SENIOR_HIGH"}})


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-600, 600))
def test_months_move_by_months(start, months):
    moved = eligibility.add_months(start, months)
    assert (moved.year - start.year) * 12 + moved.month - start.month == months
    assert moved.day == start.day or (moved + date.resolution).day == 1
