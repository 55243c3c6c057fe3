"""Completeness of what happened on the exam day: room records, incidents, tours, the recording (rules 10)."""

from approvals.dossiers.entries import Entry, visit_entry
from certification.inspections.states import CHECK_CLOSED
from certification.organisations import offices
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from exams.day_states import OPEN_INCIDENTS, IncidentState, RecordState
from exams.models import ExamSession, Incident, InspectionTour, RoomUse, SessionRecording
from exams.states import SessionState

HELD = (SessionState.HELD, SessionState.RELEASED)


def day_entries(session: ExamSession, officer: tuple[Organisation, Role]) -> list[Entry]:
    """The lines of the day; their turn has not come before the exam is held."""
    if session.state not in HELD:
        return [Entry(title, "", *officer, pending=True) for title in ("考场记录", "考试录像")]
    return [
        Entry("考场记录", _unsigned(session), *officer),
        Entry("考试录像", _unplaced(session), *officer),
        *_incidents(session, officer),
        *_tours(session, officer),
    ]


def _unsigned(session: ExamSession) -> str:
    uses = RoomUse.objects.in_force().filter(part__session=session, seats__isnull=False).distinct()
    rows = uses.exclude(record__state=RecordState.SIGNED).select_related("part", "room")
    names = [f"{row.part.get_part_display()}{row.room.name}" for row in rows.order_by("part__day", "pk")]
    return f"未签名：{'、'.join(names)}" if names else ""


def _unplaced(session: ExamSession) -> str:
    return "" if SessionRecording.objects.filter(session=session).exclude(place="").exists() else "未登记存放位置"


def _incidents(session: ExamSession, officer: tuple[Organisation, Role]) -> list[Entry]:
    """Each incident that nobody settled: the officer's, then the head's; a review is the province's."""
    entries = []
    rows = Incident.objects.filter(session=session, state__in=[*OPEN_INCIDENTS, IncidentState.REVIEWING])
    for row in rows.order_by("pk"):
        owner, role = officer
        if row.state == IncidentState.PROPOSED:
            role = offices.head(session.organiser)
        elif row.state == IncidentState.REVIEWING:
            owner, role = Organisation.objects.provincial_centre(), Role.PROVINCIAL_HEAD
        entries.append(Entry(f"异常情况 {row.number}", row.get_state_display(), owner, role))
    return entries


def _tours(session: ExamSession, officer: tuple[Organisation, Role]) -> list[Entry]:
    """Each tour that is not at its end: the organiser's while it has to remedy, then whoever toured."""
    rows = InspectionTour.objects.filter(session=session).exclude(state__in=CHECK_CLOSED)
    return [
        visit_entry(f"巡考 {row.number}", row, officer, offices.inspector(row.organisation))
        for row in rows.select_related("organisation").order_by("pk")
    ]
