"""Feeding the province's results back to the city [三(二)1]. The institution is told by ``exams.reviewing``."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.urls import reverse

from approvals.models import Stage
from approvals.opinions import Opinion
from approvals.stages import Step
from certification.notices.sending import notify
from certification.organisations.models import RoleAssignment, User
from certification.organisations.roles import Role
from exams.models import ExamApplication

NAMES_SHOWN = 8


def tell(step: Step, opinion: Opinion, applications: Sequence[ExamApplication], *, now) -> None:
    """Queue the notices of one opinion: one per city, with names and numbers. Inside the transaction."""
    if step.stage == Stage.FINAL and applications:
        _tell_city(f"省级审核{opinion.outcome.label}", opinion, applications, now=now)


def tell_objection(applications: Sequence[ExamApplication], opinion: Opinion, *, now) -> None:
    """The city hears that the province objected and that it has to review again."""
    if applications:
        _tell_city("省厅对审核结果提出异议", opinion, applications, now=now)


def _tell_city(title: str, opinion: Opinion, applications: Sequence[ExamApplication], *, now) -> None:
    concerned: dict[int, list[ExamApplication]] = defaultdict(list)
    for application in applications:
        concerned[application.organiser_id].append(application)
    people = _holders(Role.CITY_REVIEWER, concerned, now.date())
    for organiser_id, rows in concerned.items():
        notify(
            people[organiser_id],
            title=f"{title}：{len(rows)}人",
            body="\n".join(filter(None, [_names(rows), opinion.text])),
            url=_address(rows),
            now=now,
        )


def _holders(role: Role, organisation_ids: Iterable[int], day) -> dict[int, list[User]]:
    """Who holds ``role`` at each organisation, in one query."""
    people: dict[int, list[User]] = defaultdict(list)
    assignments = RoleAssignment.objects.in_force(day).filter(
        role=role, user__is_active=True, user__organisation__in=list(organisation_ids)
    )
    for assignment in assignments.select_related("user"):
        people[assignment.user.organisation_id].append(assignment.user)
    return people


def _names(rows: Sequence[ExamApplication]) -> str:
    shown = "、".join(f"{row.person}（{row.number}）" for row in rows[:NAMES_SHOWN])
    return shown if len(rows) <= NAMES_SHOWN else f"{shown}等{len(rows)}人"


def _address(rows: Sequence[ExamApplication]) -> str:
    return reverse("approvals:case", args=[rows[0].pk]) if len(rows) == 1 else reverse("approvals:reviewed")
