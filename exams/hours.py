"""Proof of training hours handed in late: the organiser confirms it before sign-in (rules 2.10)."""

from collections.abc import Iterable

from simple_history.utils import bulk_update_with_history

from certification.organisations import access
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.workflow import Result, activity, lock, log
from exams import obligations
from exams.listing import is_renewal
from exams.models import ExamApplication
from exams.states import EXAMINED, OPEN
from exams.states import ApplicationState as A


@activity
def confirm_hours(*, actor, now, application_ids: Iterable[int]) -> list[Result]:
    """Confirm that the uploaded proof of hours holds; a result per row.

    Only for renewals with a current proof; an upload in time met the deadline, the confirmation admits.
    """
    access.require(actor, "exams.hours.confirm")
    rows = ExamApplication.objects.visible_to(actor).with_case().filter(pk__in=list(application_ids))
    applications = lock(rows)
    if not applications:
        raise ExamApplication.DoesNotExist
    for organiser_id in {row.organiser_id for row in applications}:
        access.require_own(actor, organiser_id)
    proven = obligations.with_hours_proof(applications)
    examined = set(
        ExamApplication.objects.filter(pk__in=[row.pk for row in applications], candidates__state__in=EXAMINED)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    results = [Result(row, _in_the_way(row, proven, examined), row.state) for row in applications]
    confirmed = [result.row for result in results if result.ok]
    for row in confirmed:
        row.hours_confirmed_by, row.hours_confirmed_at = actor, now
    if confirmed:
        bulk_update_with_history(
            confirmed,
            ExamApplication,
            ["hours_confirmed_by", "hours_confirmed_at"],
            default_user=actor,
            default_change_reason="确认学时证明",
            default_date=now,
        )
    log(confirmed, "confirm_hours", actor=actor, now=now)
    return results


def _in_the_way(application: ExamApplication, proven: set[int], examined: set[int]) -> Refusal | None:
    if not is_renewal(application) or application.state not in OPEN or application.state == A.DRAFT:
        return WrongState(f"“{application}”不需要确认学时证明。")
    if application.hours_confirmed_at is not None:
        return WrongState(f"“{application}”的学时证明已确认。", code="already_confirmed")
    if application.pk in examined:
        return WrongState(f"“{application}”已参加考试。", code="examined")
    if application.pk not in proven:
        return Incomplete([Problem(f"“{application}”尚未上传学时证明。", code="missing")], clause="方案三（二）2")
    return None
