"""Waking a worker: the broker is asked, unless nothing runs yet."""

import pytest
from celery import shared_task

from certification.jobs import waking

ran = []


@shared_task(name="tests.note")
def note(word: str) -> None:
    ran.append(word)


@pytest.fixture(autouse=True)
def _forgotten():
    ran.clear()


def test_so_many_workers_are_woken():
    waking.wake(note, args=("a",), workers=2)
    assert ran == ["a", "a"]


def test_while_nobody_runs_nobody_is_woken_and_afterwards_they_are():
    with waking.nobody_runs():
        waking.wake(note, args=("a",))
    assert ran == []
    waking.wake(note, args=("b",))
    assert ran == ["b"]
