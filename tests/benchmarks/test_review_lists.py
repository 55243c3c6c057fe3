"""The review lists over 3,000,000 applications and 30,000,000 rows of history (``tests.benchmarks.big``): a page deep
in the list, the database's share, the same page by Django's Paginator, searches, and five hundred people at once.

Needs BENCHMARK_DATABASE_URL, a database filled by ``manage.py fill_benchmark``; nothing in it is changed.
"""

import os
import subprocess
import sys
import time
from contextlib import contextmanager

import environ
import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.paginator import Paginator
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.forms.lists import ListFilter
from approvals.lists import queue
from approvals.reviews.stages import STEPS
from approvals.views import reviews as pages
from certification import paging
from certification.organisations.models import RoleAssignment, User
from exams.models import ExamApplication
from tests.benchmarks.big import filling, load, web
from tests.benchmarks.conftest import side_by_side

ADDRESS = os.environ.get("BENCHMARK_DATABASE_URL", "")
PEOPLE, THINKING, SECONDS = int(os.environ.get("BENCHMARK_PEOPLE", "500")), 10.0, 60.0
STAGE = "DIRECT"
URL = f"/approvals/reviews/?stage={STAGE}"

pytestmark = pytest.mark.skipif(not ADDRESS, reason="BENCHMARK_DATABASE_URL names no filled database")


@pytest.fixture(scope="module", autouse=True)
def big(django_db_blocker):
    """The default connection leads to the filled database."""
    kept = connections.settings["default"]
    with django_db_blocker.unblock():
        connections.settings["default"] = {**kept, **environ.Env.db_url_config(ADDRESS)}
        connections["default"].close()
        del connections["default"]
        yield
        connections["default"].close()
        del connections["default"]
    connections.settings["default"] = kept


@pytest.fixture(autouse=True)
def clock(time_machine, settings):
    """On the day of the cases, by production's clock."""
    settings.CLOCK_MAY_MOVE = False
    settings.TEMPLATES[0]["OPTIONS"]["debug"] = False
    time_machine.move_to(filling.moment(), tick=True)


@pytest.fixture
def user() -> User:
    return User.objects.select_related("organisation", "person").get(username="sheng-shenhe")


@pytest.fixture
def rows(user):
    return queue.waiting(user, STEPS[STAGE])


