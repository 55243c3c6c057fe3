"""Rooms, seats and staff: nobody twice, nobody silently left out, nobody on both sides (rules 4, 8)."""

from datetime import date

import pytest

from certification.catalogue.models import ApplicationKind
from certification.notices.models import Notice
from certification.refusals import Refusal, SeparationBreach, TooLate, WrongState
from exams.applications import applying
from exams.materials import hours
from exams.models import Candidate, Duty, ExamPlan, ExamRoom, Part, PersonSlot, RoomTime, RoomUse, Seat
from exams.plans import planning
from exams.rooms import overflow, overriding, seating, staffing
from exams.sessions import assigning, holding
from exams.states import CandidateState, ExamPlanState, SessionState
from exams.tickets import printing, ticket_changes
from tests.exams.conftest import EXAM_ON, TODAY
from tests.factories import at as moment
from training.models import PlanTeacher


def use_of(session, part=Part.THEORY) -> RoomUse:
    return RoomUse.objects.filter(part__session=session, part__part=part).order_by("pk")[0]


def assign(bench, session, name="shi-jiankao", duty=Duty.INVIGILATOR, part=Part.THEORY):
    return bench.invite(use_of(session, part), name, duty)


def test_who_has_no_seat_is_named(bench):
    session = bench.session(capacity=30)
    bench.clear(bench.submitted(bench.plan(size=5), session))
    small = ExamRoom.objects.filter(site=session.site, part=Part.PRACTICAL).order_by("pk")[0]
    small.capacity = 3
    small.save()
    bench.rooms(session, part=Part.THEORY)
    seating.use_rooms(
        actor=bench.officer(), now=moment(TODAY), session_id=session.pk, part=Part.PRACTICAL, room_ids=[small.pk]
    )
    done = bench.seated(session)
    assert len(done.seated) == 3
    assert [refusal.code for _row, refusal in done.unseated] == ["no_seat", "no_seat"]
    assert Seat.objects.count() == 6
    assert Candidate.objects.filter(state=CandidateState.ADMITTED).count() == 3


def test_seats_are_kept_when_others_drop_out_and_given_to_who_comes_later(bench):
    session = bench.ready(size=4)
    before = {seat.candidate_id: seat.number for seat in Seat.objects.filter(part__part=Part.THEORY)}
    first, *others = bench.candidates(session)
    assigning.move_to_pool(actor=bench.officer(), now=moment(TODAY), candidate_ids=[first.pk], reason="住院")
    bench.clear(bench.submitted(bench.plan(size=1), session))
    bench.seated(session)
    after = {seat.candidate_id: seat.number for seat in Seat.objects.filter(part__part=Part.THEORY)}
    assert all(after[row.pk] == before[row.pk] for row in others)
    assert after[bench.candidates(session)[-1].pk] == before[first.pk]
    assert PersonSlot.objects.filter(person=first.application.person).count() == 0
    assert Seat.history.filter(candidate=first, history_type="-").count() == 2
    tickets = Candidate.objects.exclude(ticket_number="").values_list("ticket_number", flat=True)
    assert len(set(tickets)) == 5


def test_uncleared_and_unproven_are_not_admitted(bench):
    session = bench.session()
    bench.submitted(bench.plan(size=1), session)
    renewals = bench.submitted(bench.plan(ApplicationKind.RENEWAL, size=1))
    assigning.assign_to_session(
        actor=bench.officer(), now=moment(TODAY), application_ids=[renewals[0].pk], session_id=session.pk
    )
    bench.move("clear", renewals)
    bench.rooms(session)
    done = bench.seated(session)
    assert [refusal.code for _row, refusal in done.unseated] == ["not_cleared", "hours_unconfirmed"]
    bench.give_papers(renewals, now=moment(TODAY), later=True)
    (result,) = hours.confirm_hours(actor=bench.officer(), now=moment(TODAY), application_ids=[renewals[0].pk])
    assert result.ok
    assert len(bench.seated(session).seated) == 1
    # Renewals sit the theory part only.
    assert Seat.objects.count() == 1


