"""A worker that is killed with -9 in the middle of saving a roster: nothing of it stands, and the next one saves it."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from certification.imports import receiving, working
from certification.imports.models import Import
from certification.people.models import Person
from tests.training.test_pages import sheet
from tests.training.test_rosters import NOW
from training.models import Roster, Trainee
from training.rosters import submitting

# Saves everything, says so, and waits inside the transaction for its end.
DOOMED = """
import sys, time
import django; django.setup()
from certification.imports import working
from training.rosters import submitting
written = submitting.submit_roster
def write_and_wait(**kwargs):
    written(**kwargs)
    print("written", flush=True)
    time.sleep(600)
submitting.submit_roster = write_and_wait
working.work()
"""


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_and_nothing_is_done_twice(world, plan, at):
    at(NOW)
    people = world.invented(3)
    filer = world.user("jigou")
    import_ = submitting.upload(actor=filer, plan_id=plan.pk, content=sheet(people), name="名单.xlsx")
    receiving.go_on(import_)
    receiving.ask_to_save(actor=filer, import_uuid=import_.uuid)

    worker = subprocess.Popen(
        [sys.executable, "-c", DOOMED], cwd=settings.BASE_DIR, env=_environment(), stdout=subprocess.PIPE, text=True
    )
    try:
        assert worker.stdout.readline().strip() == "written"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
    assert not Roster.objects.exists()
    assert not Person.objects.filter(document_number__in=[one.number for one in people]).exists()
    assert working.work() == {"checked": 0, "saved": 0}

    Import.objects.filter(pk=import_.pk).update(taken_at=Now() - timedelta(minutes=10))
    assert working.work() == {"checked": 0, "saved": 1}
    assert working.work() == {"checked": 0, "saved": 0}
    assert Roster.objects.get().headcount == 3
    assert Trainee.objects.count() == Trainee.history.count() == 3


def _environment() -> dict[str, str]:
    of = connection.settings_dict
    login = f"{of['USER']}:{of['PASSWORD']}" if of["PASSWORD"] else of["USER"]
    return {**os.environ, "DATABASE_URL": f"postgres://{login}@{of['HOST']}:{of['PORT']}/{of['NAME']}"}
