"""Whether the days on a certificate agree with each other and with the rules of the edition that it was issued under.

A certificate is valid for ``validity`` years and due for review after ``review`` years, both counted to the day before
the anniversary or to the anniversary itself, as issuing systems differ; it may end earlier where it was capped at the
retirement day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from certification.people.certificates import certificate_values
from certification.people.eligibility import add_years, retirement
from certification.people.models import Person, Sex
from certification.people.register import PersonData
from certification.people.retiring import AREA
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.workdays.wording import plain_day

_DAY = timedelta(days=1)


@dataclass
class Dates:
    """The days on a certificate; None for what is blank or could not be read."""

    first_issued_on: date | None
    valid_from: date | None
    valid_until: date | None
    review_due_on: date | None = None
    reviewed_on: date | None = None


@dataclass(frozen=True)
class Flaw:
    """One thing that does not agree: ``key`` names the day."""

    key: str
    code: str
    message: str
    advice: str


class PeriodRules:
    """The rules of every edition, read once for a whole register; what is older than the first is judged by it."""

    def __init__(self, today: date):
        self.today = today
        editions = sorted(RuleEdition.objects.filter(active=True), key=lambda one: one.valid_from)
        self._editions = [(one.valid_from, certificate_values(one), one) for one in editions]

    def flaws(self, dates: Dates, person: PersonData | None) -> Iterator[Flaw]:
        """Everything that is wrong with ``dates``, each day on its own as far as the others could be read."""
        first, start, end = dates.first_issued_on, dates.valid_from, dates.valid_until
        if first and first > self.today:
            yield Flaw("first_issued_on", "future", "晚于今天。", "请核对初领日期。")
        if first and start and first > start:
            yield Flaw("first_issued_on", "order", "晚于有效期开始日期。", "请核对初领日期和有效期。")
        if start and end and end < start:
            yield Flaw("valid_until", "order", "早于有效期开始日期。", "请核对有效期。")
        elif start and end:
            yield from self._period(start, end, person)
        yield from self._review(dates)

    def _period(self, start: date, end: date, person: PersonData | None) -> Iterator[Flaw]:
        edition, values = self._values(start)
        if _reached(start, end, values["years"]):
            return
        if values["cap_at_retirement"] and person and end in retirement_days(person, edition):
            return
        usual = add_years(start, values["years"]) - _DAY
        yield Flaw(
            "valid_until",
            "validity",
            f"有效期不是 {values['years']} 年，应至 {plain_day(usual)}。",
            "请核对有效期；因法定退休日期提前截止的，应为退休当日。",
        )

    def _review(self, dates: Dates) -> Iterator[Flaw]:
        start, due, done = dates.valid_from, dates.review_due_on, dates.reviewed_on
        if start and due:
            years = self._values(start)[1]["review_years"]
            if years is None or not (_reached(start, due, years) or due == dates.valid_until):
                when = f"应为 {plain_day(add_years(start, years) - _DAY)}" if years else "该版规则没有复审"
                yield Flaw("review_due_on", "review_due", f"应复审日期与规则不符，{when}。", "请核对应复审日期。")
        if done and done > self.today:
            yield Flaw("reviewed_on", "future", "晚于今天。", "请核对实际复审日期。")
        elif done and start and dates.valid_until and not start <= done <= dates.valid_until:
            yield Flaw("reviewed_on", "order", "不在有效期内。", "请核对实际复审日期和有效期。")

    def _values(self, start: date) -> tuple[RuleEdition, dict[str, Any]]:
        found = self._editions[0]
        for each in self._editions:
            if each[0] <= start:
                found = each
        return found[2], found[1]


def retirement_days(person: PersonData | Person, edition: RuleEdition) -> set[date]:
    """Every day that may have been taken for the retirement day: by each class of a woman, before and after the
    reform of 2025."""
    rule = lookup.rule(AREA, "retirement", edition).values
    groups = ("M",) if person.sex == Sex.MALE else ("F55", "F50")
    found = [retirement(person.birth_date, group, rule) for group in groups]
    return {day for each in found for day in (each.day, each.original)}


def _reached(start: date, day: date, years: int) -> bool:
    """Whether ``day`` is the anniversary of ``start`` or the day before it."""
    return day in _ends(start, years)


@lru_cache(maxsize=4096)
def _ends(start: date, years: int) -> tuple[date, date]:
    anniversary = add_years(start, years)
    return anniversary - _DAY, anniversary
