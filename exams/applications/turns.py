"""Whose turn it is under the review deadlines of an exam application (rules 2.8): told to the reminders."""

from collections.abc import Sequence

from certification.deadlines import acting
from certification.deadlines.holders import Tier
from certification.deadlines.models import Deadline
from certification.rulebook import lookup
from exams.applications import obligations
from exams.models import ExamApplication
from exams.states import APPLICATION_HELD_BY, UNDER_REVIEW
from exams.states import ApplicationState as A

# The state in which the tier acts that each review rule binds.
OWN_STATE = {
    obligations.PRELIMINARY_REVIEW: A.PRELIMINARY_REVIEW,
    obligations.FINAL_REVIEW: A.FINAL_REVIEW,
    obligations.CITY_REVIEW_REPORT: A.CITY_REVIEW,
    obligations.DIRECT_REVIEW: A.DIRECT_REVIEW,
}


def register() -> None:
    """Tell the kernel; called when the app is ready."""
    acting.register(ExamApplication._meta.label, whose_turn)


def whose_turn(deadlines: Sequence[Deadline]) -> dict[int, Tier]:
    """The tier that acts now under each review deadline, where it is not the one that the rule binds.

    Returned by that tier: the institution, until that day. With a tier that has a day of its own ahead: nobody. With a
    tier whose own day was met once (the province returned to the city what the city had forwarded): that tier, or the
    institution if it went on to return it. Two queries.
    """
    reviews = [(row, OWN_STATE[code]) for row in deadlines if (code := _rule(row)) in OWN_STATE]
    if not reviews:
        return {}
    rows = ExamApplication.objects.filter(pk__in={row.subject_id for row, _own in reviews})
    stands = {
        pk: (state, returned_from or state)
        for pk, state, returned_from in rows.values_list("pk", "state", "returned_from")
    }
    unmet = _unmet(reviews[0][0].subject_type_id, stands)
    found = {}
    for row, own in reviews:
        state, at = stands.get(row.subject_id, ("", ""))
        if at not in UNDER_REVIEW:
            continue
        if at != own and (row.subject_id, at) in unmet:
            found[row.pk] = Tier.NOBODY
        elif state == A.RETURNED or at != own:
            found[row.pk] = APPLICATION_HELD_BY[state]
    return found


def _rule(row: Deadline) -> str:
    return lookup.by_id(row.rule_id).code


def _unmet(subject_type_id: int, application_ids) -> set[tuple[int, str]]:
    """Application and state of the review deadlines that are still to be met."""
    rows = Deadline.objects.unmet().filter(
        subject_type=subject_type_id, subject_id__in=list(application_ids), rule__code__in=OWN_STATE
    )
    return {(pk, OWN_STATE[code]) for pk, code in rows.values_list("subject_id", "rule__code")}
