"""What of an institution's unfinished work others see: nothing. A draft belongs to who writes it."""

from django.db.models import Q

from certification.organisations.models import OrganisationKind, User
from exams.models import ExamApplication, ExamPlan
from exams.states import ApplicationState, ExamPlanState


def applications_for(user: User):
    """Applications that ``user`` may see; drafts only at the institution that writes them."""
    rows = ExamApplication.objects.visible_to(user)
    return rows if _is_institution(user) else rows.exclude(state=ApplicationState.DRAFT)


def plans_for(user: User):
    """Exam plans that ``user`` may see; another organiser's drafts are not among them."""
    rows = ExamPlan.objects.visible_to(user)
    return rows.exclude(~_own(user), state=ExamPlanState.DRAFT)


def _is_institution(user: User) -> bool:
    return bool(user.organisation and user.organisation.kind == OrganisationKind.TRAINING_INSTITUTION)


def _own(user: User):
    return Q(organiser=user.organisation_id)