def test_a_room_is_not_given_twice_at_the_same_time(bench):
    one, other = bench.session(), bench.session()
    bench.rooms(one)
    with pytest.raises(WrongState) as refused:
        bench.rooms(other)
    assert refused.value.code == "room_taken"


def test_two_officers_at_once_book_a_room_once(bench, at_once):
    one, other = bench.session(), bench.session()
    outcomes = at_once(lambda: bench.rooms(one, part=Part.THEORY), lambda: bench.rooms(other, part=Part.THEORY))
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
    assert RoomUse.objects.values("part").distinct().count() == 1
    assert RoomTime.objects.count() == RoomUse.objects.count()


def test_seating_twice_at_once_gives_every_candidate_one_seat(bench, at_once):
    session = bench.session()
    bench.clear(bench.submitted(bench.plan(size=6), session))
    bench.rooms(session)
    first, second = at_once(lambda: bench.seated(session), lambda: bench.seated(session))
    assert len(first.seated) + len(second.seated) == 6
    assert Seat.objects.count() == 12


def test_staff_of_the_institution_and_its_teachers_do_not_invigilate(bench):
    session = bench.ready(size=1)
    person = bench.user("shi-jiankao").person
    plan = bench.candidates(session)[0].application.plan
    PlanTeacher.objects.create(plan=plan, person=person)
    with pytest.raises(SeparationBreach, match="4.1"):
        assign(bench, session)
    assert assign(bench, session, "shi-jiankao2").duty == Duty.INVIGILATOR


def test_a_candidate_does_not_staff_the_own_exam(bench):
    session = bench.session()
    plan = bench.plan(size=1)
    trainee = plan.trainees.get()
    trainee.person = bench.user("shi-jiankao").person
    trainee.save()
    bench.submitted(plan, session)
    bench.rooms(session)
    with pytest.raises(SeparationBreach, match="4.4"):
        assign(bench, session)


def test_staff_who_later_turn_out_to_teach_there_stop_the_exam(bench):
    session = bench.ready(size=1)
    assign(bench, session)
    plan = bench.candidates(session)[0].application.plan
    PlanTeacher.objects.create(plan=plan, person=bench.user("shi-jiankao").person)
    assert set(staffing.in_breach(session)) == {bench.user("shi-jiankao").person_id}
    with pytest.raises(SeparationBreach):
        bench.held(session)


def test_nobody_serves_in_two_rooms_at_once_and_release_frees_the_time(bench):
    session = bench.ready(size=1)
    assignment = assign(bench, session)
    with pytest.raises(WrongState) as refused:
        assign(bench, session)
    assert refused.value.code == "person_busy"
    staffing.end_assignment(actor=bench.officer(), now=moment(TODAY), assignment_id=assignment.pk, reason="请假")
    assert assign(bench, session).ended_at is None


def test_only_who_has_the_role_serves(bench):
    session = bench.ready(size=1)
    with pytest.raises(Refusal) as refused:
        assign(bench, session, "shi-kaoping")
    assert refused.value.code == "not_qualified"


def test_an_exam_is_not_held_early_nor_without_a_plan(bench):
    session = bench.ready(size=2)
    with pytest.raises(WrongState) as refused:
        bench.held(session, now=moment(TODAY))
    assert refused.value.code == "too_early"
    bench.submitted(bench.plan(size=1), session)
    bench.held(session)
    states = [row.state for row in bench.candidates(session)]
    assert states == [CandidateState.ADMITTED, CandidateState.ADMITTED, CandidateState.MOVED]
    with pytest.raises(WrongState):
        holding.hold_session(actor=bench.officer(), now=moment(EXAM_ON, 9), session_id=session.pk)


