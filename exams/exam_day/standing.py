"""Where a room stands on the day, and what the door means for results."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from certification import clock
from certification.rulebook import lookup
from exams import standards
from exams.models import (
    Candidate,
    Duty,
    Material,
    MaterialKind,
    Part,
    Result,
    RoomUse,
    Seat,
    SessionPart,
    SignIn,
    StaffAssignment,
)
from exams.models.sessions import SLOT_MINUTES
from exams.states import NOT_ADMITTED

AREA = standards.EXAM_DAY
# Who signs the record of a room; site staff serve, and do not judge.
SIGNERS = (Duty.INVIGILATOR, Duty.EXAMINER)


@dataclass(frozen=True)
class Times:
    """When the door of a part opens, when the exam begins, until when somebody late is let in."""

    opens: datetime
    starts: datetime
    shuts: datetime


@dataclass(frozen=True)
class Place:
    """One seat with its candidate and what the door said of him."""

    seat: Seat
    sign_in: SignIn | None

    @property
    def candidate(self) -> Candidate:
        return self.seat.candidate


def times(part: SessionPart) -> Times:
    """The times of the door, by the edition of the part's day."""
    edition = lookup.edition_on(part.day)
    starts = clock.start_of(part.day) + timedelta(minutes=part.first_slot * SLOT_MINUTES)
    opens = starts - timedelta(minutes=standards.sign_in_minutes(edition))
    return Times(opens, starts, starts + timedelta(minutes=standards.late_entry_minutes(edition)))


def places(use: RoomUse) -> list[Place]:
    """The seats of a room whose candidates are still to sit, in order. Two queries."""
    seats = Seat.objects.filter(use=use).select_related(
        "candidate__application__person", "candidate__application__institution", "candidate__application__rule_edition"
    )
    signed = {row.candidate_id: row for row in SignIn.objects.filter(use=use).select_related("recorded_by__person")}
    rows = seats.exclude(candidate__state__in=NOT_ADMITTED).order_by("number")
    return [Place(seat, signed.get(seat.candidate_id)) for seat in rows]


def excused(found: Iterable[Place], part: str) -> set[int]:
    """Candidates who need not come to the practical part: their theory was not passed, or they did not come to it."""
    if part != Part.PRACTICAL:
        return set()
    ids = [place.candidate.pk for place in found]
    failed = Result.objects.filter(candidate__in=ids, part=Part.THEORY, passed=False)
    missed = SignIn.objects.filter(candidate__in=ids, part__part=Part.THEORY, outcome__in=["ABSENT", "REFUSED"])
    return {*failed.values_list("candidate", flat=True), *missed.values_list("candidate", flat=True)}


def missing(found: Iterable[Place], part: str) -> list[Place]:
    """Who is due in ``part`` and was not seen at the door; absent once sign-in is closed."""
    found = list(found)
    not_due = excused(found, part)
    return [place for place in found if place.sign_in is None and place.candidate.pk not in not_due]


def signers(use_id: int) -> list[StaffAssignment]:
    """Who has to sign the record of a room."""
    rows = StaffAssignment.objects.filter(use=use_id, ended_at__isnull=True, duty__in=SIGNERS)
    return list(rows.select_related("person").order_by("pk"))


def photo_of(candidate: Candidate):
    """The stored photograph of the application, None where it has none."""
    rows = Material.objects.filter(
        application=candidate.application_id, kind=MaterialKind.PHOTO, replaced_at__isnull=True
    )
    material = rows.select_related("file").order_by("-pk").first()
    return material.file if material else None


def attendance(session_id: int, part: str) -> dict[int, SignIn]:
    """What the door said in one part of a session: candidate id → sign-in. One query."""
    rows = SignIn.objects.filter(part__session=session_id, part__part=part)
    return {row.candidate_id: row for row in rows}
