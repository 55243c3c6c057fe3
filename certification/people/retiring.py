"""When somebody reaches the statutory retirement age, by the rules of an edition."""

from datetime import date

from certification.people.eligibility import add_months, retirement, retirement_class
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition

AREA = "eligibility"


def retirement_day(birth_date: date, sex: str, declared: str, edition: RuleEdition, *, delay_months: int = 0) -> date:
    """The statutory retirement day; ``declared`` is what a woman declared of her class (F55 or F50, "" for nothing),
    where the province's default of rule ``female_class_default`` counts. ``delay_months`` of voluntary delay count as
    far as rule ``retirement`` lets them (``flexible_delay_months``)."""
    group = retirement_class(sex, declared, lookup.values(AREA, "female_class_default", edition))
    values = lookup.values(AREA, "retirement", edition)
    found = retirement(birth_date, group, values)
    delay = min(delay_months, values.get("flexible_delay_months", 0))
    return add_months(birth_date, values[group]["original"] * 12 + found.delay + delay) if delay else found.day
