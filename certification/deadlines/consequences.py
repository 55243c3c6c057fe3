"""What a missed deadline does (rules 2.5): apps register one function per rule, the sweep runs it once per case."""

from collections.abc import Callable
from datetime import datetime

from certification.deadlines.models import Deadline

# Runs inside the transaction of its case, at least once and as far as the database can tell exactly once. It must
# look at the case again (it may have moved on) and must never approve anything.
Consequence = Callable[[Deadline, datetime], None]

_registered: dict[str, list[Consequence]] = {}


def register(rule_code: str, consequence: Consequence) -> None:
    """Run ``consequence(deadline, now)`` when a deadline of ``rule_code`` is breached; call in AppConfig.ready."""
    functions = _registered.setdefault(rule_code, [])
    if consequence not in functions:
        functions.append(consequence)


def of(rule_code: str) -> tuple[Consequence, ...]:
    """What is registered for a rule; several run in the order of registration."""
    return tuple(_registered.get(rule_code, ()))


def rules() -> tuple[str, ...]:
    """The codes of the rules for which something is registered."""
    return tuple(_registered)
