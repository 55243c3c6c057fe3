"""A room that breaks down on the eve: everybody in it moves to another one at once (rules 8)."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from certification.notices.models import Notice
from certification.refusals import Incomplete, Refusal, WrongState
from exams.models import ExamRoom, Part, PersonSlot, RoomTime, RoomUse, Seat, StaffAssignment
from exams.rooms import relocating, replacing
from exams.tickets import ticket_changes
from tests.exams.conftest import TODAY
from tests.factories import at as moment


@pytest.fixture
def broken(bench):
    """The room of the theory, with two candidates and somebody on duty; the site has another."""
    session = bench.ready(size=2)
    use = RoomUse.objects.filter(seats__isnull=False, part__session=session, part__part=Part.THEORY).distinct().get()
    bench.invite(use)
    return use


@pytest.fixture
def spare(bench, broken) -> ExamRoom:
    room = broken.room
    return ExamRoom.objects.create(site=room.site, name="理论备用考场", part=room.part, capacity=room.capacity)


def replace(bench, use, room, *, by="shi-kaowu", reason="投影和供电故障"):
    return replacing.replace_room(
        actor=bench.user(by), now=moment(TODAY), use_id=use.pk, room_id=room.pk, reason=reason
    )


def test_seats_staff_and_bookings_come_along(bench, broken, spare, browse):
    session = broken.part.session
    before = dict(Seat.objects.filter(use=broken).values_list("candidate", "number"))
    booked = PersonSlot.objects.count()
    page = browse("shi-kaowu")
    url = f"/exams/rooms/uses/{broken.pk}/replace/"
    assert url in page.get(f"/exams/sessions/{session.pk}/rooms/").content.decode()
    assert page.post(url, {"room": spare.pk, "reason": ""}).status_code == 422
    assert page.post(url, {"room": spare.pk, "reason": "投影和供电故障"}).status_code == 302
    (use,) = RoomUse.objects.in_force().filter(room=spare)
    assert dict(Seat.objects.filter(use=use).values_list("candidate", "number")) == before
    assert StaffAssignment.objects.filter(use=use, ended_at__isnull=True).exists()
    assert not RoomUse.objects.in_force().filter(pk=broken.pk).exists()
    assert [row.room for row in RoomTime.objects.filter(use__part=broken.part, room__in=[spare, broken.room])] == [
        spare
    ]
    assert PersonSlot.objects.count() == booked
    assert {change.candidate.pk for change in ticket_changes.of(session, None, bench.user("jigou"))} == set(before)
    assert "供电故障" in Notice.objects.get(recipient=bench.user("jigou"), title__startswith="座位调整").body
    assert "理论备用考场" in Notice.objects.get(title__startswith="考场变更").title
    assert page.get(url).status_code == page.post(url, {"room": spare.pk, "reason": "故障"}).status_code == 404


def test_who_was_released_stays_on_record_where_it_was(bench, broken, spare):
    (serving,) = StaffAssignment.objects.filter(use=broken)
    StaffAssignment.objects.filter(pk=serving.pk).update(ended_at=moment(TODAY), state="ENDED")
    (use,) = replace(bench, broken, spare).uses
    broken.refresh_from_db()
    serving.refresh_from_db()
    assert broken.ended_at
    assert (serving.use, use.staff.count()) == (broken, 0)


def test_a_room_that_is_too_small_taken_or_without_reason_is_refused_and_nothing_moves(bench, broken, spare):
    ExamRoom.objects.filter(pk=spare.pk).update(capacity=1)
    assert spare not in replacing.rooms_for(broken)
    for room, reason in ((spare, "故障"), (broken.room, "故障"), (spare, " ")):
        with pytest.raises(Incomplete):
            replace(bench, broken, room, reason=reason)
    ExamRoom.objects.filter(pk=spare.pk).update(capacity=30, active=False)
    with pytest.raises(Refusal) as refused:
        replace(bench, broken, spare)
    assert refused.value.code == "room_unfit"
    assert Seat.objects.filter(use=broken).count() == 2


def test_twice_moves_once_and_not_after_the_exam_began(bench, broken, spare):
    replace(bench, broken, spare)
    with pytest.raises((WrongState, RoomUse.DoesNotExist)):
        replace(bench, broken, spare)
    (use,) = RoomUse.objects.in_force().filter(room=spare)
    bench.held(broken.part.session)
    with pytest.raises(WrongState):
        replace(bench, use, broken.room)


def test_two_officers_at_once_move_everybody_once(bench, broken, spare, at_once):
    outcomes = at_once(*[lambda: replace(bench, broken, spare)] * 2)
    assert sum(isinstance(outcome, relocating.Carried) for outcome in outcomes) == 1
    assert Seat.objects.filter(use__room=spare).count() == 2


def test_as_many_queries_for_eight_as_for_two(bench):
    def cost(size: int) -> int:
        with transaction.atomic():
            session = bench.ready(size=size)
            use = RoomUse.objects.filter(seats__isnull=False, part__session=session, part__part=Part.THEORY).first()
            room = ExamRoom.objects.create(site=session.site, name="理论备用考场", part=Part.THEORY, capacity=30)
            with CaptureQueriesContext(connection) as queries:
                assert len(replace(bench, use, room).moves) == size
            transaction.set_rollback(True)
        return len(queries)

    cost(1)
    assert cost(8) == cost(2)
