"""The pages and lists of the exam day ask the database as often for twenty rows as for one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certification.inspections.checklists import Finding
from exams.day_states import RecordState
from exams.exam_day import signing_in
from exams.incidents import reporting
from exams.models import (
    Duty,
    ExamRoom,
    ExamSession,
    Part,
    Result,
    RoomRecord,
    RoomUse,
    SessionPart,
    SignIn,
    StaffAssignment,
    StaffQualification,
)
from exams.rooms import staffing
from exams.scores import rechecks
from exams.states import ResultState
from exams.tours import touring
from tests.exams.conftest import EXAM_ON, TODAY
from tests.factories import at as moment

NOW = moment(EXAM_ON, 9)


@pytest.fixture
def held(bench, at):
    """A session of twenty-two in one room, begun; one of them has no score yet."""
    session = bench.ready(size=22)
    staffing.assign_staff(
        actor=bench.officer(),
        now=moment(TODAY),
        use_id=first_room(session).pk,
        person_id=bench.user("shi-jiankao").person_id,
        duty=Duty.INVIGILATOR,
    )
    bench.held(session)
    at(NOW)
    return session


def first_room(session) -> RoomUse:
    return RoomUse.objects.filter(part__session=session, part__part=Part.THEORY).order_by("pk")[0]


def grow(bench, session, numbers) -> None:
    """One more of everything for each number."""
    theory = SessionPart.objects.get(session=session, part=Part.THEORY)
    candidates, invigilator = bench.candidates(session), bench.user("shi-jiankao")
    seats = list(first_room(session).seats.order_by("number"))
    scored = {"part": Part.THEORY, "score": 50, "state": ResultState.RELEASED, "released_at": NOW, "entered_at": NOW}
    for number, person in zip(numbers, bench.world.persons(len(numbers)), strict=True):
        room = ExamRoom.objects.create(site=session.site, name=f"增设{number}", part=Part.THEORY, capacity=5)
        use = RoomUse.objects.create(part=theory, room=room)
        duty = {"duty": Duty.INVIGILATOR, "assigned_by": bench.officer(), "assigned_at": NOW}
        StaffAssignment.objects.create(use=use, person=invigilator.person, **duty)
        RoomRecord.objects.create(use=use, state=RecordState.WRITING)
        StaffQualification.objects.create(
            organisation=session.organiser,
            person=person,
            duty=Duty.INVIGILATOR,
            basis=f"聘〔2026〕{number}号",
            valid_from=TODAY,
            valid_until=EXAM_ON,
            added_by=bench.officer(),
            added_at=NOW,
        )
        reporting.report(
            actor=invigilator,
            now=NOW,
            session_id=session.pk,
            act="device",
            description="使用手机。",
            happened_at=NOW,
            candidate_id=candidates[number].pk,
            use_id=first_room(session).pk,
        )
        touring.record(
            actor=bench.user("sheng-xunkao"),
            now=NOW,
            session_id=session.pk,
            findings=[Finding("staff", "SERIOUS", "监考员不足。")],
            remedy="tour_serious",
            effect="SUSPENSION",
        )
        signing_in.sign_in(
            actor=invigilator, now=NOW, seat_id=seats[number].pk, number_compared=True, identity_compared=True
        )
        result = Result.objects.create(candidate=candidates[number], entered_by=bench.user("shi-luru"), **scored)
        rechecks.request(actor=bench.user("jigou"), now=NOW, result_id=result.pk, reason="漏计。")


def test_as_many_queries_for_twenty_as_for_one(bench, held, browse):
    own = StaffAssignment.objects.get(use=first_room(held), person=bench.user("shi-jiankao").person_id)
    counted = []
    for numbers in (range(1), range(1, 21)):
        grow(bench, held, numbers)
        pages = {
            "shi-kaowu": [
                "portal:home",
                "exams:incident_list",
                "exams:tour_list",
                "exams:pool_staff",
                ("exams:session_staff", held.pk),
                ("exams:session_detail", held.pk),
                ("exams:incident_report", held.pk),
                ("exams:room_record", RoomRecord.objects.get(use=first_room(held)).pk),
            ],
            "sheng-xunkao": ["portal:home", "exams:tour_list", "exams:tour_sessions"],
            "sheng-fuze": ["portal:home"],
            "shi-luru": ["portal:home", "exams:rechecks", ("exams:results", held.pk)],
            "shi-jiankao": ["portal:home", "exams:duty_list", ("exams:duty_detail", own.pk)],
        }
        counted.append(
            {(name, page): _queries(browse(name), page) for name, theirs in pages.items() for page in theirs}
        )
    assert SignIn.objects.count() == 21
    assert counted[0] == counted[1]


def test_who_is_short_is_asked_as_often_for_many_days(bench):
    counted = []
    for days in ([EXAM_ON], [EXAM_ON + timedelta(days=number) for number in range(1, 8)]):
        for day in days:
            bench.rooms(bench.session(day=day))
        with CaptureQueriesContext(connection) as captured:
            found = staffing.shortages(ExamSession.objects.values_list("pk", flat=True))
        assert len(found) == ExamSession.objects.count()
        counted.append(len(captured))
    assert counted[0] == counted[1]


def _queries(client, page) -> int:
    name, *arguments = [page] if isinstance(page, str) else page
    address = reverse(name, args=arguments)
    assert client.get(address).status_code == 200, address
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)
