"""What stands beside a case whoever shows it: who has it in hand, internal notes and messages. The templates
``reviews/_assignment.html`` and ``reviews/_notes.html`` show it; institutions get their messages alone."""

from approvals.assignments import assigned
from approvals.reviews import notes
from approvals.reviews.stages import BY_STATE
from certification import clock
from certification.organisations.access import may
from exams.models import ExamApplication


def beside(user, application: ExamApplication, *, office: bool) -> dict:
    """The context of both templates; ``office`` where the user works on the side that reviews and decides."""
    write = office and may(user, notes.WRITE)
    return {
        "hand": _hand(user, application) if office else None,
        "reads_notes": office and may(user, notes.READ),
        "notes": list(notes.readable(application, user)) if office else [],
        "filer_messages": list(notes.messages_of(application)),
        "may_write": write,
    }


def _hand(user, application: ExamApplication) -> dict | None:
    """Who has the case in hand and what the user may do about it; None outside a review."""
    step = BY_STATE.get(application.state)
    if step is None:
        return None
    held = assigned.open_of([application]).get(application.pk)
    of_team = may(user, step.action) and (not step.own or application.organiser_id == user.organisation_id)
    me = assigned.worker(user).pk
    mine = held is not None and held.assignee_id == me
    today = clock.today()
    only = assigned.rule(today).opinion == assigned.ASSIGNEE
    team = assigned.team(user.organisation_id, step.role, today) if of_team and mine else []
    return {
        "held": held,
        "mine": mine,
        "may_take": of_team and held is None,
        "may_take_over": of_team and held is not None and not mine and not only,
        "colleagues": [one for one in team if one.pk != me],
    }
