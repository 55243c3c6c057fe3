"""Due dates that move: the preview is what happens, what was met stays met (rules 2.2)."""

import threading
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, connections, transaction

from certification.clock import SHANGHAI
from certification.deadlines import ledger, moving, pauses, sweep
from certification.deadlines.models import Deadline, Pause
from certification.organisations.models import Territory, User
from certification.workdays import calendars
from certification.workdays.counting import Calendar
from certification.workdays.publishing import draft, publish
from tests.deadlines.conftest import NOW

State = Deadline.State
LATER = NOW + timedelta(hours=1)
DAYS_OF_2027 = [
    (date(2027, 1, 1), "OFF", "元旦"),
    (date(2027, 1, 4), "OFF", "元旦"),
    (date(2027, 1, 5), "OFF", "元旦"),
    (date(2027, 1, 9), "MAKEUP", "元旦"),
]


@pytest.fixture
def opened(organisations):
    def make(case, event_on=date(2026, 5, 11), rule="plan_filing", now=NOW, **kwargs) -> Deadline:
        kwargs.setdefault("responsible", organisations["school"])
        return ledger.open_deadline(rule, case, event_on=event_on, now=now, **kwargs)

    return make


@pytest.fixture
def system(reference):
    return User.objects.system()


def published(days=DAYS_OF_2027, year=2027) -> Calendar:
    publish(draft(year=year, notice_title=f"{year}年通知", notice_date=None, days=days), now=NOW)
    return calendars.current()


def as_said(moves) -> list[tuple]:
    """What a list of moves says, one line a deadline."""
    lines = [
        (m.rule.code, m.anchor_after, m.due_before, m.due_after, m.becomes_late) for m in moves for _ in range(m.count)
    ]
    return sorted(lines)


class TestEvent:
    def test_the_preview_is_what_happens(self, opened, case, system):
        cases = [case(), case()]
        for one in cases:
            opened(one)
            opened(one, rule="roster")
            opened(one, rule="final_review")
        preview = moving.by_event("class_start", cases, date(2026, 6, 22), now=LATER)
        assert [row.version for row in Deadline.objects.all()] == [1] * 6
        done = moving.move_event("class_start", cases, date(2026, 6, 22), now=LATER, actor=system)
        assert as_said(preview) == as_said(done)
        rows = Deadline.objects.open().filter(anchor_on=date(2026, 6, 22))
        assert sorted((r.rule.code, r.due_on, r.version) for r in rows) == sorted(
            [("plan_filing", date(2026, 6, 10), 2), ("roster", date(2026, 6, 22), 2)] * 2
        )
        untouched = Deadline.objects.open().get(rule__code="final_review", subject_id=cases[0].pk)
        assert untouched.version == 1

    def test_moved_to_the_same_day_does_nothing(self, opened, case, system):
        one = case()
        opened(one)
        assert moving.move_event("class_start", [one], date(2026, 5, 11), now=LATER, actor=system) == []
        assert Deadline.objects.count() == 1

    def test_moved_later_what_was_met_late_stays_late_and_in_time_in_time(self, opened, case, system):
        in_time, late = case(), case()
        opened(in_time)
        opened(late)
        midnight = datetime(2026, 4, 29, tzinfo=SHANGHAI)
        ledger.meet("plan_filing", [in_time], now=midnight - timedelta(minutes=1), actor=system)
        ledger.meet("plan_filing", [late], now=midnight + timedelta(minutes=1), actor=system)
        moving.move_event("class_start", [in_time, late], date(2026, 6, 22), now=midnight, actor=system)
        states = [ledger.find("plan_filing", one).state_at(midnight) for one in (in_time, late)]
        assert states == [State.MET, State.MET_LATE]

    def test_moved_earlier_met_in_time_under_the_old_date_stays_in_time(self, opened, case, system):
        one = case()
        opened(one, date(2026, 5, 29))
        met = datetime(2026, 5, 10, 12, tzinfo=SHANGHAI)
        ledger.meet("plan_filing", [one], now=met, actor=system)
        (move,) = moving.by_event("class_start", [one], date(2026, 5, 11), now=met)
        assert not move.becomes_late
        moving.move_event("class_start", [one], date(2026, 5, 11), now=met, actor=system)
        found = ledger.find("plan_filing", one)
        assert (found.due_on, found.state_at(met)) == (date(2026, 4, 28), State.MET)
        assert sweep.sweep(now=met).breached == 0

    def test_moved_earlier_what_is_open_becomes_late_and_says_so_before(self, opened, case, system):
        one = case()
        opened(one, date(2026, 5, 29))
        now = datetime(2026, 4, 29, tzinfo=SHANGHAI)
        preview = moving.by_event("class_start", [one], date(2026, 5, 11), now=now)
        assert [move.becomes_late for move in preview] == [True]
        moving.move_event("class_start", [one], date(2026, 5, 11), now=now, actor=system)
        assert ledger.find("plan_filing", one).state_at(now) == State.OVERDUE

    def test_becoming_provisional_is_never_late(self, opened, case, system):
        one = case()
        opened(one)
        now = datetime(2026, 12, 31, 12, tzinfo=SHANGHAI)
        (move,) = moving.by_event("class_start", [one], date(2027, 1, 5), now=now)
        assert move.provisional_after
        assert not move.becomes_late


