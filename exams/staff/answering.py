"""Whoever is asked to staff an exam accepts, or declines with a reason (rules 8)."""

from certification.organisations import access, separation
from certification.organisations.separation import Capacity
from certification.refusals import Incomplete, NotPermitted, Problem
from certification.workflow import activity, apply_one, lock, log
from exams.day_states import STAFF, StaffState
from exams.models import StaffAssignment
from exams.rooms.staffing import leave, require_staffable
from exams.staff.telling import tell_officers, with_place

ANSWER = "exams.duty.answer"


@activity
def accept(*, actor, now, assignment_id: int) -> StaffAssignment:
    """Take the duty. Twice is once. Raises NotPermitted, WrongState, SeparationBreach: a conflict that came up
    meanwhile."""
    row = _own(actor, assignment_id)
    if row.state == StaffState.ACCEPTED:
        return row
    separation.require(row.person_id, Capacity.STAFFS, row.use.part.session)

    def change(one: StaffAssignment) -> None:
        one.answered_at = now

    apply_one(STAFF, "accept", row, actor=actor, now=now, change=change, fields=("answered_at",))
    return row


@activity
def decline(*, actor, now, assignment_id: int, reason: str) -> StaffAssignment:
    """Give the duty back, with a reason; the officers are told that somebody is missing. Raises NotPermitted,
    WrongState, Incomplete."""
    if not reason.strip():
        raise Incomplete([Problem("请填写谢绝的原因。", code="required", field="reason")])
    row = _own(actor, assignment_id)
    require_staffable(row.use.part.session, row.use_id)
    leave("decline", row, actor=actor, now=now, reason=reason)
    told = with_place(row)
    session = told.use.part.session
    log([session], "staff_declined", actor=actor, now=now, reason=reason.strip(), detail={"person": row.person_id})
    title = f"{told.person}谢绝了考务安排：场次{session.number}{told.use.room.name}"
    tell_officers(told, title, f"原因：{reason.strip()}。请安排人员接替。", now=now)
    return row


def _own(actor, assignment_id: int) -> StaffAssignment:
    access.require(actor, ANSWER)
    rows = StaffAssignment.objects.visible_to(actor).filter(pk=assignment_id)
    found = lock(rows.select_related("use__part__session", "person"))
    if not found:
        raise StaffAssignment.DoesNotExist
    if found[0].person_id != actor.person_id:
        raise NotPermitted("考务安排由本人答复。")
    return found[0]
