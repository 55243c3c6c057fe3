"""Days are those of Asia/Shanghai, also for a moment that was read from the database, which hands it out in UTC."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from certification import clock
from certification.workflow import activity

EARLY = datetime(2026, 4, 14, 20, 30, tzinfo=UTC)
# ``now.date()`` is right inside an activity; the day of a stored moment is asked of the clock.
A_STORED_MOMENT_S_DAY = re.compile(r"(_at|\.at|_moment)\.date\(\)")


def test_the_day_of_a_stored_moment_is_the_local_one():
    assert f"{clock.day_of(EARLY)}" == "2026-04-15"
    assert (clock.local(EARLY), clock.local(EARLY).hour) == (EARLY, 4)


@pytest.mark.django_db
def test_an_activity_that_is_given_a_stored_moment_acts_on_the_local_day(world):
    @activity
    def act(*, actor, now):
        return now.date()

    assert f"{act(actor=world.user('jigou'), now=EARLY)}" == "2026-04-15"


def test_nobody_asks_a_stored_moment_for_its_day():
    folders = [Path(settings.BASE_DIR) / name for name in ("certification", "training", "exams", "approvals")]
    lines = (
        f"{path.relative_to(settings.BASE_DIR)}:{number}: {line.strip()}"
        for folder in folders
        for path in folder.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if A_STORED_MOMENT_S_DAY.search(line)
    )
    assert list(lines) == []