class TestCalendar:
    def test_the_preview_is_what_happens(self, opened, case, system):
        waiting, met, firm = case(), case(), case()
        provisional = opened(waiting, date(2027, 1, 12))
        done = opened(met, date(2027, 1, 12))
        ledger.meet("plan_filing", [met], now=NOW, actor=system)
        untouched = opened(firm)
        assert provisional.due_on == date(2026, 12, 31)
        calendar = published()
        preview = moving.by_calendar(calendar, now=LATER)
        assert (preview.count, preview.late, preview.firm) == (1, 0, 1)
        assert [row.pk for row in moving.deadlines_of(preview.rows[0])] == [provisional.pk]
        applied = moving.apply_calendar(calendar, now=LATER, actor=system)
        assert as_said(preview.rows) == as_said(applied.rows)
        provisional.refresh_from_db()
        assert (provisional.due_on, provisional.provisional, provisional.version) == (date(2026, 12, 30), False, 2)
        assert provisional.next_reminder_on == date(2026, 12, 25)
        (last, first) = provisional.history.all()
        assert (last.due_on, first.due_on) == (date(2026, 12, 30), date(2026, 12, 31))
        assert (last.history_user, last.history_change_reason) == (system, "工作日历更新，重新计算")
        assert moving.apply_calendar(calendar, now=LATER, actor=system).rows == []
        done.refresh_from_db()
        untouched.refresh_from_db()
        assert done.provisional
        assert untouched.version == 1
        assert untouched.history.count() == 1

    def test_a_correction_takes_a_breach_back_that_it_undoes(self, opened, case, system):
        one = opened(case())
        now = datetime(2026, 4, 29, 9, tzinfo=SHANGHAI)
        sweep.sweep(now=now)
        one.refresh_from_db()
        assert one.breached_at is not None
        corrected = published([(date(2026, 5, 1), "OFF", "劳动节")], year=2026)
        moving.apply_calendar(corrected, now=now, actor=system)
        one.refresh_from_db()
        assert (one.due_on, one.breached_at, one.consequence_run_at) == (date(2026, 4, 29), None, None)
        assert one.state_at(now) == State.OPEN
        assert sweep.sweep(now=now).breached == 0
        assert sweep.sweep(now=now + timedelta(days=1)).breached == 1

    def test_a_date_that_a_correction_makes_late_is_said_before(self, opened, case, system):
        opened(case(), date(2026, 5, 12))
        now = datetime(2026, 4, 29, 9, tzinfo=SHANGHAI)
        worked = [(date(2026, 5, 9), "MAKEUP", "劳动节"), (date(2026, 5, 10), "MAKEUP", "劳动节")]
        preview = moving.by_calendar(published([(date(2026, 5, 1), "OFF", "劳动节"), *worked], 2026), now=now)
        assert preview.late == 0
        now = datetime(2026, 4, 30, 9, tzinfo=SHANGHAI)
        assert moving.by_calendar(calendars.current(), now=now).rows[0].due_before == date(2026, 4, 29)

    def test_the_sweep_counts_again_what_was_published_elsewhere(self, opened, case):
        provisional = opened(case(), date(2027, 1, 12))
        assert sweep.sweep(now=NOW).recounted == 0
        published()
        assert sweep.sweep(now=NOW).recounted == 1
        assert sweep.sweep(now=NOW).recounted == 0
        provisional.refresh_from_db()
        assert provisional.due_on == date(2026, 12, 30)

    def test_paused_cases_are_counted_with_their_pauses(self, opened, case, system):
        one = case()
        opened(one, date(2026, 12, 21), rule="decision", now=datetime(2026, 12, 21, tzinfo=SHANGHAI))
        at = datetime(2026, 12, 23, 9, tzinfo=SHANGHAI)
        pauses.pause([one], kind=Pause.Kind.HEARING, reason="听证", now=at, actor=system)
        pauses.resume([one], last_day=date(2026, 12, 24), now=at + timedelta(days=1), actor=system)
        before = ledger.find("decision", one)
        assert before.due_on == date(2027, 1, 7)
        calendar = published()
        preview = moving.by_calendar(calendar, now=at)
        applied = moving.apply_calendar(calendar, now=at, actor=system)
        assert as_said(preview.rows) == as_said(applied.rows)
        after = ledger.find("decision", one)
        assert (after.due_on, after.version) == (date(2027, 1, 9), before.version + 1)

    @pytest.mark.parametrize("number", [1, 60])
    def test_queries_do_not_grow_with_the_deadlines(
        self, case, opened, organisations, system, number, django_assert_max_num_queries
    ):
        ledger.open_deadlines(
            "plan_filing",
            [case() for _ in range(number)],
            event_on=date(2027, 1, 12),
            responsible=organisations["school"],
            now=NOW,
        )
        calendar = published()
        with django_assert_max_num_queries(16):
            assert moving.apply_calendar(calendar, now=NOW, actor=system).count == number


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs two connections")
def test_a_deadline_opened_while_a_calendar_is_published_is_counted_by_the_new_one(organisations, system):
    """The one who opens waits for the publication and reads the calendar only then."""
    one = Territory.objects.create(code="970001", name="案")
    edition = draft(year=2027, notice_title="2027年通知", notice_date=None, days=DAYS_OF_2027)
    errors, school = [], organisations["school"]

    def open_meanwhile():
        try:
            ledger.open_deadline("plan_filing", one, event_on=date(2027, 1, 12), responsible=school, now=NOW)
        except Exception as error:  # shown below, in the test's own thread
            errors.append(error)
        finally:
            connections.close_all()

    with transaction.atomic():
        publish(edition, now=NOW)
        moving.apply_calendar(calendars.current(), now=NOW, actor=system)
        thread = threading.Thread(target=open_meanwhile)
        thread.start()
        thread.join(1)
        assert thread.is_alive()
    thread.join(20)
    assert errors == []
    found = Deadline.objects.get()
    assert (found.due_on, found.provisional) == (date(2026, 12, 30), False)
