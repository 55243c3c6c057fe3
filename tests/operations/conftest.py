"""Children of a test."""

import signal

import pytest

from bin.operations import processes


@pytest.fixture
def family():
    """A family stopped after the test; stopping ignores signals, which pytest wants back."""
    before = {number: signal.getsignal(number) for number in processes.STOP_SIGNALS}
    family = processes.Family()
    yield family
    family.stop()
    for number, handler in before.items():
        signal.signal(number, handler)
