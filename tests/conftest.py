"""What all tests share: unset template variables fail, the clock can be put anywhere, two can act at once."""

import gc
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.template import engines
from django.template.base import Node
from django.test import TransactionTestCase
from xdist.scheduler import LoadScopeScheduling

from certification.clock import SHANGHAI
from tests import tables

# The ``world`` and the ``browser`` fixture.
pytest_plugins = ["tests.factories", "tests.chromium"]

MATRIX = "tests/matrix/"
# Minutes for one test, which the others fill up behind: begun last, one of them would keep one worker while the other
# has nothing left to do.
LONGEST = (MATRIX, "tests/browser/", "tests/faults/")
OWN_TEMPLATES = [Path(settings.BASE_DIR) / name for name in ("templates", "certification", "training", "exams")]
OWN_TEMPLATES.append(Path(settings.BASE_DIR) / "approvals")


class ByWorld(LoadScopeScheduling):
    """Tests that share a world stay on one worker, so that it is built once: those of a module, those of the matrix."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return MATRIX if module.startswith(MATRIX) else module


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return ByWorld(config, log)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_collection_finish(session):
    """Let the collector pass over what stays for the whole run: going through it again and again costs a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


class UnsetVariable(str):
    """Put where Django would print nothing for a variable that nobody set.

    In our templates that is a mistake and fails the test; other people's (Django admin's) rely on it.
    Where nothing is meant, write ``{% if name %}``: a condition may ask for what is not set.
    """

    __slots__ = ()

    def __mod__(self, variable):
        origin = _rendering_template()
        if origin and any(origin.is_relative_to(folder) for folder in OWN_TEMPLATES):
            pytest.fail(f"unset variable {variable} in {origin.relative_to(settings.BASE_DIR)}", pytrace=False)
        return ""


def _rendering_template() -> Path | None:
    """The file of the innermost template node that is being rendered now."""
    frame = sys._getframe(2)
    while frame:
        node = frame.f_locals.get("self")
        if isinstance(node, Node) and getattr(node, "origin", None):
            return Path(node.origin.name)
        frame = frame.f_back
    return None


@pytest.fixture(scope="session", autouse=True)
def _unset_variables_fail():
    engines["django"].engine.string_if_invalid = UnsetVariable("%s")


@pytest.fixture(scope="session", autouse=True)
def _tables_emptied_quickly():
    """After tests that commit; on the embedded database as Django does it."""
    flush = TransactionTestCase._fixture_teardown

    def teardown(case):
        if connection.vendor == "postgresql":
            tables.empty(DEFAULT_DB_ALIAS)
        else:
            flush(case)

    TransactionTestCase._fixture_teardown = teardown


@pytest.fixture
def at(time_machine) -> Callable[[datetime], datetime]:
    """Put the clock at a moment and hold it there; a moment without a zone is one of Asia/Shanghai."""

    def move(moment: datetime) -> datetime:
        moment = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
        time_machine.move_to(moment, tick=False)
        return moment

    return move


@pytest.fixture
def at_once(transactional_db) -> Callable:
    """Call functions at the same moment, each in a thread with a database connection of its own.

    Returns what each returned, or the exception that it raised, in the order given.
    """

    def run(*functions: Callable) -> list:
        start = threading.Barrier(len(functions))

        def call(function):
            try:
                start.wait(timeout=10)
                return function()
            except Exception as problem:
                return problem
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(call, functions))

    return run
