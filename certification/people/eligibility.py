"""Age, retirement and education: pure functions over the values of the rules of area ``eligibility``.

Rule values (people/rules.toml): ``age_minimum`` {years}, ``retirement`` {M, F55, F50: {from = "1965-01",
original, step, max}}, ``female_class_default`` {class}, ``voluntary_delay`` {undeclared, declared: ORIGINAL,
STATUTORY or EXTENDED}, ``education_minimum`` {default, groups: {group: level}, new_since: {group: day}}.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from certification.people.models import Education, Sex

FEMALE_CLASSES = ("F55", "F50")


@dataclass(frozen=True)
class Retirement:
    """The statutory retirement day: ``original`` before the reform, ``day`` with the delay of ``delay`` months."""

    day: date
    original: date
    delay: int


def age_on(birth_date: date, day: date) -> int:
    """Completed years of age on ``day``; somebody born on 29 February completes a year on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def old_enough(birth_date: date, day: date, values: Mapping[str, Any]) -> bool:
    """Whether the minimum age of rule ``age_minimum`` is completed on ``day`` (birthday included)."""
    return age_on(birth_date, day) >= values["years"]


def retirement(birth_date: date, retirement_class: str, values: Mapping[str, Any]) -> Retirement:
    """The statutory retirement day of ``retirement_class`` (M, F55 or F50) by rule ``retirement``.

    The delay grows by one month per ``step`` birth months from the first cohort on, up to ``max``. Where the month
    of retirement is too short for the day of birth, the month's last day counts.
    """
    rule = values[retirement_class]
    first_year, first_month = map(int, rule["from"].split("-"))
    cohort = (birth_date.year - first_year) * 12 + birth_date.month - first_month
    delay = 0 if cohort < 0 else min(cohort // rule["step"] + 1, rule["max"])
    original = rule["original"] * 12
    return Retirement(add_months(birth_date, original + delay), add_months(birth_date, original), delay)


def retirement_class(sex: str, declared: str, default_values: Mapping[str, Any]) -> str:
    """M for men; for women the class declared, else the province's default (rule ``female_class_default``)."""
    if sex == Sex.MALE:
        return "M"
    return declared if declared in FEMALE_CLASSES else default_values["class"]


def education_minimum(
    group_code: str, values: Mapping[str, Any], in_trade_since: date | None = None
) -> Education | None:
    """The lowest education that rule ``education_minimum`` asks of an operation group; None where it asks none.

    Where the rule asks more only of those new in the trade from a day on (``new_since``), the default stays for who
    holds a first certificate (``in_trade_since``) from before that day.
    """
    default = values.get("default")
    since = values.get("new_since", {}).get(group_code)
    if since and in_trade_since is not None and in_trade_since < date.fromisoformat(since):
        level = default
    else:
        level = values.get("groups", {}).get(group_code, default)
    return Education(level) if level else None


def educated_enough(
    education: str, group_code: str, values: Mapping[str, Any], in_trade_since: date | None = None
) -> bool:
    """Whether ``education`` reaches the group's minimum. Vocational school (中专) ranks with senior high school."""
    minimum = education_minimum(group_code, values, in_trade_since)
    return minimum is None or education_rank(education) >= education_rank(minimum)


def education_rank(education: str) -> int:
    """The place of a level in the order; unknown or blank ranks lowest."""
    return _RANKS.get(education, 0)


_RANKS: dict[str, int] = {
    Education.PRIMARY: 1,
    Education.JUNIOR_HIGH: 2,
    Education.SENIOR_HIGH: 3,
    Education.VOCATIONAL: 3,
    Education.COLLEGE: 4,
    Education.BACHELOR: 5,
    Education.POSTGRADUATE: 6,
}


def add_months(day: date, months: int) -> date:
    """``day`` moved by calendar months; a day that the target month lacks becomes its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """``day`` moved by calendar years; 29 February becomes 28 February where there is none."""
    return add_months(day, years * 12)
