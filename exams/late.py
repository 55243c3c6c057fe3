"""What in examinations the provincial head may admit late: applications, hours proofs, exam plans (rules 2.5, 2.7)."""

from datetime import date, timedelta

from django.urls import reverse

from certification.deadlines.late_admissions import admissible, admissions
from certification.deadlines.late_admissions.admissible import Admissible, Parties
from certification.organisations import separation
from certification.organisations.models import OrganisationKind
from certification.organisations.roles import Role
from certification.organisations.routing import category_organised
from certification.organisations.separation import Capacity
from certification.workdays.wording import full_day
from exams.applications import obligations
from exams.models import ExamApplication, ExamPlan
from exams.states import FILED_PLANS

FILE, ASSIGN, FILE_PLAN = "exams.application.file", "exams.pool.assign", "exams.plan.file"


def register() -> None:
    """Fill the registry of the deadlines."""
    admissible.register(
        # Submitted late by the institution, or assigned late by the organiser to a session that others applied for.
        _of_application(
            obligations.MATERIALS_INITIAL,
            ((FILE, "institution_id"), (ASSIGN, "organiser_id")),
            _before,
            _class_or_pool,
        )
    )
    admissible.register(
        _of_application(
            obligations.MATERIALS_RENEWAL,
            ((FILE, "institution_id"),),
            lambda application, event_on: application.plan.class_end,
            _class_or_pool,
        )
    )
    admissible.register(
        _of_application(
            obligations.HOURS_PROOF,
            ((FILE, "institution_id"),),
            lambda application, event_on: event_on,
            lambda application, organisation_id: _application_url(application),
        )
    )
    admissible.register(_exam_plan())
    for model in (ExamApplication, ExamPlan):
        separation.register_source(model, Capacity.ADMITS, admissions.has_admitted(model))


def _of_application(rule_code: str, askers, last_day, act_url) -> Admissible:
    return Admissible(
        rule_code=rule_code,
        model=ExamApplication,
        askers=askers,
        rows=lambda applications: applications.with_case(),
        parties=lambda application: Parties(application.institution, application.organiser),
        url=_application_url,
        act_url=act_url,
        facts=_application_facts,
        edition=lambda application: application.rule_edition,
        last_day=last_day,
        told=(Role.CITY_EXAM_OFFICER,),
    )


def _exam_plan() -> Admissible:
    return Admissible(
        rule_code=obligations.EXAM_PLAN,
        model=ExamPlan,
        askers=((FILE_PLAN, "organiser_id"),),
        rows=lambda plans: plans.select_related("organiser"),
        parties=lambda plan: Parties(None, plan.organiser),
        url=lambda plan: reverse("exams:plan_detail", args=[plan.pk]),
        act_url=lambda plan, organisation_id: _to_file_or_moved(plan),
        facts=_plan_facts,
        edition=lambda plan: None,
        last_day=_before,
        category=lambda plan, event_on: _category(plan),
        told=(Role.CITY_EXAM_OFFICER,),
    )


def _to_file_or_moved(plan: ExamPlan) -> str:
    """A filed plan needs an admission only for a session that is to be moved."""
    name = "exams:plan_detail" if plan.state in FILED_PLANS else "exams:plan_file"
    return reverse(name, args=[plan.pk])


def _before(case, event_on: date) -> date:
    """Nobody joins a session, and no session joins a plan, on its own day."""
    return event_on - timedelta(days=1)


def _category(plan: ExamPlan) -> str:
    return category_organised(by_province=plan.organiser.kind == OrganisationKind.PROVINCIAL_CENTRE)


def _application_url(application: ExamApplication) -> str:
    return reverse("exams:application_detail", args=[application.pk])


def _class_or_pool(application: ExamApplication, organisation_id: int) -> str:
    if organisation_id == application.institution_id:
        return reverse("exams:class_applications", args=[application.plan_id])
    return reverse("exams:pool")


def _application_facts(application: ExamApplication) -> list[tuple[str, object]]:
    return [
        ("考生", application.person),
        ("操作项目", application.job_type),
        ("申请类型", application.get_kind_display()),
        ("培训机构", application.institution),
        ("考试组织单位", application.organiser),
        ("班级", application.plan),
        ("申报状态", application.get_state_display()),
    ]


def _plan_facts(plan: ExamPlan) -> list[tuple[str, object]]:
    items = plan.items.select_related("session__job_type").order_by("session__starts_on", "pk")
    sessions = [
        f"{item.session.number} {item.session.job_type} {full_day(item.session.starts_on)}，预计 {item.expected} 人"
        for item in items
    ]
    return [
        ("考试组织单位", plan.organiser),
        ("场次", "；".join(sessions)),
        ("考试计划状态", plan.get_state_display()),
    ]
