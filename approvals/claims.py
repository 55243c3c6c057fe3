"""What an undecided licence holds a person to: no second class for the same job type."""

from collections.abc import Collection

from approvals.models import LicenceApplicant
from approvals.states import LicenceState
from certification.people.checks.subject import Subject

UNDECIDED = (
    LicenceState.PREPARED,
    LicenceState.SUBMITTED,
    LicenceState.CORRECTION,
    LicenceState.ACCEPTED,
    LicenceState.RECONCILED,
)


def elsewhere(person_ids: Collection[int], subject: Subject) -> dict[int, str]:
    """For the checks of people: whose licence for the job type is not decided yet, from another class.

    The exam alone no longer claims who passed it (``exams.claims``). Another institution is not named. One query.
    """
    rows = LicenceApplicant.objects.filter(
        state__in=UNDECIDED,
        candidate__application__person__in=person_ids,
        candidate__application__job_type__code=subject.job_type.code,
    ).exclude(candidate__application__plan=subject.class_id)
    found = [(row.candidate.application, row) for row in rows.select_related("candidate__application").order_by("pk")]
    return {
        application.person_id: f"本机构的发证许可申请（{row.get_state_display()}）"
        if application.institution_id == subject.institution_id
        else "本省其他培训机构的发证许可申请"
        for application, row in found
    }
