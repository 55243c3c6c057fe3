"""The day of an exam: the door, who is absent, the record of a room, the recording (rules 8)."""

from datetime import date, time
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from certification.notices.models import Notice
from certification.people.models import Bar
from certification.records.models import StoredFile
from certification.refusals import Incomplete, NotPermitted, Refusal, WrongState
from certification.rulebook import lookup
from exams.exam_day import archiving, recordings, records, signing_in, standing
from exams.models import Attendance, Duty, Part, RoomRecord, RoomUse, SessionRecording, SignIn
from exams.rooms import staffing
from exams.scores.results import Row
from tests.exams.conftest import EXAM_ON, TODAY
from tests.factories import at as moment

EARLY, ON_TIME, LATE, SHUT = (
    moment(EXAM_ON, 7, 30),
    moment(EXAM_ON, 8, 45),
    moment(EXAM_ON, 9, 10),
    moment(EXAM_ON, 9, 20),
)
COMPARED = {"number_compared": True, "identity_compared": True}


@pytest.fixture
def held(bench):
    """A held session with two invigilators in its first theory room."""
    session = bench.ready(size=4)
    use = theory_room(session)
    for name in ("shi-jiankao", "shi-jiankao2"):
        staffing.assign_staff(
            actor=bench.officer(),
            now=moment(TODAY),
            use_id=use.pk,
            person_id=bench.user(name).person_id,
            duty=Duty.INVIGILATOR,
        )
    bench.held(session)
    session.refresh_from_db()
    return session


def theory_room(session) -> RoomUse:
    return RoomUse.objects.filter(part__session=session, part__part=Part.THEORY).order_by("room__name")[0]


def seats(session):
    return list(theory_room(session).seats.order_by("number"))


def sign(bench, seat, *, by="shi-jiankao", now=ON_TIME, **said):
    return signing_in.sign_in(actor=bench.user(by), now=now, seat_id=seat.pk, **(said or COMPARED))


def close(bench, session, now=SHUT):
    return signing_in.close_sign_in(actor=bench.user("shi-jiankao"), now=now, use_id=theory_room(session).pk)


def test_the_number_of_the_card_must_be_the_candidates(bench, held):
    seat = seats(held)[0]
    number = seat.candidate.application.person.document_number
    with pytest.raises(Incomplete) as refused:
        sign(bench, seat, number="110101199001011237", identity_compared=True)
    assert [problem.code for problem in refused.value.problems] == ["number_differs"]
    row = sign(bench, seat, number=number.lower(), identity_compared=True)
    assert (row.outcome, row.number_read) == (Attendance.PRESENT, True)


def test_nothing_compared_lets_nobody_in(bench, held):
    with pytest.raises(Incomplete) as refused:
        sign(bench, seats(held)[0], number="")
    assert [problem.field for problem in refused.value.problems] == ["number_compared", "identity_compared"]


def test_the_door_opens_turns_late_and_shuts_by_the_setting(bench, held):
    one, two, three, _four = seats(held)
    with pytest.raises(WrongState) as refused:
        sign(bench, one, now=EARLY)
    assert refused.value.code == "too_early"
    assert sign(bench, one, now=moment(EXAM_ON, 9)).outcome == Attendance.PRESENT
    assert sign(bench, two, now=moment(EXAM_ON, 9, 15)).outcome == Attendance.LATE
    with pytest.raises(WrongState) as refused:
        sign(bench, three, now=moment(EXAM_ON, 9, 16))
    assert refused.value.code == "too_late"


def test_a_double_tap_is_one_sign_in_and_two_desks_are_told(bench, held, at_once):
    one, two = seats(held)[:2]
    first, second = at_once(lambda: sign(bench, one), lambda: sign(bench, one, by="shi-jiankao2"))
    assert first.pk == second.pk
    outcomes = at_once(
        lambda: sign(bench, two),
        lambda: signing_in.refuse_entry(
            actor=bench.user("shi-jiankao2"), now=ON_TIME, seat_id=two.pk, cause="NO_DOCUMENT"
        ),
    )
    assert sum(isinstance(outcome, signing_in.AlreadySigned) for outcome in outcomes) == 1
    assert SignIn.objects.count() == 2


def test_the_first_two_of_a_room_come_to_two_desks_at_once(bench, held, at_once):
    one, two = seats(held)[:2]
    first, second = at_once(lambda: sign(bench, one), lambda: sign(bench, two, by="shi-jiankao2"))
    assert {first.candidate_id, second.candidate_id} == {one.candidate_id, two.candidate_id}
    assert RoomRecord.objects.count() == 1


def test_only_who_is_on_duty_in_the_room_stands_at_its_door(bench, held):
    with pytest.raises(NotPermitted):
        sign(bench, seats(held)[0], by="shi-kaoping")
    with pytest.raises(NotPermitted):
        sign(bench, seats(held)[0], by="lanxi-jiankao")


