"""What differs between two states of a plan, for whoever files it again and whoever answers again (rules 3.5)."""

from dataclasses import dataclass

from training.models import TrainingPlan
from training.plans.plan_entry import FIELDS


@dataclass(frozen=True)
class Change:
    """One field: its name, what stood there, what stands there now."""

    label: str
    before: str
    after: str


def changes(before: TrainingPlan, after: TrainingPlan) -> list[Change]:
    """The fields of the form in which the two differ."""
    found = []
    for name in FIELDS:
        old, new = (_shown(plan, name) for plan in (before, after))
        if old != new:
            found.append(Change(TrainingPlan._meta.get_field(name).verbose_name, old or "（空）", new or "（空）"))
    return found


def _shown(plan: TrainingPlan, name: str) -> str:
    value = plan.get_kind_display() if name == "kind" else getattr(plan, name)
    return "" if value is None else str(value)
