"""A training plan begun from the planner: its form with what was planned."""

from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from certification.deadlines.planning import starts
from training.plans.filing import FILE

# The fields of the plan's form that a planner can fill.
FIELDS = ("kind", "job_type", "class_start", "class_end", "wished_exam_on")


def register() -> None:
    """Offer the form in the planner."""
    starts.register("据此新建培训计划", FILE, address)


def address(planned_for: starts.PlannedFor) -> str:
    """The form of a new plan with the planned days; nothing without a class start."""
    wish = planned_for.wish
    if wish.class_start is None:
        return ""
    values = (wish.kind.value, planned_for.job_type, wish.class_start, wish.class_end, wish.exam_on)
    typed = {name: value for name, value in zip(FIELDS, values, strict=True) if value}
    return f"{reverse('training:plan_create')}?{urlencode(typed)}"


def initial(asked: QueryDict) -> dict[str, str]:
    """What the address fills into the form; the form judges it."""
    return {name: asked[name] for name in FIELDS if asked.get(name)}
