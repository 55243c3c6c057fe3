"""Who works on which application: what lists, cases and the review itself ask. The acts stand in ``assigning``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from approvals.models import Assignment
from approvals.reviews.stages import BY_STATE, Step
from certification import clock
from certification.organisations.models import Organisation, RoleAssignment, User
from certification.organisations.roles import Role
from certification.refusals import WrongState
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from exams.models import ExamApplication

ASSIGN = "approvals.assign_cases"
# Values of review.assignment.opinion: who may give an opinion on what a colleague has in hand.
ANYONE, TAKE_FIRST, ASSIGNEE = "ANYONE", "TAKE_FIRST", "ASSIGNEE"


@dataclass(frozen=True)
class AssignmentRule:
    """The rule review.assignment. ``opinion`` is ANYONE (having a case in hand is only information), TAKE_FIRST (a
    colleague takes it over first, one click) or ASSIGNEE (only who has it; the head reassigns).
    ``take_at_most`` cases are taken from the pool at once."""

    opinion: str
    take_at_most: int


def rule(day: date) -> AssignmentRule:
    """The rule as it is in force on ``day``."""
    return AssignmentRule(**lookup.values("review", "assignment", day))


def worker(user: User) -> User:
    """In whose name ``user`` works: the person acted for (rules 4.5), or their own."""
    return user.acting_for or user


# What lists show: put these around a queryset of applications. -------------------------------------------------


def shown(rows: QuerySet[ExamApplication]) -> QuerySet[ExamApplication]:
    """``rows`` with what ``assignment_of`` reads of each: one query more for the whole page."""
    return rows.prefetch_related(Prefetch("assignments", Assignment.objects.open().for_display(), to_attr="in_hand"))


def assignment_of(application: ExamApplication) -> Assignment | None:
    """Who has a row of ``shown`` in hand."""
    return application.in_hand[0] if application.in_hand else None


def in_pool(rows: QuerySet[ExamApplication]) -> QuerySet[ExamApplication]:
    """Those that nobody has in hand (待认领)."""
    return rows.filter(~Assignment.objects.open().of_row())


def held_by(rows: QuerySet[ExamApplication], user_id: int) -> QuerySet[ExamApplication]:
    """Those that the account has in hand."""
    return rows.filter(Assignment.objects.open().filter(assignee=user_id).of_row())


def mine(rows: QuerySet[ExamApplication], user: User) -> QuerySet[ExamApplication]:
    """Those that ``user`` has in hand; while acting for somebody, those of the absent person."""
    return held_by(rows, worker(user).pk)


def open_of(applications: Iterable[ExamApplication]) -> dict[int, Assignment]:
    """Who has which in hand: application id → assignment. One query."""
    rows = Assignment.objects.open().for_display().filter(application__in=[row.pk for row in applications])
    return {row.application_id: row for row in rows}


# Who may ------------------------------------------------------------------------------------------------------


def team_id(step: Step, application: ExamApplication, centre_id: int) -> int:
    """The organisation whose reviewers do ``step`` of the application."""
    return application.organiser_id if step.own else centre_id


def team(organisation: Organisation | int, role: Role, day: date) -> list[User]:
    """The reviewers of an organisation: active accounts that hold ``role`` themselves on ``day``, by name. Whoever
    only acts for one of them works in that one's name."""
    held = RoleAssignment.objects.in_force(day).filter(role=role).values("user")
    rows = User.objects.filter(pk__in=held, is_active=True, organisation=organisation, person__isnull=False)
    return sorted(rows.select_related("person", "organisation"), key=lambda user: (user.person.name, user.pk))


def require_in_hand(actor: User, assignment: Assignment | None, opinion: str) -> None:
    """Raise WrongState (code "assigned") where a colleague has the case in hand and the rule wants it taken over
    first. What nobody has in hand anybody of the team may do."""
    if assignment is None or opinion == ANYONE or actor.is_system or assignment.assignee_id == worker(actor).pk:
        return
    advice = "需要由您办理的，请先接手。" if opinion == TAKE_FIRST else "请由其转办，或者由负责人改派。"
    raise WrongState(
        f"该事项{held_in_words(assignment)}。", code="assigned", clause="规则 认领、分派和转办", advice=advice
    )


def held_in_words(assignment: Assignment) -> str:
    """由张三办理（11月27日认领)."""
    day = plain_day(clock.day_of(assignment.assigned_at))
    return f"由{assignment.assignee}办理（{day}{assignment.get_how_display()}）"


def step_of(application: ExamApplication) -> Step:
    """The review that the application waits for; raises WrongState where it waits for none."""
    step = BY_STATE.get(application.state)
    if step is None:
        raise WrongState(
            f"“{application}”当前状态为“{application.get_state_display()}”，不在审核环节。",
            advice="该事项可能已由他人处理，请刷新后查看。",
        )
    return step
