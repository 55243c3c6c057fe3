"""All tickets of a large session: made by an errand, for who asked alone, removed after two days."""

from datetime import timedelta

import pytest
from django.urls import reverse

from certification.jobs.models import Errand
from certification.jobs.tasks import work
from certification.records import made_files
from certification.records.models import StoredFile, TransitionLog
from exams.tickets import ticket_files
from tests.exams.conftest import TODAY
from tests.factories import at as moment

NOW = moment(TODAY)
BACKEND = "certification.organisations.backends.AccountBackend"


@pytest.fixture(autouse=True)
def _two_are_many(monkeypatch):
    monkeypatch.setattr(ticket_files, "AT_ONCE", 1)


@pytest.fixture
def session(bench):
    return bench.ready(size=2)


def test_asked_for_made_and_fetched_by_who_asked_alone(client, bench, session, at):
    at(NOW)
    here = reverse("exams:session_tickets", args=[session.pk])
    client.force_login(bench.officer(), backend=BACKEND)
    assert "共 2 人" in client.get(here).content.decode()
    assert client.post(here).url == here
    part = client.get(here, headers={"HX-Request": "true"}).content.decode()
    assert 'id="errand"' in part
    assert "<html" not in part
    assert work() == {"done": 1, "refused": 0}
    assert client.get(here, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    stored = StoredFile.objects.get(uuid=Errand.objects.get().result["file"])
    file = reverse("records:file", args=[stored.uuid])
    assert file in client.get(here).content.decode()
    assert b"".join(client.get(file).streaming_content).startswith(b"%PDF")
    assert TransitionLog.objects.about(session).filter(name="take_out_numbers").count() == 1
    client.force_login(bench.user("jigou"), backend=BACKEND)
    assert client.get(file).status_code == 404
    assert file not in client.get(here).content.decode()


def test_each_has_an_errand_of_their_own(bench, session):
    for user in (bench.officer(), bench.user("jigou"), bench.officer()):
        ticket_files.ask(actor=user, now=NOW, session=session)
    assert Errand.objects.count() == 2
    assert work() == {"done": 2, "refused": 0}


def test_the_file_goes_after_two_days(bench, session):
    errand = ticket_files.ask(actor=bench.officer(), now=NOW, session=session)
    work()
    errand.refresh_from_db()
    assert made_files.discard(now=NOW + timedelta(days=1)) == 0
    assert made_files.discard(now=NOW + timedelta(days=3)) == 1
    assert ticket_files.made_by(errand) is None
