"""What an undecided licence holds a person to: no second class for the same job type."""

from collections.abc import Collection

from approvals.models import LicenceApplicant
from approvals.states import LicenceState
from training.models import TrainingPlan

UNDECIDED = (
    LicenceState.PREPARED,
    LicenceState.SUBMITTED,
    LicenceState.CORRECTION,
    LicenceState.ACCEPTED,
    LicenceState.RECONCILED,
)


def elsewhere(person_ids: Collection[int], plan: TrainingPlan) -> dict[int, str]:
    """For training's roster checks: whose licence for the plan's job type is not decided yet, from another class.

    The exam alone no longer claims who passed it (``exams.claims``). One query.
    """
    rows = LicenceApplicant.objects.filter(
        state__in=UNDECIDED,
        candidate__application__person__in=list(person_ids),
        candidate__application__job_type=plan.job_type_id,
    ).exclude(candidate__application__plan=plan.pk)
    rows = rows.select_related("candidate__application__institution").order_by("pk")
    found = ((row.candidate.application, row) for row in rows)
    return {
        application.person_id: f"发证许可申请（{application.institution.short_name}，{row.get_state_display()}）"
        for application, row in found
    }
