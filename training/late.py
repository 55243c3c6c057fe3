"""What of a training plan the provincial head may admit late: its filing, and its roster (rules 2.5)."""

from datetime import date, timedelta

from django.urls import reverse

from certification import clock
from certification.deadlines.late_admissions import admissible, admissions
from certification.deadlines.late_admissions.admissible import Admissible, Parties
from certification.organisations import separation
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.organisations.routing import route_for
from certification.organisations.separation import Capacity
from certification.refusals import Refusal
from certification.workdays.wording import full_day
from training.models import TrainingPlan
from training.notifying import plan_url
from training.plans.filing import FILE, PLAN_FILING, ROSTER
from training.rosters.submitting import SUBMIT


def register() -> None:
    """Fill the registry of the deadlines."""
    admissible.register(_entry(PLAN_FILING, FILE, _to_file_or_move, _before_class))
    admissible.register(_entry(ROSTER, SUBMIT, lambda plan: "training:roster", lambda plan, event_on: plan.class_end))
    separation.register_source(TrainingPlan, Capacity.ADMITS, admissions.has_admitted(TrainingPlan))


def _entry(rule_code: str, action: str, act_name, last_day) -> Admissible:
    return Admissible(
        rule_code=rule_code,
        model=TrainingPlan,
        askers=((action, "institution_id"),),
        rows=lambda plans: plans.select_related(
            "institution__territory", "organiser", "job_type__group", "variant", "rule_edition"
        ),
        parties=lambda plan: Parties(plan.institution, _organiser(plan)),
        url=plan_url,
        act_url=lambda plan, organisation_id: reverse(act_name(plan), args=[plan.pk]),
        facts=_facts,
        edition=lambda plan: plan.rule_edition,
        last_day=last_day,
        told=(Role.CITY_REVIEWER,),
    )


def _to_file_or_move(plan: TrainingPlan) -> str:
    """A plan that stands needs an admission only for another class start."""
    return "training:plan_move" if plan.is_standing else "training:plan_file"


def _before_class(plan: TrainingPlan, event_on: date) -> date:
    """A plan is filed before class starts, whoever admits it."""
    return event_on - timedelta(days=1)


def _organiser(plan: TrainingPlan) -> Organisation | None:
    """Who organises the exam; for a draft the one to whom it would be filed today, so that they hear of it too."""
    if plan.organiser or not plan.job_type:
        return plan.organiser
    try:
        return route_for(plan.job_type, plan.institution, clock.today()).organiser
    except Refusal:
        return None


def _facts(plan: TrainingPlan) -> list[tuple[str, object]]:
    return [
        ("操作项目", plan.job_type),
        ("培训类型", plan.get_kind_display()),
        ("培训机构", plan.institution),
        ("开班", full_day(plan.class_start) if plan.class_start else ""),
        ("结班", full_day(plan.class_end) if plan.class_end else ""),
        ("班级容量（人）", plan.capacity),
        ("培训计划状态", plan.get_state_display()),
        ("报备编号", plan.number),
    ]
