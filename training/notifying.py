"""Who is told when something happens to a plan or a roster, and in which words."""

from collections.abc import Iterable

from django.urls import reverse

from certification.catalogue.models import Category
from certification.notices.sending import notify_role
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from training.models import PlanReceipt, Roster, TrainingPlan


def plan_url(plan: TrainingPlan | int) -> str:
    """The plan's page."""
    return reverse("training:plan_detail", args=[getattr(plan, "pk", plan)])


def reviewer_role(plan: TrainingPlan, recipient: Organisation) -> Role:
    """The role that receives filings at ``recipient``: the organising city's reviewer, or the province's."""
    at_city = plan.category == Category.TWO and recipient.pk == plan.organiser_id
    return Role.CITY_REVIEWER if at_city else Role.PROVINCIAL_REVIEWER


def tell_recipients(plan: TrainingPlan, receipts: Iterable[PlanReceipt], happened: str, *, now) -> None:
    """Tell the reviewers of every recipient what happened to the plan."""
    for receipt in receipts:
        notify_role(
            reviewer_role(plan, receipt.recipient),
            receipt.recipient,
            title=f"{plan.institution.short_name}{happened}：{plan}",
            body=f"回执编号 {receipt.number}。",
            url=plan_url(plan),
            about=plan,
            now=now,
        )


def tell_institution_answered(plans: list[TrainingPlan], recipient: Organisation, word: str, reason: str, *, now):
    """Tell each institution, once, which of its plans ``recipient`` has answered and how."""
    for own in _by_institution(plans):
        first = own[0]
        title = (
            f"{recipient.short_name}{word}培训计划：{first}"
            if len(own) == 1
            else f"{recipient.short_name}{word}培训计划 {len(own)} 个"
        )
        lines = [str(plan) for plan in own] if len(own) > 1 else []
        notify_role(
            Role.INSTITUTION_FILER,
            first.institution,
            title=title,
            body="\n".join([*lines, *([f"意见：{reason}"] if reason else [])]),
            url=plan_url(first) if len(own) == 1 else reverse("training:plan_list"),
            about=own,
            now=now,
        )


def tell_roster_submitted(roster: Roster, recipients: Iterable[Organisation], *, now) -> None:
    """Tell the reviewers of every recipient that a roster version came in."""
    plan = roster.plan
    for recipient in recipients:
        notify_role(
            reviewer_role(plan, recipient),
            recipient,
            title=f"{plan.institution.short_name}报送学员名单（第 {roster.version} 版，{roster.headcount} 人）",
            body=str(plan),
            url=plan_url(plan),
            about=plan,
            now=now,
        )


def _by_institution(plans: list[TrainingPlan]) -> list[list[TrainingPlan]]:
    grouped: dict[int, list[TrainingPlan]] = {}
    for plan in plans:
        grouped.setdefault(plan.institution_id, []).append(plan)
    return list(grouped.values())


def tell_institution(plan: TrainingPlan, title: str, body: str, url: str, *, now) -> None:
    """Tell the plan's institution."""
    notify_role(Role.INSTITUTION_FILER, plan.institution, title=title, body=body, url=url, about=plan, now=now)
