"""kill -9 of worker and broker and lost database connections in the middle of a sweep: each case exactly once."""

import time

from tests.faults.conftest import CASES
from tests.faults.household import Household

# A case in the end: marked, followed up, its own count, one mark, history of the deadline (opened, marked, followed
# up), of the case, log lines (of the sweep, of the consequence), one notice.
ONCE = {(1, 1, 1, 1, 3, 1, 2, 1)}


def require_once(home: Household) -> None:
    home.wait_for_all()
    assert home.shapes() == ONCE
    assert home.repeated_reminders() == 0


def sweep_until(home: Household, share: float) -> None:
    """Start a sweep and come back when it has followed up this share of the new cases."""
    before = home.value("SELECT COUNT(*) FROM cases_case") - CASES
    home.send()
    home.until(lambda: home.done() >= before + CASES * share, "the sweep is in the middle")


def test_a_killed_worker_loses_and_repeats_nothing(home):
    for share in (0.01, 0.3, 0.6):
        worker = home.start_worker()
        sweep_until(home, share)
        home.kill(worker)
        assert home.done() < home.marked()
    home.start_worker()
    home.send()
    require_once(home)
    # What was killed is not said to be running for ever.
    time.sleep(home.silence_seconds)
    home.send()
    home.until(lambda: set(home.runs()) == {"ABANDONED", "DONE"}, "the killed runs are given up, the last ones done")


def test_a_killed_broker_is_waited_for(home):
    home.start_worker()
    sweep_until(home, 0.2)
    home.kill(next(child for child in home.family.children if child.name == "broker"))
    # The sweep under way needs no broker.
    require_once(home)
    home.seed(CASES)
    home.start_broker()
    # What was sent to the old broker is forgotten; the next turn of beat is enough.
    home.send()
    require_once(home)


def test_lost_database_connections_lose_and_repeat_nothing(production):
    home = production
    restart(home)
    home.start_worker()
    for share in (0.01, 0.3, 0.6):
        sweep_until(home, share)
        assert home.cut_connections() > 0
    home.send()
    require_once(home)
    home.until(lambda: home.runs()[-1] == "DONE", "the last run is done")


def test_many_sweeps_at_once_do_not_collide(home):
    home.start_worker()
    home.start_worker()
    home.send(times=4)
    require_once(home)
    home.until(lambda: home.runs()[-4:] == ["DONE"] * 4, "four runs are done")
    both = "SELECT COUNT(*) FROM jobs_jobrun a JOIN jobs_jobrun b ON a.id < b.id AND b.started_at < a.finished_at"
    assert home.value(both) > 0, "no two sweeps ran at once"


def restart(home: Household) -> None:
    for child in list(home.family.children):
        home.kill(child)
    home.start_broker()
    home.seed(CASES)


def test_a_week_without_a_worker_is_caught_up_in_one_run(production):
    home = production
    restart(home)
    before = len(home.runs())
    # What beat sent meanwhile: a message that nobody took until the next turn expires.
    for _turn in range(50):
        home.sender.send_task("deadlines.sweep", expires=0.01)
    home.start_worker()
    home.send()
    require_once(home)
    home.until(lambda: home.runs()[before:] == ["DONE"], "one run, and it is done")


def test_a_worker_that_is_asked_to_stop_finishes_its_sweep(production):
    home = production
    restart(home)
    worker = home.start_worker()
    sweep_until(home, 0.1)
    worker.process.terminate()
    require_once(home)
    worker.process.wait(timeout=20)
    home.family.children.remove(worker)
    assert home.runs()[-1] == "DONE"