def test_a_returned_plan_stops_the_exam_until_it_is_filed_again(bench):
    session = bench.ready(size=1)
    plan = ExamPlan.objects.get()
    planning.return_exam_plan(actor=bench.user("sheng-kaowu"), now=moment(TODAY), plan_id=plan.pk, reason="缺备用考场")
    with pytest.raises(WrongState):
        bench.held(session)
    planning.file_exam_plan(actor=bench.officer(), now=moment(TODAY), plan_id=plan.pk)
    assert bench.held(session).state == SessionState.HELD


def test_a_late_plan_is_refused_for_category_two_and_only_warned_for_category_one(bench):
    late = moment(date(2026, 4, 9))
    session = bench.session()
    plan = planning.save_exam_plan(actor=bench.officer(), now=moment(TODAY), title="计划", session_ids=[session.pk])
    with pytest.raises(TooLate) as refused:
        planning.file_exam_plan(actor=bench.officer(), now=late, plan_id=plan.pk)
    assert (refused.value.due_on, refused.value.earliest) == (date(2026, 4, 8), date(2026, 4, 16))
    province = bench.session(code="0801")
    plan = planning.save_exam_plan(
        actor=bench.user("sheng-kaowu"), now=moment(TODAY), title="计划", session_ids=[province.pk]
    )
    filed = planning.file_exam_plan(actor=bench.user("sheng-kaowu"), now=late, plan_id=plan.pk)
    assert filed.state == ExamPlanState.FILED


def test_the_overflow_is_counted_and_named_on_the_page(bench, browse):
    session = bench.session(capacity=30)
    applications = bench.submitted(bench.plan(size=5), session)
    bench.clear(applications[2:])
    small = ExamRoom.objects.filter(site=session.site, part=Part.THEORY).order_by("pk")[0]
    small.capacity = 3
    small.save()
    seating.use_rooms(
        actor=bench.officer(), now=moment(TODAY), session_id=session.pk, part=Part.THEORY, room_ids=[small.pk]
    )
    (found,) = overflow.overflows(session)
    # Cleared first, whatever the order of assignment.
    assert (found.seats, found.needed, [row.application_id for row in found.over]) == (
        3,
        5,
        [row.pk for row in applications[:2]],
    )
    page = browse("shi-kaowu").get(f"/exams/sessions/{session.pk}/").content.decode()
    assert "理论考场共 3 个座位，本场 5 人需要，超出 2 人" in page
    assert "、".join(str(row) for row in found.over) in page


def test_a_full_session_says_how_many_are_over(bench):
    session = bench.session(capacity=2)
    bench.submitted(bench.plan(size=1), session)
    drafts = bench.drafts(bench.plan(size=3), session)
    done = applying.submit_applications(
        actor=bench.user("jigou"), now=moment(TODAY), application_ids=[row.pk for row in drafts]
    )
    over = [result for result in done if not result.ok]
    assert [str(result.row) for result in over] == [str(row) for row in drafts[1:]]
    assert "尚余 1 个名额，本次申请 3 人，超出 2 人" in str(over[0].refusal)


def move(bench, seat, use, number, **given):
    given = {"reason": "左手受伤，靠近出口", "swap": False, **given}
    return overriding.move_seat(
        actor=bench.officer(), now=moment(TODAY), seat_id=seat.pk, use_id=use.pk, number=number, **given
    )


def theory_seats(session) -> list[Seat]:
    return list(Seat.objects.filter(part__session=session, part__part=Part.THEORY).order_by("number"))


