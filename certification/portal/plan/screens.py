"""On which screens a clause of the plan happens. Apps register in ``AppConfig.ready``.

``register("三(一)", "培训计划报备", "training:plan-new")``: a clause without a screen is shown as 未实现.
"""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from certification.organisations.access import ACTIONS, ANY_ACCOUNT, PUBLIC, URLS
from certification.organisations.roles import Role
from certification.portal.plan.clauses import codes


@dataclass(frozen=True)
class Screen:
    """Where a clause happens; ``url`` is empty for those who may not open it, and for pages of one single case."""

    label: str
    url: str = ""


_SCREENS: dict[str, dict[str, str]] = {}


def register(clause: str, label: str, url_name: str) -> None:
    """Link ``clause`` to the view ``url_name``. Raises LookupError for a clause that the plan does not have."""
    if clause not in codes():
        raise LookupError(f"the plan has no clause {clause}")
    _SCREENS.setdefault(clause, {})[label] = url_name


def screens_of(clause: str, roles: frozenset[Role]) -> list[Screen]:
    """The screens of ``clause``, linked where ``roles`` may open them."""
    return [Screen(label, _address(name, roles)) for label, name in _SCREENS.get(clause, {}).items()]


def _address(url_name: str, roles: frozenset[Role]) -> str:
    code = URLS.get(url_name)
    if code is None or (code not in (PUBLIC, ANY_ACCOUNT) and not ACTIONS[code].roles & roles):
        return ""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
