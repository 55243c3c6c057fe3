"""What can be started from a plan. Apps register in ``AppConfig.ready``; the kernel knows none of them.

``register("据此新建培训计划", "training.file_plans", address)`` where ``address(planned_for)`` gives the address of a
form with the plan's days filled in, or "" where this plan lacks what the form needs.
"""

from collections.abc import Callable
from dataclasses import dataclass

from certification.deadlines.planning.planner import Wish
from certification.organisations.access import may
from certification.organisations.models import User


@dataclass(frozen=True)
class PlannedFor:
    """A wish with who plans, and the job type (its key) where one was chosen."""

    wish: Wish
    user: User
    job_type: int | None = None


@dataclass(frozen=True)
class Start:
    """A button: its label and the form that it opens."""

    label: str
    url: str


Address = Callable[[PlannedFor], str]
_registered: dict[str, tuple[str, Address]] = {}


def register(label: str, action: str, address: Address) -> None:
    """Offer ``label`` to whoever may do ``action``; registering it again replaces it."""
    _registered[label] = (action, address)


def offered(planned_for: PlannedFor) -> list[Start]:
    """What this person can start from this plan, in the order of registration."""
    found = [
        Start(label, address(planned_for))
        for label, (action, address) in _registered.items()
        if may(planned_for.user, action)
    ]
    return [start for start in found if start.url]
