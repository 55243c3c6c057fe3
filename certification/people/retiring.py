"""When somebody reaches the statutory retirement age, by the rules of an edition."""

from datetime import date

from certification.people.eligibility import retirement, retirement_class
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition

AREA = "eligibility"


def retirement_day(birth_date: date, sex: str, declared: str, edition: RuleEdition) -> date:
    """The statutory retirement day; ``declared`` is what a woman declared of her class (F55 or F50, "" for nothing),
    where the province's default of rule ``female_class_default`` counts."""
    group = retirement_class(sex, declared, lookup.values(AREA, "female_class_default", edition))
    return retirement(birth_date, group, lookup.values(AREA, "retirement", edition)).day