def test_who_is_barred_is_not_let_in(bench, held):
    seat = seats(held)[0]
    Bar.objects.create(
        person=seat.candidate.application.person,
        ground=Bar.Ground.EXAM_FRAUD,
        reason="替考",
        barred_from=EXAM_ON,
        barred_until=date(2027, 1, 1),
        imposed_by=bench.user("sheng-fuze"),
        imposed_at=moment(TODAY),
    )
    with pytest.raises(Refusal) as refused:
        sign(bench, seat)
    assert refused.value.code == "barred"
    row = signing_in.refuse_entry(actor=bench.user("shi-jiankao"), now=ON_TIME, seat_id=seat.pk, cause="BARRED")
    assert (row.outcome, row.note) == (Attendance.REFUSED, "在禁考期内")


def test_closing_makes_the_missing_absent_and_the_door_stays_shut(bench, held):
    one, two, *_rest = seats(held)
    sign(bench, one)
    with pytest.raises(WrongState) as refused:
        close(bench, held, now=LATE)
    assert refused.value.code == "too_early"
    record = close(bench, held)
    assert close(bench, held).pk == record.pk
    assert sorted(SignIn.objects.values_list("outcome", flat=True)) == ["ABSENT"] * 3 + ["PRESENT"]
    with pytest.raises(signing_in.AlreadySigned):
        sign(bench, two)


def test_results_respect_who_was_in_the_room(bench, held):
    one, two, *_rest = seats(held)
    sign(bench, one)
    close(bench, held)
    with pytest.raises(Incomplete) as refused:
        bench.enter(held, Part.THEORY, [Row(one.candidate_id, absent=True), Row(two.candidate_id, score=Decimal(90))])
    assert [problem.code for problem in refused.value.problems] == ["signed_in", "not_in_room"]
    bench.enter(held, Part.THEORY, [Row(one.candidate_id, score=Decimal(90)), Row(two.candidate_id, absent=True)])
    wrong = SignIn.objects.get(candidate=two.candidate_id)
    with pytest.raises(WrongState):
        correct(bench, wrong)


def test_the_officer_corrects_a_sign_in_with_a_reason(bench, held):
    two = seats(held)[1]
    close(bench, held)
    wrong = SignIn.objects.get(candidate=two.candidate_id)
    with pytest.raises(Incomplete):
        correct(bench, wrong, reason=" ")
    with pytest.raises(NotPermitted):
        correct(bench, wrong, by="shi-jiankao")
    assert correct(bench, wrong).outcome == Attendance.PRESENT
    assert wrong.history.count() == 2
    bench.enter(held, Part.THEORY, [Row(two.candidate_id, score=Decimal(90))])


def correct(bench, row, *, by="shi-kaowu", reason="监考员漏登记，录像可证"):
    return signing_in.correct(
        actor=bench.user(by), now=SHUT, sign_in_id=row.pk, outcome=Attendance.PRESENT, reason=reason
    )


class TestRecord:
    def write(self, bench, session, *, by="shi-jiankao", **changes):
        lines = records.lines(lookup.edition_on(EXAM_ON))
        answers = {line.code: (line.ordinary, "") for line in lines} | changes
        return records.write(
            actor=bench.user(by),
            now=moment(EXAM_ON, 11),
            use_id=theory_room(session).pk,
            started_at=time(9),
            ended_at=time(11),
            answers=answers,
        )

    def sign(self, bench, session, record, by):
        return records.sign(
            actor=bench.user(by),
            now=moment(EXAM_ON, 11, 10),
            use_id=theory_room(session).pk,
            as_read=records.fingerprint(RoomRecord.objects.get(pk=record.pk)),
        )

    def test_every_line_is_asked_for_and_what_is_amiss_is_told(self, bench, held):
        close(bench, held)
        with pytest.raises(Incomplete) as refused:
            self.write(bench, held, equipment=("有异常", ""), notice=("", ""))
        assert {problem.field for problem in refused.value.problems} == {"remark_equipment", "answer_notice"}

    def test_both_sign_what_they_read_and_then_it_stands(self, bench, held, at_once):
        close(bench, held)
        record = self.write(bench, held)
        at_once(
            lambda: self.sign(bench, held, record, "shi-jiankao"),
            lambda: self.sign(bench, held, record, "shi-jiankao"),
        )
        assert record.signatures.count() == 1
        self.write(bench, held, by="shi-jiankao2", equipment=("有异常", "3号机重启一次"))
        assert not record.signatures.filter(withdrawn_at__isnull=True).exists()
        with pytest.raises(WrongState) as refused:
            records.sign(
                actor=bench.user("shi-jiankao"), now=SHUT, use_id=theory_room(held).pk, as_read="2026-01-01T00:00:00"
            )
        assert refused.value.code == "changed"
        for name in ("shi-jiankao", "shi-jiankao2"):
            record = self.sign(bench, held, record, name)
        assert record.state == "SIGNED"
        with pytest.raises(WrongState):
            self.write(bench, held)
        assert records.document(theory_room(held), record).startswith(b"%PDF")
        assert [archiving.archive_missing() for _twice in range(2)] == [{"kept": 1}, {"kept": 0}]
        assert archiving.archive_of(held) == 0
        (kept,) = StoredFile.objects.of(RoomRecord, [record.pk])
        assert kept.name.startswith(f"考场记录 {held.number} 理论")
        # What was corrected since makes another file beside it.
        correct(bench, SignIn.objects.filter(use=theory_room(held)).order_by("pk")[0])
        assert archiving.archive_of(held) == 1
        assert StoredFile.objects.of(RoomRecord, [record.pk]).count() == 2

    def test_nothing_is_written_before_the_sign_in_is_closed(self, bench, held):
        with pytest.raises(WrongState):
            self.write(bench, held)


