"""All tickets of a large session: made by an errand, for who asked alone, removed after two days."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from pypdf import PdfReader

from certification.jobs.models import Errand
from certification.jobs.tasks import work
from certification.records import made_files
from certification.records.models import StoredFile, TransitionLog
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from exams.models import Part, Seat
from exams.tickets import printing, ticket_files
from tests.exams.conftest import EXAM_ON, TODAY
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


def printed(bench, session) -> str:
    content = printing.tickets(printing.with_ticket().filter(pk=bench.candidates(session)[0].pk))
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)


def test_a_ticket_says_when_the_door_opens_and_shuts_by_the_rules_of_the_day(bench, session):
    edition = lookup.edition_on(EXAM_ON)
    for area, code, minutes in (
        ("exam_day", "sign_in", {"opens_minutes": 47}),
        ("examination", "late_entry", {"minutes": 13}),
    ):
        rule = Rule.objects.get(edition=edition, area=area, code=code)
        rule.values |= minutes
        rule.save()
    lookup.forget()
    text = printed(bench, session)
    assert "开考前47分钟开始签到入场" in text
    assert "开考后13分钟仍未到场的" in text


def test_only_a_ticket_with_a_practical_part_names_it(bench, session):
    text = printed(bench, session)
    assert "四、理论考试合格后方可参加实操考试。五、替考" in text
    Seat.objects.filter(part__session=session, part__part=Part.PRACTICAL).delete()
    text = printed(bench, session)
    assert "实操" not in text
    assert "四、替考" in text