def test_a_seat_is_changed_by_hand_with_its_reason_and_stays(bench, browse):
    session = bench.ready(size=3)
    first, second, _third = theory_seats(session)
    use = RoomUse.objects.filter(part=first.part_id).order_by("pk")[1]
    page = browse("shi-kaowu")
    url = f"/exams/seats/{first.pk}/move/"
    assert "人工调整座位" in page.get(url).content.decode()
    given = {"use": use.pk, "number": 7, "reason": "左手受伤，靠近出口", "as_seen": overriding.seen(first)}
    assert page.post(url, {**given, "reason": ""}).status_code == 422
    assert page.post(url, given).status_code == 302
    # Handed in twice: the place that the page showed is not the place any more.
    assert "刚刚已由他人调整" in page.post(url, given).content.decode()
    first.refresh_from_db()
    assert (first.use_id, first.number) == (use.pk, 7)
    assert PersonSlot.objects.filter(seat=first).count() == 4
    shown = page.get(f"/exams/sessions/{session.pk}/").content.decode()
    assert "左手受伤，靠近出口" in shown
    assert f"{use.room.name}7号，重新打印" in shown
    (change,) = ticket_changes.of(session, None, bench.user("jigou"))
    assert (change.candidate.pk, change.holds) == (first.candidate_id, True)
    notice = Notice.objects.filter(recipient=bench.user("jigou"), title__contains="座位调整").get()
    assert "左手受伤" in notice.body
    # Seating again leaves it where it is.
    bench.seated(session)
    first.refresh_from_db()
    assert (first.use_id, first.number) == (use.pk, 7)
    assert (
        Seat.history.filter(id=first.pk, history_type="~").get().history_change_reason == "人工调整：左手受伤，靠近出口"
    )
    assert second.number in {seat.number for seat in theory_seats(session)}
    assert printing.tickets(printing.with_ticket().filter(pk=first.candidate_id)).startswith(b"%PDF")


def test_a_taken_seat_is_refused_or_exchanged(bench):
    session = bench.ready(size=2)
    first, second = theory_seats(session)
    with pytest.raises(WrongState) as refused:
        move(bench, first, second.use, second.number)
    assert refused.value.code == "seat_taken"
    moves = move(bench, first, second.use, second.number, swap=True)
    assert {str(one) for one in moves} == {
        f"{first.candidate}：理论 {overriding.place_of(first)} → {overriding.place_of(second)}",
        f"{second.candidate}：理论 {overriding.place_of(second)} → {overriding.place_of(first)}",
    }
    now = {seat.candidate_id: seat.number for seat in theory_seats(session)}
    assert now == {first.candidate_id: second.number, second.candidate_id: first.number}
    changed = ticket_changes.of(session, None, bench.user("jigou"))
    assert [one.candidate.pk for one in changed] == [first.candidate_id, second.candidate_id]


@pytest.mark.parametrize(("number", "reason"), [(0, "有原因"), (999, "有原因"), (7, "  ")])
def test_a_seat_that_is_none_or_without_reason_is_refused(bench, number, reason):
    session = bench.ready(size=1)
    (seat,) = theory_seats(session)
    with pytest.raises(Refusal) as refused:
        move(bench, seat, seat.use, number, reason=reason)
    assert refused.value.code == "incomplete"


def test_nobody_is_seated_by_hand_where_somebody_has_to_stay_away(bench):
    session = bench.ready(size=1)
    (seat,) = theory_seats(session)
    assign(bench, session)
    PlanTeacher.objects.create(plan=seat.candidate.application.plan, person=bench.user("shi-jiankao").person)
    with pytest.raises(SeparationBreach, match="4.1"):
        move(bench, seat, use_of(session), seat.number + 1)


def test_two_officers_at_once_give_one_seat_once(bench, at_once):
    session = bench.ready(size=2)
    first, second = theory_seats(session)
    outcomes = at_once(lambda: move(bench, first, first.use, 9), lambda: move(bench, second, first.use, 9))
    (refusal,) = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert refusal.code == "seat_taken"


def test_once_the_exam_has_begun_no_seat_is_changed(bench):
    session = bench.ready(size=1)
    (seat,) = theory_seats(session)
    bench.held(session)
    with pytest.raises(WrongState):
        move(bench, seat, seat.use, 9)
