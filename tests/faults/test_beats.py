"""Two real beats on one database: one sends, the other waits, and takes over when the first dies or is halted."""

import os
import signal
import time
from datetime import datetime

import pytest

from bin.operations.processes import Child
from tests.faults.household import Household

LEASE_SECONDS = 3
# An hour of the day that is not now: a schedule that looks only at the hours around now would not see it.
FAR_HOUR = (datetime.now().astimezone().hour + 12) % 24


@pytest.fixture
def home(production) -> Household:
    """A broker and an empty schedule; nobody has the lease."""
    for child in list(production.family.children):
        production.kill(child)
    production.execute("DELETE FROM jobs_beatlease")
    production.execute("DELETE FROM django_celery_beat_periodictask")
    production.execute("DELETE FROM django_celery_beat_intervalschedule")
    production.start_broker()
    return production


def sent(beat: Child) -> int:
    return beat.log.read_bytes().count(b"Sending due task")


def says(beat: Child, words: str) -> bool:
    return words.encode() in beat.log.read_bytes()


def start_two(home: Household) -> tuple[Child, Child]:
    """The one that sends, and the one that waits."""
    home.schedule_every_second("deadlines.sweep")
    first = home.start_beat()
    home.until(lambda: sent(first) >= 2, "the first beat sends")
    second = home.start_beat()
    home.until(lambda: says(second, "another beat holds the lease"), "the second beat says that it waits")
    return first, second


def test_one_of_two_sends_and_the_other_takes_over_after_its_death(home):
    first, second = start_two(home)
    before = sent(first)
    home.until(lambda: sent(first) >= before + 2, "the first goes on sending")
    assert sent(second) == 0
    home.kill(first)
    killed = time.monotonic()
    home.until(lambda: sent(second) >= 2, "the second sends")
    assert time.monotonic() - killed < LEASE_SECONDS + 8
    assert home.value("SELECT COUNT(*) FROM jobs_beatlease") == 1


def test_a_beat_that_was_halted_finds_its_lease_gone(home):
    first, second = start_two(home)
    os.killpg(first.process.pid, signal.SIGSTOP)
    home.until(lambda: sent(second) >= 1, "the second takes over")
    before = sent(first)
    os.killpg(first.process.pid, signal.SIGCONT)
    home.until(lambda: says(first, "another beat holds the lease"), "the first says that it waits now")
    sends = sent(second)
    home.until(lambda: sent(second) >= sends + 2, "the second goes on sending")
    assert sent(first) <= before + 1  # what it was about to say when it was halted; nothing was sent
    assert sent(first) == before or says(first, "is left to it")


def test_a_beat_that_ends_in_order_leaves_the_lease_at_once(home):
    first, second = start_two(home)
    first.process.terminate()
    first.process.wait(timeout=20)
    home.family.children.remove(first)
    ended = time.monotonic()
    home.until(lambda: sent(second) >= 1, "the second sends")
    assert time.monotonic() - ended < LEASE_SECONDS


def test_beat_outlives_the_broker_and_the_database_connection(home):
    home.schedule_every_second("deadlines.sweep")
    beat = home.start_beat()
    home.until(lambda: sent(beat) >= 1, "beat sends")
    assert home.cut_connections() > 0
    before = sent(beat)
    home.until(lambda: sent(beat) > before, "beat sends over a new connection")
    home.kill(next(child for child in home.family.children if child.name == "broker"))
    home.until(lambda: says(beat, "Message Error"), "beat notices that the broker is gone")
    assert beat.process.poll() is None
    home.start_broker()
    home.start_worker()
    runs = len(home.runs())
    home.until(lambda: len(home.runs()) > runs, "what beat sends is done again")


def test_what_was_missed_for_a_week_is_sent_once_when_beat_comes_back(home):
    home.schedule_daily("deadlines.sweep", FAR_HOUR, last_run="CURRENT_TIMESTAMP - INTERVAL '7 days'")
    beat = home.start_beat()
    home.until(lambda: sent(beat) == 1, "what was missed is sent")
    time.sleep(2)
    assert sent(beat) == 1
    home.kill(beat)
    # Its successor knows that it was sent.
    home.execute("DELETE FROM jobs_beatlease")
    successor = home.start_beat()
    home.until(lambda: says(successor, "sends what is due"), "the successor holds the lease")
    time.sleep(2)
    assert sent(successor) == 0
