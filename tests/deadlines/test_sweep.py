"""The sweep: what is overdue is marked once, followed up once, and nothing is lost or done twice."""

import threading
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, connections, transaction

from certification.clock import SHANGHAI
from certification.deadlines import ledger, sweep
from certification.deadlines.models import Deadline
from certification.organisations.models import Organisation, OrganisationKind, User
from certification.records.models import TransitionLog
from certification.rulebook import lookup
from tests.deadlines.conftest import NOW

LAST_DAY = date(2026, 4, 28)
MIDNIGHT = datetime(2026, 4, 29, tzinfo=SHANGHAI)


@pytest.fixture
def overdue(organisations, case):
    def make(event_on=date(2026, 5, 11)) -> Deadline:
        return ledger.open_deadline(
            "plan_filing", case(), event_on=event_on, responsible=organisations["school"], now=NOW
        )

    return make


def test_marks_only_after_midnight(overdue):
    deadline = overdue()
    assert sweep.sweep(now=MIDNIGHT - timedelta(minutes=1)).breached == 0
    assert sweep.sweep(now=MIDNIGHT + timedelta(minutes=1)).breached == 1
    deadline.refresh_from_db()
    assert deadline.breached_at == MIDNIGHT + timedelta(minutes=1)
    assert deadline.state_at(MIDNIGHT) == Deadline.State.OVERDUE
    assert deadline.history.first().history_user == User.objects.system()
    assert deadline.history.count() == 2  # opened; breached, with nothing registered to follow
    (line,) = TransitionLog.objects.about(deadline.subject)
    assert line.reason == "培训计划报备：2026年4月28日（周二） 24:00 前未办结"


def test_a_second_run_does_nothing(overdue, consequence):
    ran = []
    consequence("plan_filing", lambda deadline, now: ran.append(deadline.pk))
    deadline = overdue()
    sweep.sweep(now=MIDNIGHT)
    history = deadline.history.count()
    again = sweep.sweep(now=MIDNIGHT + timedelta(days=1))
    assert (again.breached, again.followed_up) == (0, 0)
    assert ran == [deadline.pk]
    assert deadline.history.count() == history


def test_missed_days_are_caught_up(overdue):
    overdue(date(2026, 5, 11))
    overdue(date(2026, 5, 12))
    overdue(date(2026, 5, 13))
    assert sweep.sweep(now=MIDNIGHT + timedelta(days=20)).breached == 3


def test_met_closed_and_provisional_deadlines_are_never_marked(overdue):
    met, closed, provisional = overdue(), overdue(), overdue(date(2027, 1, 12))
    ledger.meet("plan_filing", [met.subject], now=NOW, actor=User.objects.system())
    ledger.close("plan_filing", [closed.subject], now=NOW, reason="撤回")
    assert sweep.sweep(now=datetime(2027, 2, 1, tzinfo=SHANGHAI)).breached == 0
    provisional.refresh_from_db()
    assert provisional.breached_at is None
    assert provisional.state_at(datetime(2027, 2, 1, tzinfo=SHANGHAI)) == Deadline.State.OPEN


def test_a_failing_consequence_is_tried_again_and_holds_up_no_other(overdue, consequence, caplog):
    bad, good = overdue(), overdue()
    broken = {bad.pk}

    def fail_once(deadline, now):
        Organisation.objects.filter(pk=deadline.responsible_id).update(phone=f"case {deadline.pk}")
        if deadline.pk in broken:
            raise RuntimeError("broken case")

    consequence("plan_filing", fail_once)
    first = sweep.sweep(now=MIDNIGHT)
    assert (first.followed_up, first.failed) == (1, [bad.pk])
    assert "broken case" in caplog.text
    bad.refresh_from_db()
    good.refresh_from_db()
    assert bad.breached_at is not None
    assert bad.consequence_run_at is None
    assert good.consequence_run_at == MIDNIGHT
    assert Organisation.objects.get(pk=good.responsible_id).phone == f"case {good.pk}"
    broken.clear()
    assert sweep.sweep(now=MIDNIGHT + timedelta(days=1)).followed_up == 1


def test_what_was_done_late_before_the_follow_up_has_no_consequence(overdue, consequence, monkeypatch):
    ran = []
    consequence("plan_filing", lambda deadline, now: ran.append(deadline.pk))
    deadline = overdue()
    with monkeypatch.context() as patch:
        patch.setattr(sweep, "_awaiting_consequence", lambda now: [])
        sweep.sweep(now=MIDNIGHT)
    ledger.meet("plan_filing", [deadline.subject], now=MIDNIGHT, actor=User.objects.system())
    sweep.sweep(now=MIDNIGHT)
    assert ran == []


def test_a_consequence_may_close_its_own_deadline(overdue, consequence):
    consequence(
        "plan_filing", lambda deadline, now: ledger.close(None, [deadline.subject], now=now, reason="转入待安排")
    )
    deadline = overdue()
    sweep.sweep(now=MIDNIGHT)
    deadline.refresh_from_db()
    assert deadline.closed_reason == "转入待安排"
    assert deadline.consequence_run_at == MIDNIGHT


def test_large_batches_take_few_statements(overdue, monkeypatch, django_assert_max_num_queries):
    for _ in range(5):
        overdue()
    system = User.objects.system()
    with django_assert_max_num_queries(6):
        assert sweep._mark_batch(MIDNIGHT, system) == 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs row locks of two connections")
def test_two_sweeps_at_once_do_not_collide(consequence):
    from certification.organisations.models import Territory
    from certification.rulebook.loading import load_rules
    from certification.workdays.loading import load_calendars

    load_calendars(now=NOW)
    load_rules()
    centre = Organisation.objects.create(kind=OrganisationKind.PROVINCIAL_CENTRE, name="中心", short_name="中心")
    cases = [Territory.objects.create(code=f"97{number:04d}", name=f"案{number}") for number in range(30)]
    ledger.open_deadlines("plan_filing", cases, event_on=date(2026, 5, 11), responsible=centre, now=NOW)
    User.objects.system()
    ran, lock, results, errors = [], threading.Lock(), [], []

    def note(deadline, now):
        with lock:
            ran.append(deadline.pk)

    consequence("plan_filing", note)

    def run():
        try:
            results.append(sweep.sweep(now=MIDNIGHT))
        except Exception as error:  # shown below, in the test's own thread
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert sum(result.breached for result in results) == 30
    assert sorted(ran) == sorted(Deadline.objects.values_list("pk", flat=True))
    assert Deadline.history.filter(history_change_reason="时限届满未办结").count() == 30
    lookup.forget()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs row locks of two connections")
def test_a_deadline_that_an_activity_holds_is_left_to_the_next_sweep(organisations, case):
    one = case()
    ledger.open_deadline("plan_filing", one, event_on=date(2026, 5, 11), responsible=organisations["school"], now=NOW)
    User.objects.system()
    assert sweep.sweep(now=NOW).breached == 0
    swept = []

    def run():
        swept.append(sweep.sweep(now=MIDNIGHT).breached)
        connections.close_all()

    with transaction.atomic():
        ledger.meet("plan_filing", [one], now=MIDNIGHT, actor=User.objects.system())
        thread = threading.Thread(target=run)
        thread.start()
        thread.join(20)
        assert swept == [0]
    assert sweep.sweep(now=MIDNIGHT).breached == 0
