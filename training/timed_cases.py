"""Training plans and spot checks as cases that deadlines are about (board, figures, 用时明细)."""

from datetime import datetime

from certification import clock
from certification.deadlines import cases, holders
from training.models import SpotCheck, TrainingPlan
from training.states import CHECK_HELD_BY, PLAN_HELD_BY


def register() -> None:
    """Fill the registries."""
    holders.register(TrainingPlan._meta.label, PLAN_HELD_BY)
    cases.register(
        cases.CaseKind(
            model=TrainingPlan,
            slug="plan",
            view="training:plan_detail",
            parties=lambda plan: (plan.institution, plan.organiser),
            job_type="job_type",
            organiser="organiser",
            related=("institution", "organiser", "job_type", "variant"),
            ended_at=_class_over,
        )
    )
    holders.register(SpotCheck._meta.label, CHECK_HELD_BY)
    cases.register(
        cases.CaseKind(
            model=SpotCheck,
            slug="spot-check",
            view="training:check",
            parties=lambda check: (check.plan.institution, check.plan.organiser),
            job_type="plan__job_type",
            organiser="plan__organiser",
            related=("plan__institution", "plan__organiser", "plan__job_type"),
            began_at=lambda check: check.checked_at,
        )
    )


def _class_over(plan: TrainingPlan, now: datetime) -> datetime | None:
    """The case of a class ends with it; what follows are the cases of its trainees."""
    end = clock.end_of(plan.class_end) if plan.class_end else None
    return end if end and end <= now else None
