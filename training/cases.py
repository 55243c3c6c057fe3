"""Fetching the cases of this app for an activity: locked, and only what the actor may see."""

from certification.refusals import Refusal
from certification.workflow import lock
from training.models import TrainingPlan


class NotFound(Refusal):
    """There is no such case, or not for this actor: the two are not told apart (rules 5)."""

    code = "not_found"


def locked_plan(actor, plan_id: int) -> TrainingPlan:
    """The plan, locked and freshly read; raises NotFound."""
    plans = lock(
        TrainingPlan.objects.visible_to(actor)
        .filter(pk=plan_id)
        .select_related("institution__territory", "job_type__group", "variant", "organiser", "rule_edition")
    )
    if not plans:
        raise NotFound("没有找到该培训计划。")
    return plans[0]
