"""Effort against a yardstick of the same run: how fast the machine is, and what else it does, makes no difference."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

STEPS = 1_000_000


@contextmanager
def at_most(yardsticks: int) -> Iterator[None]:
    """What happens within takes at most so many times the processor time that counting to a million takes."""
    begun = time.process_time()
    yield
    taken = time.process_time() - begun
    assert taken < yardsticks * _yardstick(), f"{taken / _yardstick():.0f} yardsticks"


def _yardstick() -> float:
    begun = time.process_time()
    count = 0
    while count < STEPS:
        count += 1
    return time.process_time() - begun
