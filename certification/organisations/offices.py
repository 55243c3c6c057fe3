"""Whose work something is at an organiser: the role of the city bureau, or the one of the province that matches it."""

from collections.abc import Callable

from certification.organisations.models import Organisation, OrganisationKind
from certification.organisations.roles import Role

Office = Callable[[Organisation], Role]


def _either(city: Role, province: Role) -> Office:
    return lambda organisation: city if organisation.kind == OrganisationKind.CITY_BUREAU else province


exam_officer = _either(Role.CITY_EXAM_OFFICER, Role.PROVINCIAL_EXAM_OFFICER)
results_clerk = _either(Role.CITY_RESULTS_CLERK, Role.PROVINCIAL_RESULTS_CLERK)
results_checker = _either(Role.CITY_RESULTS_CHECKER, Role.PROVINCIAL_RESULTS_CHECKER)
inspector = _either(Role.CITY_SUPERVISOR, Role.PROVINCIAL_INSPECTOR)
head = _either(Role.CITY_HEAD, Role.PROVINCIAL_HEAD)
