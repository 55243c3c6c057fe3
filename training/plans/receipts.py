"""Receipts (回执) of filed plans and rosters: one per recipient, numbered without gaps."""

from simple_history.utils import bulk_create_with_history

from certification.organisations.models import Organisation
from certification.organisations.routing import Route
from certification.records.models.numbers import next_numbers
from training.models import PlanReceipt, Roster, RosterReceipt, TrainingPlan

PLAN_SERIES, PLAN_PREFIX = "training_plan_receipt", "BB"
ROSTER_SERIES, ROSTER_PREFIX = "roster_receipt", "MD"


def plan_number(now) -> str:
    """The number of a plan filed at ``now``."""
    return _numbers("training_plan", "PX", 1, now)[0]


def issue_plan_receipts(plan: TrainingPlan, route: Route, *, actor, now) -> list[PlanReceipt]:
    """One receipt for each recipient of the route."""
    numbers = _numbers(PLAN_SERIES, PLAN_PREFIX, len(route.recipients), now)
    receipts = [
        PlanReceipt(plan=plan, recipient=recipient, number=number, received_at=now, version=plan.version)
        for recipient, number in zip(route.recipients, numbers, strict=True)
    ]
    return bulk_create_with_history(receipts, PlanReceipt, default_user=actor, default_date=now)


def issue_roster_receipts(roster: Roster, recipients: list[Organisation], *, actor, now) -> list[RosterReceipt]:
    """One receipt of this roster version for each recipient of the plan."""
    numbers = _numbers(ROSTER_SERIES, ROSTER_PREFIX, len(recipients), now)
    receipts = [
        RosterReceipt(roster=roster, recipient=recipient, number=number, received_at=now)
        for recipient, number in zip(recipients, numbers, strict=True)
    ]
    return bulk_create_with_history(receipts, RosterReceipt, default_user=actor, default_date=now)


def _numbers(series: str, prefix: str, count: int, now) -> list[str]:
    return [f"{prefix}-{now.year}-{number:04d}" for number in next_numbers(series, now.year, count)]
