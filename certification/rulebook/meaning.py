"""What the values of rules mean, beyond their shape: whoever reads the rules of an area says what is wrong with one of
them, when the shipped rules are loaded, when a rule of a draft is changed and before an edition comes into force."""

from collections.abc import Callable

from certification.rulebook.models import Rule

Check = Callable[[Rule], list[str]]

_checks: dict[str, Check] = {}


def register(area: str, check: Check) -> None:
    """Let ``check`` judge the rules of ``area``: a sentence for each thing that is wrong. Of each area one; called when
    an app is ready."""
    if _checks.setdefault(area, check) is not check:
        raise ValueError(f"the rules of {area} are checked already")


def problems_of(rule: Rule) -> list[str]:
    """What is wrong with the rule; nothing where nobody knows what its area means."""
    check = _checks.get(rule.area)
    return check(rule) if check else []
