"""变更考试时间: the preview is what happens; bookings follow or are given back by name; people and plan are told."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certification import clock
from certification.catalogue.models import ApplicationKind
from certification.deadlines import sweep
from certification.deadlines.late_admissions import admissions
from certification.deadlines.models import Deadline
from certification.notices.models import Notice
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, NotPermitted, Refusal, TooLate, WrongState
from exams.applications import applying
from exams.models import (
    Candidate,
    Duty,
    ExamApplication,
    ExamPlan,
    ExamRoom,
    ExamSession,
    Part,
    PersonSlot,
    RoomTime,
    RoomUse,
    Seat,
    SessionPart,
    StaffAssignment,
)
from exams.plans import amending, planning
from exams.rooms import seating, staffing
from exams.sessions import assigning, moving
from exams.sessions.announcing import Time
from exams.states import CandidateState, ExamPlanState
from exams.tickets import ticket_changes
from tests.exams.conftest import AFTERNOON, EXAM_ON, MORNING, TODAY
from tests.factories import at as moment
from training.plans import filing
from training.plans import moving as classes
from training.plans.plan_entry import TeacherEntry

NOW = moment(date(2026, 3, 20))
LATER_DAY = date(2026, 4, 22)
REASON = "考场所在学校临时征用。"


def times(day, *, practical=True, morning=MORNING, afternoon=AFTERNOON):
    found = {"THEORY": Time(day, *morning)}
    return {**found, "PRACTICAL": Time(day, *afternoon)} if practical else found


def move(bench, session, wanted, *, now=NOW, by=None, fingerprint=None):
    session = ExamSession.objects.select_related("job_type__group", "organiser").get(pk=session.pk)
    if fingerprint is None:
        fingerprint = moving.preview(session, wanted, now=now).fingerprint
    return moving.move_session(
        actor=bench.user(by) if by else bench.officer(session.job_type.category),
        now=now,
        session_id=session.pk,
        times=wanted,
        reason=REASON,
        fingerprint=fingerprint,
    )


def said(moves):
    return sorted((m.deadline.pk, m.due_before, m.due_after, m.anchor_after, m.becomes_late) for m in moves)


def staffed(bench, session):
    for part, name, duty in (
        (Part.THEORY, "shi-jiankao", Duty.INVIGILATOR),
        (Part.PRACTICAL, "shi-kaoping", Duty.EXAMINER),
    ):
        use = RoomUse.objects.filter(part__session=session, part__part=part).order_by("pk")[0]
        staffing.assign_staff(
            actor=bench.officer(), now=NOW, use_id=use.pk, person_id=bench.user(name).person_id, duty=duty
        )


def booked_days(session):
    times = RoomTime.objects.filter(use__part__session=session).values_list("starts_at", flat=True)
    rooms = map(clock.day_of, times)
    people = PersonSlot.objects.filter(seat__part__session=session).values_list("day", flat=True)
    staff = PersonSlot.objects.filter(assignment__use__part__session=session).values_list("day", flat=True)
    return [set(rooms), set(people), set(staff)]


class TestWhatMoves:
    def test_deadlines_bookings_plan_and_people_follow_the_day(self, bench):
        session = bench.ready(size=3)
        staffed(bench, session)
        plan = ExamPlan.objects.get()
        planning.acknowledge_exam_plan(actor=bench.user("sheng-kaowu"), now=NOW, plan_id=plan.pk)
        inside = [row.application for row in bench.candidates(session)]
        met = {row.rule_id: row.met_at for row in Deadline.objects.open().of(None, inside)}
        Notice.objects.all().delete()
        done = move(bench, session, times(LATER_DAY))
        session.refresh_from_db()
        plan.refresh_from_db()
        assert session.starts_on == LATER_DAY
        assert booked_days(session) == [{LATER_DAY}] * 3
        assert Seat.objects.filter(part__session=session).count() == 6
        assert {row.state for row in bench.candidates(session)} == {CandidateState.ADMITTED}
        anchored = Deadline.objects.open().of(None, inside).filter(rule__values__event="exam_start")
        assert {row.anchor_on for row in anchored} == {LATER_DAY}
        assert all(row.met_at == met[row.rule_id] and not row.met_late for row in anchored)
        assert not [one for one in done.moves if one.becomes_late]
        assert (plan.version, plan.state) == (2, ExamPlanState.FILED)
        told = set(Notice.objects.values_list("recipient__username", flat=True))
        assert {"jigou", "shi-jiankao", "shi-kaoping", "sheng-kaowu"} <= told
        assert Notice.objects.filter(recipient__username="jigou").count() == 1
        line = TransitionLog.objects.about(session).get(name="move")
        assert "4月15日" in line.reason
        assert "4月22日" in line.reason

    def test_tickets_that_were_issued_come_as_differences(self, bench):
        session = bench.ready(size=3)
        move(bench, session, times(LATER_DAY))
        line = ticket_changes.last_move(session)
        changes = ticket_changes.of(session, line, bench.user("jigou"))
        assert [one.holds for one in changes] == [True] * 3
        assert ticket_changes.of(session, line, bench.user("jigou2")) == []

    def test_moved_later_what_was_late_is_open_again(self, bench):
        session = bench.session()
        bench.submitted(bench.plan(size=2), session)
        late = moment(date(2026, 4, 14), 8)
        sweep.sweep(now=late)
        done = move(bench, session, times(LATER_DAY), now=late)
        rows = Deadline.objects.unmet().of("preliminary_review", [c.application for c in bench.candidates(session)])
        assert len(rows) == 2
        assert {row.breached_at for row in rows} == {None}
        assert not [one for one in done.moves if one.becomes_late]

    def test_moved_earlier_what_is_open_becomes_late_by_name_and_what_was_met_stays(self, bench):
        session = bench.session()
        applications = bench.submitted(bench.plan(size=2), session)
        now = moment(date(2026, 3, 25))
        wanted = times(date(2026, 3, 27))
        foreseen = moving.preview(session, wanted, now=now)
        late = [line for line in foreseen.lines if line.becomes_late]
        assert {line.rule.code for line in late} == {"preliminary_review"}
        assert all(len(line.names) == line.count == 2 for line in late)
        move(bench, session, wanted, now=now)
        materials = Deadline.objects.open().of("materials_initial", applications)
        assert {row.met_late for row in materials} == {False}

    def test_a_draft_that_names_it_follows_too(self, bench):
        session = bench.session()
        drafts = bench.drafts(bench.plan(size=1), session)
        move(bench, session, times(LATER_DAY))
        assert Deadline.objects.unmet().of("materials_initial", drafts).get().anchor_on == LATER_DAY

    def test_other_hours_on_the_same_day_move_no_deadline_but_the_bookings(self, bench):
        session = bench.ready(size=2)
        done = move(bench, session, times(EXAM_ON, morning=(20, 23)))
        assert done.moves == []
        slots = PersonSlot.objects.filter(seat__part__session=session, seat__part__part="THEORY")
        assert set(slots.values_list("slot", flat=True)) == {20, 21, 22, 23}

    def test_what_a_candidate_met_for_another_session_stays_with_that(self, bench):
        first, second = bench.session(), bench.session(day=date(2026, 5, 6))
        applications = bench.submitted(bench.plan(size=1), first)
        assigning.move_to_pool(
            actor=bench.officer(), now=NOW, candidate_ids=[bench.candidates(first)[0].pk], reason="改期"
        )
        assigning.assign_to_session(
            actor=bench.officer(), now=NOW, application_ids=[applications[0].pk], session_id=second.pk
        )
        move(bench, second, times(date(2026, 5, 13)))
        assert Deadline.objects.open().of("materials_initial", applications).get().anchor_on == EXAM_ON


class TestConflicts:
    def test_a_room_that_is_taken_is_given_back_and_nobody_is_silently_unseated(self, bench):
        session = bench.ready(size=3)
        staffed(bench, session)
        other = bench.session(day=LATER_DAY)
        bench.rooms(other, part=Part.THEORY)
        foreseen = moving.preview(session, times(LATER_DAY), now=NOW)
        assert len(foreseen.rebooking.lost_rooms) == ExamRoom.objects.filter(site=session.site, part="THEORY").count()
        assert len(foreseen.rebooking.unseated) == 3
        move(bench, session, times(LATER_DAY))
        assert {row.state for row in bench.candidates(session)} == {CandidateState.LISTED}
        assert not Seat.objects.filter(part__session=session).exists()
        assert not RoomUse.objects.in_force().filter(part__session=session, part__part="THEORY").exists()
        assert RoomUse.objects.in_force().filter(part__session=session, part__part="PRACTICAL").exists()
        assert StaffAssignment.objects.filter(ended_at__isnull=False).count() == 1
        line = ticket_changes.last_move(session)
        assert [one.holds for one in ticket_changes.of(session, line, bench.user("jigou"))] == [False] * 3

    def test_staff_who_are_booked_elsewhere_are_released_and_told(self, bench):
        session, other = bench.ready(size=1), bench.session(day=LATER_DAY, code="0102")
        staffed(bench, session)
        room = ExamRoom.objects.create(site=session.site, name="备用考场", part="THEORY", capacity=10)
        (use,) = seating.use_rooms(
            actor=bench.officer(), now=NOW, session_id=other.pk, part="THEORY", room_ids=[room.pk]
        )
        person = bench.user("shi-jiankao").person_id
        staffing.assign_staff(actor=bench.officer(), now=NOW, use_id=use.pk, person_id=person, duty=Duty.INVIGILATOR)
        move(bench, session, times(LATER_DAY))
        ended = StaffAssignment.objects.get(ended_at__isnull=False)
        assert (ended.person_id, ended.use.part.session_id) == (person, session.pk)
        assert Notice.objects.filter(recipient__username="shi-jiankao", body__contains="解除").exists()

    def test_who_may_not_sit_on_the_new_day_waits_in_the_pool(self, bench):
        session = bench.ready(size=2)
        person = bench.candidates(session)[0].application.person
        born = LATER_DAY.replace(year=LATER_DAY.year - 63)
        type(person).objects.filter(pk=person.pk).update(birth_date=born, sex="M")
        foreseen = moving.preview(session, times(LATER_DAY), now=NOW)
        assert [why.code for _row, why in foreseen.leaving] == ["retired"]
        done = move(bench, session, times(LATER_DAY))
        assert [row.application.person_id for row in done.left] == [person.pk]
        assert bench.candidates(session)[0].state == CandidateState.MOVED
        assert bench.candidates(session)[1].state == CandidateState.ADMITTED


class TestRefusals:
    def test_only_the_organisers_own_exam_officer(self, bench):
        session = bench.session()
        fingerprint = moving.preview(session, times(LATER_DAY), now=NOW).fingerprint
        for username in ("sheng-kaowu", "sheng-fuze", "shi-shenhe", "jigou"):
            with pytest.raises(NotPermitted):
                move(bench, session, times(LATER_DAY), by=username, fingerprint=fingerprint)

    def test_not_once_it_was_held(self, bench):
        session = bench.ready(size=1)
        held = bench.held(session)
        with pytest.raises(WrongState):
            moving.preview(held, times(LATER_DAY), now=moment(EXAM_ON, 9))

    def test_times_that_cannot_be(self, bench):
        session = bench.session()
        for wanted in (
            times(EXAM_ON),
            times(NOW.date()),
            times(LATER_DAY, practical=False),
            times(LATER_DAY, afternoon=(18, 21)),
            times(LATER_DAY, morning=(18, 18)),
        ):
            with pytest.raises(Incomplete):
                moving.preview(session, wanted, now=NOW)

    def test_a_day_nearer_than_the_announcement_allows(self, bench):
        session = bench.session()
        with pytest.raises(TooLate):
            moving.preview(session, times(TODAY + timedelta(days=7)), now=moment(TODAY))

    def test_the_exam_plan_must_have_been_filed_in_time_for_the_new_day(self, bench):
        session = bench.session()
        filed = moment(date(2026, 3, 24))
        bench.planned(session, now=filed)
        session.refresh_from_db()
        sooner = times(date(2026, 3, 27))
        with pytest.raises(TooLate) as refused:
            moving.preview(session, sooner, now=filed)
        assert refused.value.rule_code == "exam_plan"
        admissions.admit(
            actor=bench.user("sheng-fuze"),
            now=filed,
            model_label="exams.ExamPlan",
            rule_code="exam_plan",
            case_id=ExamPlan.objects.get().pk,
            event_on=date(2026, 3, 27),
            reason="考点检修，须提前。",
        )
        move(bench, session, sooner, now=filed)
        session.refresh_from_db()
        assert session.starts_on == date(2026, 3, 27)

    def test_a_stale_confirmation_does_nothing(self, bench):
        session = bench.session()
        fingerprint = moving.preview(session, times(LATER_DAY), now=NOW).fingerprint
        bench.submitted(bench.plan(size=1), session)
        with pytest.raises(WrongState, match="预览之后"):
            move(bench, session, times(LATER_DAY), fingerprint=fingerprint)
        session.refresh_from_db()
        assert session.starts_on == EXAM_ON


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shift=st.integers(-20, 60),
    wait=st.integers(0, 36),
    cleared=st.booleans(),
    planned=st.booleans(),
    seated=st.booleans(),
    swept=st.booleans(),
)
def test_the_preview_is_the_result(bench, shift, wait, cleared, planned, seated, swept):
    sid = transaction.savepoint()
    try:
        session = bench.session()
        submitted = bench.submitted(bench.plan(size=2), session)
        if cleared:
            bench.clear(submitted)
        bench.drafts(bench.plan(size=1), session)
        if planned:
            bench.planned(session)
        if seated:
            bench.rooms(session)
            bench.seated(session)
        now = moment(TODAY + timedelta(days=wait))
        if swept:
            sweep.sweep(now=now)
        session.refresh_from_db()
        wanted = times(EXAM_ON + timedelta(days=shift))
        try:
            foreseen = moving.preview(session, wanted, now=now)
        except Refusal as refusal:
            with pytest.raises(type(refusal)):
                move(bench, session, wanted, now=now, fingerprint="")
            return
        before = {row.pk: row for row in Deadline.objects.open()}
        done = move(bench, session, wanted, now=now, fingerprint=foreseen.fingerprint)
        assert said(done.moves) == said(foreseen.moves)
        foretold = {one.deadline.pk: one for one in foreseen.moves}
        after = {(row.rule_id, row.subject_type_id, row.subject_id): row for row in Deadline.objects.open()}
        for pk, old in before.items():
            new = after[old.rule_id, old.subject_type_id, old.subject_id]
            if pk not in foretold:
                assert (new.pk, new.due_on) == (pk, old.due_on)
                continue
            assert (new.due_on, new.anchor_on) == (foretold[pk].due_after, foretold[pk].anchor_after)
            assert (new.met_at, new.met_late) == (old.met_at, old.met_late)
            was_late = old.is_late_at(now) and old.met_at is None
            assert foretold[pk].becomes_late == (new.is_late_at(now) and new.met_at is None and not was_late)
        admitted = {row.pk for row in Candidate.objects.filter(session=session, state=CandidateState.ADMITTED)}
        assert admitted == {row.pk for row in foreseen.tickets_changed}
        assert set(Seat.objects.values_list("candidate_id", flat=True)) == admitted
        assert booked_days(session)[1] <= {foreseen.starts_on}
        parts = SessionPart.objects.filter(session=session)
        assert {part.part: Time(part.day, part.first_slot, part.last_slot) for part in parts} == wanted
    finally:
        transaction.savepoint_rollback(sid)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_moved_twice_moves_once(self, bench, at_once):
        session = bench.ready(size=2)
        fingerprint = moving.preview(session, times(LATER_DAY), now=NOW).fingerprint
        outcomes = at_once(*[lambda: move(bench, session, times(LATER_DAY), fingerprint=fingerprint)] * 2)
        assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
        assert ExamPlan.objects.get().version == 2

    def test_moving_and_applying_leave_every_deadline_on_the_sessions_day(self, bench, at_once):
        session = bench.session()
        drafts = bench.drafts(bench.plan(size=3), session)
        fingerprint = moving.preview(session, times(LATER_DAY), now=NOW).fingerprint
        outcomes = at_once(
            lambda: move(bench, session, times(LATER_DAY), fingerprint=fingerprint),
            lambda: applying.submit_applications(
                actor=bench.user("jigou"), now=NOW, application_ids=[row.pk for row in drafts]
            ),
        )
        assert not [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, Refusal)]
        session.refresh_from_db()
        rows = Deadline.objects.open().of(None, drafts).filter(rule__values__event="exam_start")
        assert {row.anchor_on for row in rows} == {session.starts_on}

    def test_moving_and_choosing_the_session(self, bench, at_once):
        session = bench.session()
        drafts = bench.drafts(bench.plan(size=2))
        fingerprint = moving.preview(session, times(LATER_DAY), now=NOW).fingerprint
        at_once(
            lambda: move(bench, session, times(LATER_DAY), fingerprint=fingerprint),
            lambda: applying.choose_session(
                actor=bench.user("jigou"), now=NOW, application_ids=[row.pk for row in drafts], session_id=session.pk
            ),
        )
        session.refresh_from_db()
        rows = Deadline.objects.open().of("materials_initial", drafts)
        assert {row.anchor_on for row in rows} == {session.starts_on}

    def test_moving_and_the_sweep_do_not_wait_for_each_other_for_ever(self, bench, at_once):
        session = bench.session()
        bench.submitted(bench.plan(size=3), session)
        now = moment(date(2026, 4, 14), 8)
        fingerprint = moving.preview(session, times(LATER_DAY), now=now).fingerprint
        outcomes = at_once(
            lambda: move(bench, session, times(LATER_DAY), now=now, fingerprint=fingerprint),
            lambda: sweep.sweep(now=now),
        )
        assert not [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, Refusal)]
        session.refresh_from_db()
        inside = ExamApplication.objects.filter(candidates__session=session, candidates__state="LISTED")
        rows = Deadline.objects.unmet().of(None, list(inside)).filter(rule__values__event="exam_start")
        assert {row.anchor_on for row in rows} <= {session.starts_on}

    def test_a_class_that_moves_while_its_renewals_are_submitted(self, bench, at_once):
        plan = bench.plan(ApplicationKind.PERIODIC_REVIEW, size=2, start=date(2026, 3, 30))
        drafts = bench.drafts(plan)
        days = classes.Days(date(2026, 4, 1), date(2026, 4, 20))
        fingerprint = classes.preview(plan, days, now=NOW).fingerprint
        at_once(
            lambda: classes.move_class(
                actor=bench.user("jigou"), now=NOW, plan_id=plan.pk, days=days, fingerprint=fingerprint
            ),
            lambda: applying.submit_applications(
                actor=bench.user("jigou"), now=NOW, application_ids=[row.pk for row in drafts]
            ),
        )
        plan.refresh_from_db()
        rows = Deadline.objects.open().of("materials_renewal", drafts)
        assert {row.anchor_on for row in rows} == {plan.class_start}


def test_the_officer_of_a_session_that_begins_before_the_moved_class_ends_is_told(bench):
    plan = bench.plan(ApplicationKind.PERIODIC_REVIEW, size=2, start=date(2026, 3, 30))
    session = bench.session(practical=False)
    rows = bench.submitted(plan)
    assigning.assign_to_session(
        actor=bench.officer(), now=NOW, application_ids=[row.pk for row in rows], session_id=session.pk
    )
    days = classes.Days(EXAM_ON - timedelta(days=1), EXAM_ON + timedelta(days=14))
    Notice.objects.all().delete()
    foreseen = classes.preview(plan, days, now=NOW)
    (said,) = [line for line in foreseen.warnings if session.number in line]
    assert "本班有 2 人在其中" in said
    classes.move_class(actor=bench.user("jigou"), now=NOW, plan_id=plan.pk, days=days, fingerprint=foreseen.fingerprint)
    (told,) = Notice.objects.filter(url=reverse("exams:session_detail", args=[session.pk]))
    assert (told.recipient.username, told.body) == ("shi-kaowu", said)


def test_a_returned_plan_that_is_filed_for_another_day_takes_its_renewals_along(bench):
    plan = bench.plan(ApplicationKind.PERIODIC_REVIEW, size=2, start=date(2026, 3, 30))
    drafts = bench.drafts(plan)
    type(plan).objects.filter(pk=plan.pk).update(state="RETURNED")
    teacher = bench.world.invented(1)[0]
    filing.refile_plan(
        actor=bench.user("jigou"),
        now=NOW,
        plan_id=plan.pk,
        teachers=[TeacherEntry(teacher.name, teacher.number)],
        class_start=date(2026, 4, 1),
        class_end=date(2026, 4, 20),
    )
    assert {row.anchor_on for row in Deadline.objects.open().of("materials_renewal", drafts)} == {date(2026, 4, 1)}


class TestPages:
    def asked(self, day):
        return {
            "theory_day": day.isoformat(),
            "theory_first": MORNING[0],
            "theory_last": MORNING[1],
            "practical_day": day.isoformat(),
            "practical_first": AFTERNOON[0],
            "practical_last": AFTERNOON[1],
            "reason": REASON,
        }

    def test_times_preview_confirmation_and_what_everybody_sees(self, client, bench):
        session = bench.ready(size=2)
        client.force_login(bench.officer())
        url = reverse("exams:session_move", args=[session.pk])
        detail = reverse("exams:session_detail", args=[session.pk])
        assert url in client.get(detail).content.decode()
        assert client.get(url).status_code == 200
        page = client.get(url, self.asked(LATER_DAY))
        assert page.status_code == 200
        text = page.content.decode()
        assert "确认变更" in text
        assert "准考证 <strong>2</strong> 张须重新打印" in text
        fingerprint = page.context["preview"].fingerprint
        done = client.post(url, {**self.asked(LATER_DAY), "fingerprint": fingerprint}, follow=True)
        assert "考试时间已变更" in done.content.decode()
        assert client.post(url, {**self.asked(LATER_DAY), "fingerprint": fingerprint}).status_code == 422
        plan = ExamPlan.objects.get()
        for username, address in (
            ("jigou", detail),
            ("sheng-kaowu", reverse("exams:plan_detail", args=[plan.pk])),
        ):
            client.force_login(bench.user(username))
            assert "4月22日" in client.get(address).content.decode()

    def test_the_preview_costs_as_many_queries_for_one_as_for_many(self, client, bench):
        few, many = bench.ready(size=1), bench.session(day=date(2026, 4, 16))
        bench.clear(bench.submitted(bench.plan(size=6), many))
        bench.planned(many)
        bench.rooms(many)
        bench.seated(many)
        client.force_login(bench.officer())
        counts = []
        for session in (few, few, many):
            with CaptureQueriesContext(connection) as queries:
                page = client.get(reverse("exams:session_move", args=[session.pk]), self.asked(LATER_DAY))
            assert page.status_code == 200
            counts.append(len(queries))
        assert counts[1] == counts[2]

    def test_nobody_else_finds_the_button_or_the_page(self, client, bench):
        session = bench.session()
        url = reverse("exams:session_move", args=[session.pk])
        for username in ("jigou", "shi-shenhe"):
            client.force_login(bench.user(username))
            assert client.get(url).status_code == 403
            assert url not in client.get(reverse("exams:session_detail", args=[session.pk])).content.decode()
        client.force_login(bench.user("sheng-kaowu"))
        assert client.get(url).status_code == 404


def test_a_plan_of_two_counts_from_the_day_that_is_first_now(bench):
    first, second = bench.session(), bench.session(day=date(2026, 4, 29))
    plan = planning.save_exam_plan(
        actor=bench.officer(), now=NOW, title="四月考试计划", session_ids=[first.pk, second.pk]
    )
    move(bench, first, times(date(2026, 5, 8)))
    assert Deadline.objects.unmet().of("exam_plan", [plan]).get().anchor_on == date(2026, 4, 29)
    assert amending.first_day(plan, besides=second) == date(2026, 5, 8)
