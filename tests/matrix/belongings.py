"""Whose a record is, written out from rules 5; not derived from the scopes of the models.

Each kind of record names the columns by which it belongs to an institution, an organiser, a territory, a window or
the staff of a session. "Own" for a city is what it organises; what is only filed in its territory it may see, but
not act upon, so that neither own nor other is claimed of it.
"""

from dataclasses import dataclass, field

from django.db.models import Model, Q

from approvals.models import (
    AcceptanceNotice,
    BarCase,
    CardRequest,
    CaseMessage,
    ClockNotice,
    CorrectionNotice,
    Decision,
    DecisionProposal,
    Dossier,
    EndingCase,
    ExtensionProposal,
    Handover,
    LicenceApplicant,
    LicenceApplication,
    ReasonText,
)
from certification.deadlines.models import Deadline, LateAdmission
from certification.notices.models import Notice
from certification.organisations.models import User
from certification.organisations.roles import REACH, Reach, Role
from certification.people.models import Certificate, Person, PersonName, RegisterImport
from certification.records.models import StoredFile
from certification.rulebook.models import Rule, RuleEdition
from certification.workdays.models import CalendarEdition
from exams.models import (
    Candidate,
    DeclarationText,
    ExamApplication,
    ExamPlan,
    ExamRoom,
    ExamSession,
    ExamSite,
    Incident,
    InspectionTour,
    Result,
    RoomEquipment,
    RoomMaintenance,
    RoomRecord,
    RoomUse,
    ScoreRecheck,
    Seat,
    SignIn,
    StaffAssignment,
    StaffQualification,
    UploadedFile,
)
from training.models import Lesson, PlanReceipt, Roster, SpotCheck, Teacher, Trainee, TrainingPlan, Venue

HIDDEN = None
ALL = "*"


@dataclass(frozen=True)
class Kind:
    """A kind of record. A way is a lookup path, ALL (everybody of that reach sees it) or HIDDEN (nobody does).

    ``shared`` records belong to nobody: whoever may open such a page at all sees every one.
    """

    model: type[Model]
    institution: str | None = HIDDEN
    organiser: str | None = HIDDEN
    territory: str | None = HIDDEN
    window: str | None = HIDDEN
    session: str | None = HIDDEN
    only: Q = field(default_factory=Q)
    shared: bool = False


def _of(path: str) -> dict[str, str]:
    return {
        "institution": f"{path}institution",
        "organiser": f"{path}organiser",
        "territory": f"{path}institution__territory",
    }


