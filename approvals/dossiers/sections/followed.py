"""The cases whose steps and clocks a dossier keeps: how each kind leads to the session and to the class, and what a
row of it is called; and what else a dossier's tables read, so that what happens after the sealing is found.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models

from approvals.models import (
    AcceptanceNotice,
    BarCase,
    CardRequest,
    ClockNotice,
    CorrectionNotice,
    Decision,
    EndingCase,
    LicenceApplicant,
    LicenceApplication,
    ServiceEvent,
    Withdrawal,
)
from certification.people.models import Bar, Certificate, Person
from exams.models import (
    Candidate,
    ExamApplication,
    ExamPlan,
    ExamSession,
    Incident,
    InspectionTour,
    Result,
    RoomRecord,
    ScoreRecheck,
    SessionRecording,
    StaffAssignment,
)
from training.models import Lesson, PlanReceipt, SpotCheck, Trainee, TrainingPlan


@dataclass(frozen=True)
class Kind:
    """One kind of case. ``session`` and ``plan`` are lookup paths from it; without ``plan`` it is about the session as
    a whole. ``related`` is what ``name`` reads. ``inside``: no institution is shown it."""

    model: type[models.Model]
    session: str
    plan: str
    name: Callable[[models.Model], str]
    related: tuple[str, ...] = ()
    inside: bool = False


def _numbered(title: str) -> Callable[[models.Model], str]:
    return lambda row: f"{title} {row.number}"


def _of_application(application: ExamApplication) -> str:
    return f"{application.number} {application.person.name}"


def _of_candidate(row: Candidate) -> str:
    return _of_application(row.application)


def _of_recheck(row: ScoreRecheck) -> str:
    return f"成绩复核 {row.number} {row.result.candidate.application.person.name}"


def _of_notice(row: CorrectionNotice) -> str:
    return f"补正通知书 {row.number} {row.person.name}"


def _of_applicant(row: LicenceApplicant) -> str:
    return f"发证许可 {_of_candidate(row.candidate)}"


def _of_card(row: CardRequest) -> str:
    return f"实体证书 {_of_candidate(row.applicant.candidate)}"


_CANDIDATE = ("application__person",)
_APPLICANT = ("candidate__application__person",)

CORRECTIONS = (
    Kind(CorrectionNotice, "application__candidates__session", "application__plan", _of_notice, ("person",)),
    Kind(
        CorrectionNotice,
        "applicant__candidate__session",
        "applicant__candidate__application__plan",
        _of_notice,
        ("person",),
    ),
)
BAR_CASES = Kind(
    BarCase,
    "person__applications__candidates__session",
    "person__applications__plan",
    lambda row: f"禁考 {row}",
    ("person",),
    inside=True,
)
ENDINGS = Kind(
    EndingCase,
    "certificate__decisions__applicant__candidate__session",
    "certificate__decisions__applicant__candidate__application__plan",
    lambda row: f"{row.get_kind_display()}操作证 {row.certificate.person.name}",
    ("certificate__person",),
    inside=True,
)

CLASS_KINDS = (
    Kind(TrainingPlan, "applications__candidates__session", "pk", _numbered("培训计划")),
    Kind(SpotCheck, "plan__applications__candidates__session", "plan", _numbered("培训检查")),
    Kind(ExamApplication, "candidates__session", "plan", _of_application, ("person",)),
    CORRECTIONS[0],
    Kind(Candidate, "session", "application__plan", _of_candidate, _CANDIDATE),
    Kind(
        ScoreRecheck,
        "result__candidate__session",
        "result__candidate__application__plan",
        _of_recheck,
        ("result__candidate__application__person",),
    ),
    Kind(LicenceApplicant, "candidate__session", "candidate__application__plan", _of_applicant, _APPLICANT),
    CORRECTIONS[1],
    Kind(
        Certificate,
        "decisions__applicant__candidate__session",
        "decisions__applicant__candidate__application__plan",
        lambda row: f"操作证 {row.person.name}",
        ("person",),
    ),
    Kind(
        CardRequest,
        "applicant__candidate__session",
        "applicant__candidate__application__plan",
        _of_card,
        ("applicant__candidate__application__person",),
    ),
    BAR_CASES,
    ENDINGS,
)

SESSION = Kind(ExamSession, "pk", "", _numbered("场次"))

SESSION_KINDS = (
    SESSION,
    Kind(ExamPlan, "items__session", "", lambda row: f"考试计划 {row.number or row.title}"),
    Kind(Incident, "session", "", _numbered("异常情况")),
    Kind(InspectionTour, "session", "", _numbered("巡考")),
    Kind(LicenceApplication, "session", "", _numbered("发证许可申请")),
)

# A model, and the lookup path from it to the session.
Reach = tuple[type[models.Model], str]

# Of which cases it is kept what was told in the inboxes.
TOLD: tuple[Reach, ...] = tuple((kind.model, kind.session) for kind in (*CLASS_KINDS, *SESSION_KINDS))

# Whose steps change a dossier's tables: what is followed, and what its tables read of these without showing the steps.
STEPS: tuple[Reach, ...] = (
    *TOLD,
    (PlanReceipt, "plan__applications__candidates__session"),
    (Trainee, "plan__applications__candidates__session"),
    (Lesson, "plan__applications__candidates__session"),
    (Result, "candidate__session"),
    (StaffAssignment, "use__part__session"),
    (RoomRecord, "use__part__session"),
    (SessionRecording, "session"),
    (Bar, "person__applications__candidates__session"),
    (Person, "applications__candidates__session"),
)
# What happens to a person and changes nothing that a dossier says: the names that are noted, what they declare.
UNSAID = {Person: frozenset({"note_name", "dismiss_name", "declare"})}

# What has a time and no step: what proves service, that a card was asked for.
EVENTS: tuple[tuple[Reach, str], ...] = (
    ((ServiceEvent, "decision__applicant__candidate__session"), "at"),
    ((ServiceEvent, "ending__certificate__decisions__applicant__candidate__session"), "at"),
    ((CardRequest, "applicant__candidate__session"), "requested_at"),
)

# Whose papers are made by a job, some time after the step that they are about.
PAPERS: tuple[Reach, ...] = (
    (AcceptanceNotice, "batch__session"),
    (Decision, "applicant__candidate__session"),
    (ClockNotice, "applicant__candidate__session"),
    (Withdrawal, "applicant__candidate__session"),
    *((kind.model, kind.session) for kind in (*CORRECTIONS, BAR_CASES, ENDINGS)),
)
