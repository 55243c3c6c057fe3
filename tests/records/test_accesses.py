"""Who saw personal data is on record, once for each time, and read by those who watch over it."""

import pytest
from django.urls import reverse

from certification.portal import timeline
from certification.records import accesses, sealing
from certification.records.content import JPEG
from certification.records.models import Scan, StoredFile, TransitionLog
from tests.factories import BUILT_AT
from training.models import TrainingPlan


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def plan(world):
    return TrainingPlan.objects.create(
        institution=world.institution,
        organiser=world.bureau,
        job_type=world.job_type(),
        kind="INITIAL",
        class_start=BUILT_AT.date(),
        class_end=BUILT_AT.date(),
        capacity=40,
        onsite_hours=148,
        created_by=world.user("jigou"),
        created_at=BUILT_AT,
        filed_at=BUILT_AT,
    )


@pytest.fixture
def stored(world, plan):
    return StoredFile.store(
        b"\xff\xd8\xff", name="身份证.jpg", media_type=JPEG, owner=plan, actor=world.user("jigou"), now=BUILT_AT
    )


def fetch(client, world, username, stored, query=""):
    client.force_login(world.user(username))
    response = client.get(reverse("records:file", args=[stored.uuid]) + query)
    b"".join(response)  # to its end, as a browser reads it
    return response.status_code


def test_each_view_and_download_is_a_sealed_line(client, world, plan, stored):
    assert fetch(client, world, "shi-shenhe", stored) == 200
    assert fetch(client, world, "shi-shenhe", stored, "?download") == 200
    assert fetch(client, world, "lanxi-jigou", stored) == 404
    client.head(reverse("records:file", args=[stored.uuid]))
    lines = list(accesses.lines().order_by("pk"))
    assert [line.name for line in lines] == ["view_file", "download_file"]
    assert {line.actor.username for line in lines} == {"shi-shenhe"}
    assert lines[0].subject == plan
    assert lines[0].detail["file"] == "身份证.jpg"
    assert lines[0].detail["sha256"] == stored.sha256
    assert sealing.seal(now=BUILT_AT) == TransitionLog.objects.count()
    assert [entry.title for entry in timeline.entries(plan)] == []


@pytest.mark.parametrize("state", [Scan.WAITING, Scan.INFECTED])
def test_nobody_fetches_what_is_in_quarantine_or_infected(client, world, stored, state):
    StoredFile.objects.filter(pk=stored.pk).update(scan=state, signature="Eicar")
    assert fetch(client, world, "jigou", stored) == 409
    assert fetch(client, world, "shenji", stored) == 409
    assert not accesses.lines().exists()


def test_who_watches_sees_what_is_theirs_to_watch(client, world, plan, stored):
    for username in ("jigou", "shi-shenhe", "sheng-shenhe"):
        fetch(client, world, username, stored)
    accesses.take_out(plan, actor=world.user("shi-kaowu"), now=BUILT_AT, what="考生签到表", persons=6)

    def seen(username, query=""):
        client.force_login(world.user(username))
        page = client.get(reverse("portal:accesses") + query)
        assert page.status_code == 200
        return [row[1] for row in page.context["rows"]]

    name = {username: str(world.user(username)) for username in ("jigou", "shi-shenhe", "sheng-shenhe", "shi-kaowu")}
    assert set(seen("shenji")) == set(name.values())
    assert set(seen("sheng-fuze")) == set(name.values())
    assert set(seen("shi-fuze")) == {name["shi-shenhe"], name["shi-kaowu"]}
    assert seen("shenji", "?kind=take_out_numbers") == [name["shi-kaowu"]]
    assert seen("shenji", f"?who={name['jigou']}&case=班") == [name["jigou"]]
    assert seen("shenji", "?first=2030-01-01") == []
    assert len(seen("shenji", "?kind=x&first=never")) == 4
    client.force_login(world.user("shenji"))
    content = client.get(reverse("portal:accesses-export", args=["csv"]) + "?kind=take_out_numbers").content.decode()
    assert "考生签到表" in content
    assert content.count("\n") == 2


def test_the_page_costs_the_same_for_one_line_and_for_many(client, world, plan, stored):
    fetch(client, world, "shi-shenhe", stored)
    client.force_login(world.user("shenji"))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get(reverse("portal:accesses"))
    for username in ("jigou", "sheng-shenhe", "sheng-kaowu", "shi-kaowu"):
        accesses.take_out(plan, actor=world.user(username), now=BUILT_AT, what="准考证", persons=1)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("portal:accesses"))
    assert len(many) == len(few)