class TestRecording:
    def test_it_is_kept_for_the_years_of_the_rule_and_its_keeper_reminded_once(self, bench, held):
        row = SessionRecording.objects.get(session=held)
        assert row.keep_until == EXAM_ON.replace(year=EXAM_ON.year + 3)
        with pytest.raises(Incomplete):
            recordings.note_place(actor=bench.officer(), session_id=held.pk, place=" ")
        recordings.note_place(actor=bench.officer(), session_id=held.pk, place="市局档案室硬盘柜3号，保管人考务科")
        near = moment(row.keep_until.replace(day=1))
        Notice.objects.all().delete()
        assert [recordings.remind(near), recordings.remind(near)] == [{"told": 1}, {"told": 0}]
        assert Notice.objects.filter(recipient=bench.officer(), title__contains="保存期将满").count() == 1


def client(bench, name) -> Client:
    browser = Client()
    browser.force_login(bench.user(name))
    return browser


def test_the_pages_of_the_day_work_without_scripts(bench, held, at):
    at(ON_TIME)
    browser, seat = client(bench, "shi-jiankao"), seats(held)[0]
    duty = theory_room(held).staff.get(person=bench.user("shi-jiankao").person_id)
    room = reverse("exams:duty_detail", args=[duty.pk])
    assert "核对签到" in browser.get(room).content.decode()
    number = seat.candidate.application.person.document_number
    found = browser.get(f"{room}?number={number}")
    assert found.url == f"{reverse('exams:door', args=[seat.pk])}?number={number}"
    assert "不在本考场名单中" in browser.get(f"{room}?number=110101199001011237").content.decode()
    page = browser.get(found.url).content.decode()
    assert number in page
    assert reverse("exams:door_photo", args=[seat.pk]) in page
    assert browser.get(reverse("exams:door_photo", args=[seat.pk]))["Content-Type"] == "image/jpeg"
    refused = browser.post(reverse("exams:door", args=[seat.pk]), {"act": "sign_in", "number": "1234"})
    assert refused.status_code == 422
    assert 'value="1234"' in refused.content.decode()
    done = browser.post(
        reverse("exams:door", args=[seat.pk]), {"act": "sign_in", "number": number, "identity_compared": "on"}
    )
    assert done.status_code == 302
    at(SHUT)
    assert "登记为缺考" in browser.get(reverse("exams:sign_in_close", args=[duty.pk])).content.decode()
    assert browser.post(reverse("exams:sign_in_close", args=[duty.pk])).status_code == 302
    assert client(bench, "shi-jiankao2").get(reverse("exams:door", args=[seat.pk])).status_code == 200
    assert client(bench, "shi-kaoping").get(reverse("exams:door", args=[seat.pk])).status_code == 404
    record = RoomRecord.objects.get()
    assert "更正" in client(bench, "shi-kaowu").get(reverse("exams:room_record", args=[record.pk])).content.decode()
    write = reverse("exams:record_write", args=[duty.pk])
    assert browser.post(write, {"started_at": "09:00"}).status_code == 422
    ordinary = {f"answer_{line.code}": line.ordinary for line in records.lines(lookup.edition_on(EXAM_ON))}
    assert browser.post(write, {"started_at": "09:00", "ended_at": "11:00", **ordinary}).status_code == 302
    written = browser.get(room).content.decode()
    assert "确认无误，签名" in written
    assert f'href="{write}"' in written
    tally = records.tally(standing.places(theory_room(held)))
    assert tally == records.Tally(due=4, came=1, late=0, refused=0, absent=3)
