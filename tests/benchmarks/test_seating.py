"""Seating 10,000 candidates over 100 rooms: 2 s above the writes, and ten queries that read."""

import re
from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from certification.people.models import Person, Sex
from certification.records import bulk
from certification.records.models import TransitionLog
from exams.models import Candidate, ExamApplication, ExamRoom, PersonSlot, RoomUse, Seat
from exams.rooms import seating
from tests.approvals.cases import NOW, Group, make_group
from tests.benchmarks.conftest import side_by_side
from tests.factories import World
from training.models import Trainee

PEOPLE, ROOMS = 10_000, 100
READS, ABOVE_THE_WRITES = 10, 2.0
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|COPY|SAVEPOINT|RELEASE|BEGIN|COMMIT|ROLLBACK)", re.IGNORECASE)
# What COPY asks before it writes; who acts and when, as every act asks.
NOT_SEATING = re.compile(r"pg_get_serial_sequence|nextval|workdays_clockoffset|organisations_roleassignment")


def crowd(world: World) -> Group:
    """One class of a size that no class has, all cleared and listed, and rooms for both parts."""
    group = make_group(world, 1, state="CLEARED")
    first = group.applications[0]
    persons = Person.objects.bulk_create(
        Person(
            document_type="PASSPORT",
            document_number=f"E{place:08d}",
            name=f"考生{place}",
            sex=Sex.MALE,
            birth_date=date(1990, 1, 1),
            created_at=NOW,
        )
        for place in range(PEOPLE - 1)
    )
    template = Trainee.objects.get(pk=first.trainee_id)
    said = {field.attname: getattr(template, field.attname) for field in Trainee._meta.concrete_fields}
    trainees = Trainee.objects.bulk_create(Trainee(**{**said, "id": None, "person_id": row.pk}) for row in persons)
    said = {field.attname: getattr(first, field.attname) for field in ExamApplication._meta.concrete_fields}
    applications = ExamApplication.objects.bulk_create(
        ExamApplication(
            **{**said, "id": None, "person_id": row.person_id, "trainee_id": row.pk, "number": f"SB-{row.pk}"}
        )
        for row in trainees
    )
    Candidate.objects.bulk_create(
        Candidate(application=row, session=group.session, listed_at=NOW) for row in applications
    )
    for place in group.session.parts.all():
        rooms = ExamRoom.objects.bulk_create(
            ExamRoom(site=group.session.site, name=f"{place.part}{number:03d}", part=place.part, capacity=100)
            for number in range(ROOMS)
        )
        RoomUse.objects.bulk_create(RoomUse(part=place, room=room) for room in rooms)
    return group


@pytest.mark.django_db(transaction=True)
def test_seating(world, report):
    group = crowd(world)
    officer = world.user("shi-kaowu")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    def undone(work):
        with transaction.atomic():
            work()
            transaction.set_rollback(True)

    def seated():
        done = seating.seat_candidates(actor=officer, now=NOW, session_id=group.session.pk)
        assert len(done.seated) == PEOPLE

    undone(seated)
    with CaptureQueriesContext(connection) as captured:
        seated()
    reads = [row["sql"] for row in captured if not WRITES.match(row["sql"]) and not NOT_SEATING.search(row["sql"])]
    assert len(reads) <= READS, "\n".join(sql[:200] for sql in reads)

    names = ("candidate_id", "part_id", "use_id", "number")
    build = bulk.builder(Seat, *names)
    seats = list(Seat.objects.order_by("pk").values_list(*names))
    place_of = {pk: place for place, pk in enumerate(Seat.objects.order_by("pk").values_list("pk", flat=True))}
    slots = [
        (person, day, slot, place_of[seat])
        for person, day, slot, seat in PersonSlot.objects.values_list("person_id", "day", "slot", "seat_id")
    ]
    candidates = list(Candidate.objects.order_by("pk"))
    assert (len(seats), len(slots)) == (2 * PEOPLE, PEOPLE * (4 + 8))
    assert Candidate.objects.exclude(ticket_number="").values("ticket_number").distinct().count() == PEOPLE

    def writes():
        """The same rows, known before: seats and their history, time slots, admissions, the log."""
        rows = [build(*row) for row in seats]
        bulk.create(rows, actor=officer, at=NOW)
        booked = [(person, day, slot, rows[place].pk) for person, day, slot, place in slots]
        bulk.book(PersonSlot, ("person_id", "day", "slot", "seat_id"), booked)
        bulk.update(candidates, ["state", "ticket_number"], actor=officer, at=NOW)
        TransitionLog.write([(row, "LISTED", "ADMITTED") for row in candidates], name="admit", actor=officer, at=NOW)

    PersonSlot.objects.all().delete()
    Seat.objects.all().delete()
    Candidate.objects.update(state="LISTED", ticket_number="")
    floor, ours = side_by_side(lambda: undone(writes), lambda: undone(seated), rounds=3)
    what = f"seating {PEOPLE:,} in {ROOMS} rooms a part, {len(reads)} reads, {ours - floor:.2f} s above the writes"
    report(what, ours, floor=floor, at_most=(floor + ABOVE_THE_WRITES) / floor)