REASON = Kind(ReasonText, shared=True)
HANDOVER = Kind(Handover, institution="receiver", organiser="sender", territory="receiver__territory")
STAFFED = "parts__rooms__staff__person"
PLAN = Kind(TrainingPlan, **_of(""), only=Q(rosters__version=1))
RECEIPT = Kind(
    PlanReceipt, institution="plan__institution", organiser="recipient", territory="plan__institution__territory"
)
ROSTER = Kind(Roster, **_of("plan__"))
# A version that somebody sent; one that a bar made has no file.
SENT_ROSTER = Kind(Roster, **_of("plan__"), only=Q(file__isnull=False) | Q(upload__isnull=False))
TRAINEE = Kind(Trainee, **_of("plan__"))
RUNNING = Kind(TrainingPlan, **_of(""), only=Q(state__in=["FILED", "ACKNOWLEDGED"]))
TEACHER = Kind(Teacher, institution="institution", territory="institution__territory")
VENUE = Kind(Venue, institution="institution", territory="institution__territory")
LESSON = Kind(Lesson, **_of("plan__"), only=Q(state="PLANNED"))
CHECK = Kind(SpotCheck, **_of("plan__"))
# Judged by whoever checked.
MADE_CHECK = Kind(SpotCheck, organiser="organisation", territory="plan__institution__territory")
APPLICATION = Kind(ExamApplication, **_of(""), only=Q(batch__isnull=False))
CASE_MESSAGE = Kind(CaseMessage, **_of("application__"))
SESSION = Kind(ExamSession, institution=ALL, organiser="organiser", territory="site__territory", session=STAFFED)
HELD = Kind(
    ExamSession,
    organiser="organiser",
    territory="site__territory",
    session=STAFFED,
    only=Q(state__in=["HELD", "RELEASED"]),
)
RECHECK = Kind(ScoreRecheck, **_of("result__candidate__application__"))
RELEASED_RESULT = Kind(
    Result,
    institution="candidate__application__institution",
    only=Q(released_at__isnull=False, candidate__session__state="RELEASED"),
)
ASSIGNMENT = Kind(StaffAssignment, organiser="use__part__session__organiser", session="person")
_TO_COME = Q(part__session__state__in=["ANNOUNCED", "PLANNED"])
SEAT = Kind(Seat, organiser="part__session__organiser", only=_TO_COME)
ROOM_USE = Kind(RoomUse, organiser="part__session__organiser", only=_TO_COME & Q(ended_at__isnull=True))
DOOR = Kind(Seat, organiser="part__session__organiser", session="use__staff__person", only=Q(use__staff__ended_at=None))
_OF_ROOM = {
    "organiser": "use__part__session__organiser",
    "session": "use__part__session__parts__rooms__staff__person",
}
ROOM_RECORD = Kind(RoomRecord, **_OF_ROOM)
SIGN_IN = Kind(SignIn, **_OF_ROOM)
INCIDENT = Kind(
    Incident,
    institution="candidate__application__institution",
    organiser="session__organiser",
    territory="candidate__application__institution__territory",
    session="session__parts__rooms__staff__person",
    only=Q(state__in=["DECIDED", "REVIEWING", "UPHELD", "REVOKED"], candidate__isnull=False),
)
TOUR = Kind(InspectionTour, organiser="session__organiser", territory="session__site__territory")
MADE_TOUR = Kind(InspectionTour, organiser="organisation", territory="session__site__territory")
IN_POOL = Kind(StaffQualification, organiser="organisation", territory="organisation__territory")
CANDIDATE = Kind(Candidate, **_of("application__"), only=Q(ticket_number__gt=""))
IN_DOSSIER = Kind(Candidate, **_of("application__"), only=Q(session__dossier__isnull=False))
SITE = Kind(ExamSite, organiser="organiser", territory="territory")
ROOM = Kind(ExamRoom, organiser="site__organiser", territory="site__territory")
EQUIPMENT = Kind(RoomEquipment, organiser="room__site__organiser", territory="room__site__territory")
MAINTENANCE = Kind(RoomMaintenance, organiser="room__site__organiser", territory="room__site__territory")
EXAM_PLAN = Kind(ExamPlan, organiser="organiser", territory="organiser__territory", only=Q(filed_at__isnull=False))
BATCH = Kind(LicenceApplication, organiser="organiser", territory="organiser__territory")
ACCEPTANCE = Kind(AcceptanceNotice, organiser="batch__organiser", territory="batch__organiser__territory")
_APPLICANT = {
    "institution": "candidate__application__institution",
    "organiser": "batch__organiser",
    "territory": "candidate__application__institution__territory",
}
APPLICANT = Kind(LicenceApplicant, **_APPLICANT)
ACCEPTED = Kind(LicenceApplicant, **_APPLICANT, only=Q(acceptance__isnull=False))
DECISION = Kind(
    Decision,
    institution="applicant__candidate__application__institution",
    organiser="applicant__batch__organiser",
    territory="applicant__candidate__application__institution__territory",
    only=Q(letter__isnull=False),
)
_OF_APPLICANT = {
    "institution": "applicant__candidate__application__institution",
    "organiser": "applicant__batch__organiser",
    "territory": "applicant__candidate__application__institution__territory",
}
EXTENSION = Kind(ExtensionProposal, **_OF_APPLICANT)
# What is drafted is between officials.
PROPOSAL = Kind(DecisionProposal, organiser=_OF_APPLICANT["organiser"], territory=_OF_APPLICANT["territory"])
# What was not imposed is between authorities.
BAR = Kind(BarCase, **_of(""), only=Q(state__in=["IMPOSED", "LIFTED"]))
CORRECTION = Kind(CorrectionNotice, **_of(""), only=Q(letter__isnull=False))
CLOCK_NOTICE = Kind(ClockNotice, **_OF_APPLICANT, only=Q(letter__isnull=False))
ISSUED = Kind(
    Certificate,
    institution="decisions__applicant__candidate__application__institution",
    organiser="decisions__applicant__batch__organiser",
    territory="decisions__applicant__candidate__application__institution__territory",
    only=Q(decisions__isnull=False),
)
PERSON = Kind(
    Person,
    institution="trainings__plan__institution",
    organiser="trainings__plan__organiser",
    territory="trainings__plan__institution__territory",
)
PERSON_NAME = Kind(PersonName, only=Q(standing="OPEN"))
# Between officials of the province; told and decided, so that its papers are there.
ENDING = Kind(EndingCase, only=Q(told_at__isnull=False, state="DECIDED"))
REGISTER_IMPORT = Kind(RegisterImport)
CARD = Kind(CardRequest, window="window", organiser="applicant__batch__organiser")
DOSSIER = Kind(Dossier, organiser="session__organiser", territory="session__organiser__territory")
DEADLINE = Kind(Deadline, institution="institution", organiser="organiser", territory="institution__territory")
ADMISSION = Kind(LateAdmission, institution="institution", organiser="organiser", territory="institution__territory")
EDITION = Kind(CalendarEdition, shared=True)
RULE_EDITION = Kind(RuleEdition, shared=True)
RULE = Kind(Rule, shared=True, only=Q(area="deadline"))
UPLOADED = Kind(UploadedFile, institution="upload__plan__institution", only=Q(state="CROP"))
DECLARATION = Kind(DeclarationText, shared=True)
NOTICE = Kind(Notice)
FILE = Kind(StoredFile)


