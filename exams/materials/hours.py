"""Proof of training hours handed in late: the organiser confirms it before sign-in, or sends it back (rules 2.10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.urls import reverse

from certification import clock
from certification.deadlines import ledger
from certification.deadlines.models import Deadline
from certification.notices.sending import notify_role
from certification.organisations import access
from certification.organisations.roles import Role
from certification.people import bars
from certification.records import bulk
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.workflow import Result, activity, lock, log
from exams.applications import obligations
from exams.models import ExamApplication, Material, MaterialKind
from exams.sessions.listing import is_renewal
from exams.states import EXAMINED, OPEN
from exams.states import ApplicationState as A

_AGAIN = "请在开考前1个工作日24:00前重新提交，未经确认的不准考。"
_TOO_LATE = "提交期限已过，本场不准考；该学员转入待安排，可以参加以后的场次。"


class Slot(StrEnum):
    """How the late proof of hours of a renewal stands."""

    OWED = "owed"
    HANDED_IN = "handed_in"
    CONFIRMED = "confirmed"
    MISSED = "missed"


@dataclass(frozen=True)
class LateHours:
    """What institution, city and organiser see of a proof that may follow: how it stands, until when, and why the last
    one was sent back."""

    state: Slot
    deadline: Deadline | None
    rejected: str = ""


def late_hours(applications: Iterable[ExamApplication]) -> dict[int, LateHours]:
    """The late slot of each submitted renewal: application id → how it stands. Three queries however many."""
    rows = [row for row in applications if is_renewal(row) and row.state in OPEN and row.state != A.DRAFT]
    if not rows:
        return {}
    proven = obligations.with_hours_proof(rows)
    deadlines = ledger.find_all(obligations.HOURS_PROOF, rows)
    rejected = dict(
        Material.objects.filter(application__in=[row.pk for row in rows], kind=MaterialKind.HOURS_PROOF)
        .exclude(rejected_reason="")
        .order_by("replaced_at")
        .values_list("application", "rejected_reason")
    )
    found = {}
    for row in rows:
        deadline = deadlines.get(row.pk)
        state = _slot(row, row.pk in proven, deadline)
        why = rejected.get(row.pk, "") if state in (Slot.OWED, Slot.MISSED) else ""
        found[row.pk] = LateHours(state, deadline, why)
    return found


def _slot(application: ExamApplication, proven: bool, deadline: Deadline | None) -> Slot:
    if application.hours_confirmed_at is not None:
        return Slot.CONFIRMED
    if proven:
        return Slot.HANDED_IN
    return Slot.MISSED if deadline is not None and _is_over(deadline, clock.now()) else Slot.OWED


def _is_over(deadline: Deadline, now) -> bool:
    """Whether the day for a proof that is not there has passed; one that was in time and sent back since changes
    nothing of it."""
    return now >= clock.end_of(deadline.due_on) or (deadline.breached_at is not None and deadline.met_at is None)


@activity
def reject_hours(*, actor, now, application_ids: Iterable[int], reason: str) -> list[Result]:
    """Send proofs back that do not hold, with the reason; a result per row. The proof stays on the record, the time to
    hand in a right one runs on to the same day, the institution is told."""
    access.require(actor, "exams.hours.confirm")
    if not reason.strip():
        raise Incomplete([Problem("请填写退回原因。", field="reason")])
    applications = lock(ExamApplication.objects.visible_to(actor).with_case().filter(pk__in=list(application_ids)))
    if not applications:
        raise ExamApplication.DoesNotExist
    for organiser_id in {row.organiser_id for row in applications}:
        access.require_own(actor, organiser_id)
    results = _judged(applications)
    rejected = [result.row for result in results if result.ok]
    for row in rejected:
        for proof in row.materials.filter(kind__in=obligations.PROOFS, replaced_at__isnull=True):
            proof.replaced_at, proof.rejected_reason = now, reason.strip()[:200]
            proof.save(update_fields=["replaced_at", "rejected_reason"])
    ledger.unmeet(obligations.HOURS_PROOF, rejected, now=now, reason="学时证明被退回")
    log(rejected, "reject_hours", actor=actor, now=now, reason=reason.strip())
    deadlines = ledger.find_all(obligations.HOURS_PROOF, rejected)
    for row in rejected:
        over = row.pk in deadlines and _is_over(deadlines[row.pk], now)
        notify_role(
            Role.INSTITUTION_FILER,
            row.institution,
            title=f"学时证明被退回：{row.person}（{row.job_type}）",
            body=f"{reason.strip()} {_TOO_LATE if over else _AGAIN}",
            url=reverse("exams:application_detail", args=[row.pk]),
            about=row,
            now=now,
        )
    return results


def _judged(applications: list[ExamApplication]) -> list[Result]:
    """Whether there is a proof to confirm or to send back, row by row."""
    proven = obligations.with_hours_proof(applications)
    examined = set(
        ExamApplication.objects.filter(pk__in=[row.pk for row in applications], candidates__state__in=EXAMINED)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return [Result(row, _in_the_way(row, proven, examined), row.state) for row in applications]


@activity
def confirm_hours(*, actor, now, application_ids: Iterable[int]) -> list[Result]:
    """Confirm that the uploaded proof of hours holds; a result per row.

    Only for renewals with a current proof; an upload in time met the deadline, the confirmation admits, so that nobody
    who is barred is confirmed.
    """
    access.require(actor, "exams.hours.confirm")
    rows = ExamApplication.objects.visible_to(actor).with_case().filter(pk__in=list(application_ids))
    applications = lock(rows)
    if not applications:
        raise ExamApplication.DoesNotExist
    for organiser_id in {row.organiser_id for row in applications}:
        access.require_own(actor, organiser_id)
    results = _judged(applications)
    barred = bars.in_force((row.person_id for row in applications), now.date())
    for result in results:
        if result.ok and (bar := barred.get(result.row.person_id)):
            result.refusal = bars.refusal(bar, result.row.person, "不予安排考试")
    confirmed = [result.row for result in results if result.ok]
    for row in confirmed:
        row.hours_confirmed_by, row.hours_confirmed_at = actor, now
    if confirmed:
        bulk.change(confirmed, ["hours_confirmed_by", "hours_confirmed_at"], actor=actor, at=now, reason="确认学时证明")
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
