"""Plans and rosters around the shared ``world``: a class of jigou (Category 2) that starts on 2026-04-20."""

from datetime import date

import pytest

from certification.people.identity import check_identity_number
from certification.spreadsheets.columns import Record
from tests.factories import at
from tests.training.classes import running_class
from training.plans import filing
from training.plans.plan_entry import TeacherEntry

FILED_ON = date(2026, 3, 2)
CLASS_START = date(2026, 4, 20)
VALUES = {
    "kind": "INITIAL",
    "class_start": CLASS_START,
    "class_end": date(2026, 5, 15),
    "wished_exam_on": date(2026, 5, 25),
    "capacity": 30,
    "onsite_hours": 120,
    "online_hours": 40,
    "venue": "青屏市测试路 1 号 201 教室",
}


@pytest.fixture
def teachers(world):
    """Entries of two invented teachers."""
    return [TeacherEntry(one.name, one.number, "电工基础") for one in world.invented(2)]


@pytest.fixture
def draft(world, teachers):
    """Make a draft: ``draft(kind="RENEWAL")``; by jigou on 2 March 2026 unless told otherwise."""

    def make(username="jigou", *, code="0101", now=None, **changes):
        values = {**VALUES, "job_type": world.job_type(code), **changes}
        now = now or at(FILED_ON)
        return filing.save_draft(actor=world.user(username), now=now, teachers=teachers, **values)

    return make


@pytest.fixture
def plan(world, draft):
    """A filed plan of Category 2, INITIAL."""
    return filing.file_plan(actor=world.user("jigou"), now=at(FILED_ON), plan_id=draft().pk)


def record(row, one, **changes):
    """One roster row of an invented person, as ``roster_columns`` would have parsed it."""
    identity = check_identity_number(one.number, today=date(2026, 1, 1))
    values = {
        "name": one.name,
        "identity": identity,
        "education": "SENIOR_HIGH",
        "phone": "13800000000",
        "employer": "测试公司",
    }
    return Record(row, {**values, **changes})


@pytest.fixture
def records(world):
    """``records(5)``: rows of the next invented people."""

    def make(number):
        return [record(place + 3, one) for place, one in enumerate(world.invented(number))]

    return make


@pytest.fixture
def running(world, plan, records):
    """The filed plan with three trainees, a venue, and helpers to plan lessons and sign in."""
    return running_class(world, plan, records(3))
