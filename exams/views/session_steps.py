"""What comes next for a session, so that its page offers only what can succeed now."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from exams.models import ExamPlan, ExamSession
from exams.states import ApplicationState, CandidateState, ExamPlanState, SessionState

SEAT = "安排座位"


@dataclass(frozen=True)
class Step:
    """One thing to do: its name, where, and how the page asks for it."""

    label: str
    url: str
    method: str = "get"


def next_step(
    session: ExamSession, plan: ExamPlan | None, parts: list[dict], rows: list[dict], today: date
) -> Step | None:
    """The next thing that the organiser's officer does; None where nothing is left but to wait for the exam day.

    In the order of the work: the exam plan, rooms, seats, staff, and on the day the start.
    """
    if session.state == SessionState.ANNOUNCED:
        return _planning(session, plan)
    if session.state != SessionState.PLANNED:
        return None
    if today >= session.starts_on:
        return _step("开考登记", "exams:session_hold", session)
    if not has_rooms(parts):
        return _step("安排考场", "exams:session_rooms", session)
    if any(_waits_for_seat(row["candidate"]) for row in rows):
        return _step(SEAT, "exams:session_seat", session, method="post")
    if any(len(room["staff"]) < part["needed"] for part in parts for room in part["rooms"]):
        return _step("安排考务人员", "exams:session_staff", session)
    return None


def has_rooms(parts: list[dict]) -> bool:
    """Whether every part that anybody sits has a room: before that nobody can be seated."""
    return all(part["rooms"] for part in parts if part["sat"])


def _planning(session: ExamSession, plan: ExamPlan | None) -> Step | None:
    if plan is None:
        return Step("编制考试计划", f"{reverse('exams:plan_create')}?session={session.pk}")
    if plan.state in (ExamPlanState.DRAFT, ExamPlanState.RETURNED):
        return _step("报送考试计划", "exams:plan_detail", plan)
    return None


def _waits_for_seat(candidate) -> bool:
    application = candidate.application
    if candidate.state != CandidateState.LISTED or application.state != ApplicationState.CLEARED:
        return False
    return not application.conditional or application.hours_confirmed_at is not None


def _step(label: str, view: str, row, *, method: str = "get") -> Step:
    return Step(label, reverse(view, args=[row.pk]), method)
