"""The exam day of a few classes of the demonstration: answers of the staff, the door, the room's record."""

from datetime import time

from approvals.demonstration.cases import Case
from certification.organisations.models import User
from certification.rulebook import lookup
from exams.exam_day import recordings, records, signing_in
from exams.models import Duty, Part, RoomRecord, RoomUse, Seat, StaffAssignment
from exams.staff import answering

# What is left open in a class with this twist: somebody absent, a record half signed, nobody of the site in the
# practical room, whose door stands open.
OPEN = "day_open"
# Everything done.
DONE = "day_done"
STEPS = {"answer_duty": {OPEN, DONE}, "exam_day": {OPEN, DONE}, "practical_door": {OPEN}}


def answer_duty(case: Case, now) -> None:
    """Who is asked to be on duty accepts, but for the site's own in the practical room where something is left open."""
    rows = StaffAssignment.objects.filter(use__part__session=case.session_id).select_related("use__part")
    for row in rows.order_by("pk"):
        user = User.objects.get(person=row.person_id)
        if OPEN in case.story.twists and (row.duty, row.use.part.part) == (Duty.SITE_STAFF, Part.PRACTICAL):
            answering.decline(actor=user, now=now, assignment_id=row.pk, reason="下午须到医院复诊。")
        else:
            answering.accept(actor=user, now=now, assignment_id=row.pk)


def exam_day(case: Case, now) -> None:
    """The theory room from its door to its signatures."""
    use = theory_room(case)
    one, two = case.cast.organiser("jiankao"), case.cast.organiser("jiankao2")
    seats = _seats(use)
    _sign_in(seats[:-1] if OPEN in case.story.twists else seats, one, moment(now, 8, 45))
    signing_in.close_sign_in(actor=one, now=moment(now, 9, 20), use_id=use.pk)
    answers = {line.code: (line.ordinary, "") for line in records.lines(lookup.edition_on(now.date()))}
    records.write(
        actor=one, now=moment(now, 11, 5), use_id=use.pk, started_at=time(9), ended_at=time(11), answers=answers
    )
    for actor in (one,) if OPEN in case.story.twists else (one, two):
        records.sign(actor=actor, now=moment(now, 11, 10), use_id=use.pk, as_read=_read(use))
    if DONE in case.story.twists:
        place = "市局档案室硬盘柜，考务科保管"
        recordings.note_place(actor=case.cast.organiser("kaowu"), now=now, session_id=case.session_id, place=place)


def practical_door(case: Case, now) -> None:
    """The first three are in."""
    _sign_in(_seats(_room(case, Part.PRACTICAL))[:3], case.cast.organiser("kaoping"), now)


def theory_room(case: Case) -> RoomUse:
    """The room of the case's theory."""
    return _room(case, Part.THEORY)


def moment(now, hour: int, minute: int):
    """That time of the day of ``now``."""
    return now.replace(hour=hour, minute=minute)


def _seats(use: RoomUse) -> list[Seat]:
    return list(use.seats.select_related("candidate__application__person").order_by("number"))


def _sign_in(seats: list[Seat], actor: User, now) -> None:
    for seat in seats:
        number = seat.candidate.application.person.document_number
        signing_in.sign_in(actor=actor, now=now, seat_id=seat.pk, number=number, identity_compared=True)


def _room(case: Case, part: Part) -> RoomUse:
    return RoomUse.objects.in_force().get(part__session=case.session_id, part__part=part)


def _read(use: RoomUse) -> str:
    return records.fingerprint(RoomRecord.objects.get(use=use))
