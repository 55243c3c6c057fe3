"""Admission tickets and sign-in lists as PDF (rules 8). They read; nothing changes by printing."""

from collections.abc import Iterable

from certification.documents.images import data_uri
from certification.documents.rendering import render_pdf
from certification.documents.volumes import Volume, chunks
from certification.jobs import errands
from certification.refusals import Refusal
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from exams import standards
from exams.models import Candidate, ExamSession, Material, MaterialKind, Part, Seat, SessionPart
from exams.rooms import overriding
from exams.states import NOT_ADMITTED

TICKETS = "exams/documents/tickets.html"
# So many tickets are set at once.
TOGETHER = 25


class NoTicket(Refusal):
    """Nobody who was asked for is admitted."""

    code = "no_ticket"


def tickets(candidates: Iterable[Candidate], progress=errands.silent) -> bytes:
    """The admission tickets of the admitted ones among ``candidates``, one page each; raises NoTicket. Made in pieces:
    five hundred tickets with their photos need no more memory than ``TOGETHER``."""
    rows = admitted(candidates)
    if not rows:
        raise NoTicket("没有准考考生，尚不能打印准考证。", advice="审核通过并安排座位后生成准考证。")
    if len(rows) <= TOGETHER:
        return render_pdf(TICKETS, _tickets(rows))
    volume = Volume("准考证")
    for piece in chunks(rows, TOGETHER):
        progress("制作准考证", volume.pages, len(rows))
        volume.add(TICKETS, _tickets(piece))
    return volume.content()


def _tickets(rows: list[Candidate]) -> dict:
    """What the template reads."""
    seats = _seats(rows)
    photos = _photos(rows)
    reissued = overriding.last_moved(rows)
    editions = lookup.editions_on(row.session.starts_on for row in rows)
    lines = [
        {
            "candidate": row,
            "seats": seats.get(row.pk, []),
            "photo": photos.get(row.pk, ""),
            "reissued": reissued.get(row.pk),
            "practical": any(seat.part.part == Part.PRACTICAL for seat in seats.get(row.pk, [])),
            **_at_the_door(editions[row.session.starts_on]),
        }
        for row in rows
    ]
    return {"lines": lines, "title": "准考证"}


def _at_the_door(edition: RuleEdition) -> dict[str, int]:
    """When the door opens and shuts, by the edition that the door itself goes by: that of the day."""
    return {
        "opens_minutes": standards.sign_in_minutes(edition),
        "late_minutes": standards.late_entry_minutes(edition),
    }


def admitted(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those of ``candidates`` who have a ticket."""
    return [row for row in candidates if row.state not in NOT_ADMITTED]


def sign_in_list(session: ExamSession, part: SessionPart) -> bytes:
    """The sign-in list of one part, room by room in the order of seats, with columns for the identity check."""
    seats = Seat.objects.filter(part=part).select_related(
        "candidate__application__person", "candidate__application__institution", "use__room"
    )
    rooms: dict[int, dict] = {}
    for seat in seats.order_by("use__room__name", "use_id", "number"):
        rooms.setdefault(seat.use_id, {"room": seat.use.room, "seats": []})["seats"].append(seat)
    context = {"session": session, "part": part, "rooms": list(rooms.values()), "title": "考生签到表"}
    return render_pdf("exams/documents/sign_in_list.html", context)


def with_ticket():
    """Candidates with all that a ticket shows."""
    return Candidate.objects.select_related(
        "application__person",
        "application__institution",
        "application__rule_edition",
        "session__job_type__group",
        "session__site",
        "session__organiser",
    )


def _seats(candidates: list[Candidate]) -> dict[int, list[Seat]]:
    found: dict[int, list[Seat]] = {}
    rows = Seat.objects.filter(candidate__in=[row.pk for row in candidates]).select_related("part", "use__room__site")
    for seat in rows.order_by("part__day", "part__first_slot"):
        found.setdefault(seat.candidate_id, []).append(seat)
    return found


def _photos(candidates: list[Candidate]) -> dict[int, str]:
    """Candidate id → photo as a data address."""
    of_application = {row.application_id: row.pk for row in candidates}
    rows = Material.objects.filter(
        application__in=of_application, kind=MaterialKind.PHOTO, replaced_at__isnull=True
    ).select_related("file")
    found = {}
    for material in rows:
        with material.file.file.open("rb") as stored:
            found[of_application[material.application_id]] = data_uri(stored.read(), material.file.media_type)
    return found