def own_and_other(kind: Kind, user: User, role: Role, *, acts: bool) -> tuple[Model | None, Model | None]:
    """A record that is ``user``'s through ``role`` and one that is another's; None where there is none.

    The province sees everything; where it ``acts``, its own is what it organises.
    """
    rows = kind.model._base_manager.filter(kind.only)
    if kind.shared:
        return rows.order_by("-pk").first(), None
    reach = REACH[role]
    if reach is Reach.PROVINCE:
        organised = rows.filter(**{kind.organiser: user.organisation_id}) if kind.organiser else rows.none()
        return (acts and organised.order_by("-pk").first()) or rows.order_by("-pk").first(), None
    if reach is Reach.CITY:
        return _city(rows, kind, user)
    value = user.person_id if reach is Reach.SESSION else user.organisation_id
    path = {Reach.INSTITUTION: kind.institution, Reach.WINDOW: kind.window, Reach.SESSION: kind.session}.get(reach)
    if path == ALL:
        return rows.order_by("-pk").first(), None
    if path is HIDDEN:
        return None, rows.order_by("-pk").first()
    mine = rows.filter(**{path: value})
    return mine.order_by("-pk").first(), rows.exclude(pk__in=mine.values("pk")).order_by("-pk").first()


def _city(rows, kind: Kind, user: User) -> tuple[Model | None, Model | None]:
    if kind.organiser is HIDDEN:
        return None, rows.order_by("-pk").first()
    mine = rows.filter(**{kind.organiser: user.organisation_id})
    near = rows.filter(**{kind.territory: user.organisation.territory_id}) if kind.territory else mine
    others = rows.exclude(pk__in=mine.values("pk")).exclude(pk__in=near.values("pk"))
    return mine.order_by("-pk").first(), others.order_by("-pk").first()
