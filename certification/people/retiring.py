"""When somebody reaches the statutory retirement age, by the rules of an edition."""

from calendar import monthrange
from datetime import date

from certification.people.eligibility import FEMALE_CLASSES, add_years, retirement, retirement_class
from certification.people.models import Sex
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition

AREA = "eligibility"


class Retirements:
    """The retirement days of one edition: its rules are read once, and every birth month is reckoned once."""

    def __init__(self, edition: RuleEdition):
        self._values = lookup.values(AREA, "retirement", edition)
        self._default = lookup.values(AREA, "female_class_default", edition)
        self._voluntary = lookup.values(AREA, "voluntary_delay", edition)
        self._months: dict[tuple[int, int, str, str, int], tuple[int, int, int]] = {}

    def day(self, birth_date: date, sex: str, declared: str = "", delay_months: int = 0) -> date:
        """The day on which somebody retires.

        ``declared`` is what a woman declared of her class (F55 or F50, "" for nothing: the province's default of rule
        ``female_class_default`` counts), ``delay_months`` the voluntary delay that was declared, if any: rule
        ``voluntary_delay`` says which age then counts, rule ``retirement`` how far (``flexible_delay_months``). That
        somebody may choose to retire earlier changes nothing. Where the month of retirement is too short for the day
        of birth, its last day counts.
        """
        key = (birth_date.year, birth_date.month, sex, declared, delay_months)
        found = self._months.get(key)
        if found is None:
            found = self._months[key] = self._reckon(*key)
        year, month, last = found
        return date(year, month, min(birth_date.day, last))

    def working_beyond(self, day: date) -> dict[str, date]:
        """By sex, the latest day of birth with which somebody might be retired on ``day``: nobody retires before the
        lowest of the ages before the reform."""
        ages = {Sex.MALE: ("M",), Sex.FEMALE: FEMALE_CLASSES}
        lowest = {sex: min(self._values[group]["original"] for group in groups) for sex, groups in ages.items()}
        # One day more, for who is born on 29 February.
        return {sex.value: add_years(day, -years) + date.resolution for sex, years in lowest.items()}

    def _reckon(self, year: int, month: int, sex: str, declared: str, delay_months: int) -> tuple[int, int, int]:
        """Year and month of retirement of a birth month, and that month's last day."""
        group = retirement_class(sex, declared, self._default)
        found = retirement(date(year, month, 1), group, self._values)
        age = self._voluntary["declared" if delay_months else "undeclared"]
        day = found.original if age == "ORIGINAL" else found.day
        further = min(delay_months, self._values["flexible_delay_months"]) if age == "EXTENDED" else 0
        years, months = divmod(day.year * 12 + day.month - 1 + further, 12)
        return years, months + 1, monthrange(years, months + 1)[1]
