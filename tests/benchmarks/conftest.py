"""Benchmarks: each measures the house against a floor written by hand and, where there is one, a named peer, in the
same run, and prints ratios. Run by name only: ``bin/test tests/benchmarks``."""

import gc
import time
from collections.abc import Callable
from datetime import datetime

import pytest

from certification.clock import SHANGHAI

NOW = datetime(2026, 4, 20, 10, 0, tzinfo=SHANGHAI)
_lines: list[str] = []


def best(function: Callable[[], object], *, rounds: int = 5, before: Callable[[], object] = lambda: None) -> float:
    """The shortest of ``rounds`` runs in seconds; ``before`` runs unmeasured ahead of each."""
    times = []
    for _ in range(rounds):
        before()
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return min(times)


def side_by_side(*functions: Callable[[], object], rounds: int = 5) -> list[float]:
    """The shortest run of each in seconds, taken in turns, so that whatever else runs on the machine slows all alike.
    What was left behind before is no burden to anybody: it is collected, and what remains is frozen."""
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for function, taken in zip(functions, times, strict=True):
            gc.collect()
            gc.freeze()
            taken.append(best(function, rounds=1))
            gc.unfreeze()
    return [min(taken) for taken in times]


@pytest.fixture
def report():
    """``report("what", ours, bar, floor=…)`` prints ``ours / floor`` beside the bar and holds it."""

    def say(what: str, ours: float, *, floor: float, at_most: float, peer: float | None = None) -> None:
        ratio = ours / floor
        beside = f", peer {peer / floor:,.1f} x" if peer else ""
        _lines.append(f"{what}: {_ratio(ratio)} the floor (bar {_ratio(at_most)}{beside}); {_in_words(ours)}")
        assert ratio <= at_most, _lines[-1]

    return say


def _ratio(ratio: float) -> str:
    return f"{ratio:,.2f} x" if ratio >= 0.1 else f"1/{1 / ratio:,.0f} of"


def _in_words(seconds: float) -> str:
    return f"{seconds * 1e3:,.1f} ms" if seconds >= 1e-3 else f"{seconds * 1e9:,.0f} ns"


def pytest_terminal_summary(terminalreporter):
    if _lines:
        terminalreporter.section("benchmarks")
        for line in _lines:
            terminalreporter.write_line(line)