@pytest.fixture
def client(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def deep(rows, rf) -> str:
    """The address of a page nine tenths down the list."""
    place = rows.order_by(*queue.ORDER)[int(rows.count() * 0.9)]
    return f"{URL}&{paging._address(rf.get('/'), 'after', place, list(queue.ORDER))[1:]}"


def _page_of(rf, rows, url: str):
    return lambda: paging.keyset_page(rf.get(url), queue.for_lines(rows, STEPS[STAGE]), queue.ORDER)


def test_a_deep_page_costs_what_the_first_costs(rf, rows, deep, report):
    first, last = _page_of(rf, rows, URL), _page_of(rf, rows, deep)
    assert len(first()) == len(last()) == paging.PAGE_SIZE
    ours, floor = side_by_side(last, first, rounds=15)
    report(f"page 1,700 of {rows.count():,} rows against page 1", ours, floor=floor, at_most=1.5)


# The rows of a page as somebody would write them by hand.
RAW = """
SELECT a.id, a.number, a.state, a.kind, a.due_on, a.resubmitted_at, p.name, p.document_number, j.name, i.short_name,
       o.short_name, d.id, d.rule_id, d.due_on, d.provisional, s.starts_on
  FROM exams_examapplication a
  JOIN people_person p ON p.id = a.person_id
  JOIN catalogue_jobtype j ON j.id = a.job_type_id
  JOIN organisations_organisation i ON i.id = a.institution_id
  JOIN organisations_organisation o ON o.id = a.organiser_id
  LEFT JOIN deadlines_deadline d ON d.subject_type_id = %s AND d.subject_id = a.id AND d.met_at IS NULL
       AND d.closed_at IS NULL
  LEFT JOIN exams_candidate c ON c.application_id = a.id AND c.state IN ('LISTED', 'ADMITTED')
  LEFT JOIN exams_examsession s ON s.id = c.session_id
 WHERE a.state = 'DIRECT_REVIEW' AND {} ORDER BY a.due_on, a.id LIMIT 51"""


def _raw(condition: str, *values) -> list[tuple]:
    kind = filling.ContentType.objects.get_for_model(ExamApplication).pk
    with connection.cursor() as cursor:
        cursor.execute(RAW.format(condition), [kind, *values])
        return cursor.fetchall()


@contextmanager
def _joined_as_written():
    """Left to itself the planner tries so many orders of these joins that it takes ten times what the rows take:
    nobody would call that a floor."""
    with connection.cursor() as cursor:
        cursor.execute("SET join_collapse_limit = 1")
        yield
        cursor.execute("RESET join_collapse_limit")


def _database_times(ours, floor) -> tuple[float, float]:
    """The shortest time that the queries of each took, of 25 runs in turns."""
    spent = [0.0]

    def timed(execute, *args):
        started = time.perf_counter()
        try:
            return execute(*args)
        finally:
            spent[0] += time.perf_counter() - started

    def once(act) -> float:
        spent[0] = 0.0
        with connection.execute_wrapper(timed):
            act()
        return spent[0]

    taken = [], []
    for _ in range(25):
        taken[0].append(once(ours))
        with _joined_as_written():
            taken[1].append(once(floor))
    return min(taken[0]), min(taken[1])


def test_the_database_s_part_of_a_page(client, rows, deep, report):
    place = rows.order_by(*queue.ORDER)[int(rows.count() * 0.9)]

    def raw():
        assert len(_raw("(a.due_on, a.id) > (%s, %s)", place.due_on, place.pk)) == 51

    ours, floor = _database_times(lambda: client.get(deep), raw)
    report("all queries of a deep page against its rows in raw SQL", ours, floor=floor, at_most=10)


def test_against_paginator(client, rows, deep, report, monkeypatch):
    """The same page, reached by COUNT and OFFSET; the peer too reads what a line shows for its own rows only."""
    client.get(deep)
    with CaptureQueriesContext(connection) as counted:
        client.get(deep)
    assert len(counted) <= 8
    number = int(rows.count() * 0.9) // paging.PAGE_SIZE

    def by_paginator(request, _queryset, order):
        page = Paginator(rows.order_by(*order), paging.PAGE_SIZE).get_page(number)
        ids = [row.pk for row in page]
        found = queue.for_lines(ExamApplication.objects.filter(pk__in=ids), STEPS[STAGE]).order_by(*order)
        return paging.Page(list(found), "?page=1", "?page=2")

    def with_paginator():
        with monkeypatch.context() as patch:
            patch.setattr(pages, "keyset_page", by_paginator)
            client.get(URL)

    ours, peer = side_by_side(lambda: client.get(deep), with_paginator, rounds=15)
    report("a deep page by Paginator against ours (whole page)", ours, floor=peer, at_most=1 / 3)


@pytest.mark.parametrize("what", ["identity number", "name prefix"])
def test_search(user, rows, report, what):
    person = rows.select_related("person").order_by("-pk")[rows.count() // 2].person
    text, column = (person.document_number, "document_number") if what == "identity number" else (person.name, "name")
    form = ListFilter({"q": text}, user=user, step=STEPS[STAGE], today=filling.made_on())

    def ours():
        return list(queue.for_lines(form.narrow(rows), STEPS[STAGE]).order_by(*queue.ORDER)[:51])

    def floor():
        # From the index of people on, whatever the planner thinks of the order.
        found = f"a.person_id = ANY (ARRAY(SELECT id FROM people_person WHERE {column} LIKE %s))"
        return _raw(found, f"{text}%")

    assert [row.pk for row in ours()] == [row[0] for row in floor()]
    mine, raw = _database_times(ours, floor)
    report(f"search by {what} (database)", mine, floor=raw, at_most=3)


def _people(number: int) -> list[load.Person]:
    """Reviewers of all offices, each at the lists that they work on."""
    made = []
    reviewers = RoleAssignment.objects.filter(role__in=("CITY_REVIEWER", "PROVINCIAL_REVIEWER")).select_related("user")
    found = [(row.user, row.role) for row in reviewers.order_by("pk")]
    for place in range(number):
        user, role = found[place % len(found)]
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session.save()
        stages = ("PRELIMINARY", "CITY_REVIEW") if role == "CITY_REVIEWER" else ("DIRECT", "FINAL")
        made.append(load.Person(session.session_key, [f"{reverse('approvals:reviews')}?stage={one}" for one in stages]))
    return made


@contextmanager
def _an_import():
    """A worker that reads and checks files of ten thousand rows, one after the other."""
    busy = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.big.importing"], env=os.environ)
    try:
        yield
        assert busy.poll() is None, "the import broke off"
    finally:
        busy.terminate()
        busy.wait()


def test_five_hundred_people_and_an_import(tmp_path, report):
    """p95 of everybody at once, while files are read and checked, against one person alone.

    Where the machine cannot make the pages that so many ask for, waiting has no bound whatever the program does: as
    many sit down there as ask for half of what it can make, and the line says how many that are.
    """
    people = _people(PEOPLE)
    with web.web(ADDRESS, tmp_path) as port:
        load.sit(port, people[:24], seconds=6, thinking=0)
        alone = load.p95(load.sit(port, people[:1], seconds=20, thinking=0.05))
        with _an_import():
            able = load.pages_a_second(port, people[:12], seconds=15)
            sitting = min(PEOPLE, int(able * THINKING / 2))
            together = load.p95(load.sit(port, people[:sitting], seconds=SECONDS, thinking=THINKING))
    what = f"p95 of {sitting} people with an import running against one alone ({able:.1f} pages a second at most, "
    what += f"{PEOPLE} people ask for {PEOPLE / THINKING:.0f})"
    report(what, together, floor=alone, at_most=3)
