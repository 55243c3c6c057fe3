"""Downloads of stored files: within one's own scope, with the judged type, never run by the browser."""

import errno

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import FileSystemStorage
from django.urls import reverse

from certification.catalogue.models import ApplicationKind
from certification.portal import timeline
from certification.records.content import CSV, PDF
from certification.records.models import StoredFile, TransitionLog
from certification.refusals import DiskFull
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
        kind=ApplicationKind.INITIAL,
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
    def make(name="学员名单（第三期）.pdf", media_type=PDF, owner=plan, content=b"%PDF-1.7 x") -> StoredFile:
        return StoredFile.store(
            content, name=name, media_type=media_type, owner=owner, actor=world.user("jigou"), now=BUILT_AT
        )

    return make


@pytest.fixture
def fetch(client, world):
    def get(file, username, query=""):
        client.force_login(world.user(username))
        return client.get(reverse("records:file", args=[file.uuid]) + query)

    return get


def test_shown_in_place_with_the_stored_type(fetch, stored):
    response = fetch(stored(), "jigou")
    assert b"".join(response.streaming_content) == b"%PDF-1.7 x"
    assert response["Content-Type"] == PDF
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"].startswith("inline; filename*=utf-8''%E5%AD%A6")


@pytest.mark.parametrize(("media_type", "query"), [(CSV, ""), ("text/html", ""), (PDF, "?download")])
def test_everything_else_is_only_downloaded(fetch, stored, media_type, query):
    response = fetch(stored(media_type=media_type), "jigou", query)
    assert response["Content-Disposition"].startswith("attachment; ")
    response.close()


@pytest.mark.parametrize(
    ("username", "status"),
    [
        ("jigou", 200),
        ("jigou2", 404),
        ("lanxi-jigou", 404),
        ("shi-shenhe", 200),
        ("sheng-shenhe", 200),
        ("shenji", 200),
        ("guanli", 404),
        ("chuangkou", 404),
    ],
)
def test_whoever_sees_the_case_may_fetch_and_nobody_else(fetch, stored, username, status):
    response = fetch(stored(), username)
    assert response.status_code == status
    response.close()


def test_without_login_it_asks_for_one(client, stored):
    response = client.get(reverse("records:file", args=[stored().uuid]))
    assert response.status_code == 302


def test_an_owner_that_does_not_say_who_sees_it_shows_its_files_to_nobody(fetch, stored, world):
    assert fetch(stored(owner=world.institution), "sheng-fuze").status_code == 404
    assert fetch(stored(owner=ContentType.objects.get_for_model(TrainingPlan)), "sheng-fuze").status_code == 404


def test_missing_on_disk_is_404_and_logged(fetch, stored, caplog):
    file = stored()
    file.file.storage.delete(file.file.name)
    assert fetch(file, "jigou").status_code == 404
    assert str(file.uuid) in caplog.text


def test_only_reading(client, world, stored):
    client.force_login(world.user("jigou"))
    assert client.post(reverse("records:file", args=[stored().uuid])).status_code == 405


def test_timeline_tells_steps_with_labels_states_and_people(world, plan):
    actor = world.user("jigou")
    TransitionLog.write([(plan, "DRAFT", "FILED")], name="file", actor=actor, at=BUILT_AT, reason="")
    TransitionLog.write([(plan, "FILED", "FILED")], name="note_x", actor=actor, at=BUILT_AT, reason="电话核实")
    timeline.register("training.TrainingPlan", {"note_x": "备注"})
    first, second = timeline.entries(plan)
    assert first.title.endswith("→ 已报备")
    assert first.who == f"{actor.person.name}（{world.institution.short_name}）"
    assert (second.title, second.text) == ("备注", "电话核实")


def test_a_full_disk_is_said_in_words_and_leaves_nothing_behind(stored, monkeypatch, tmp_path):
    def full(self, name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    with pytest.raises(DiskFull, match="磁盘空间不足"):
        stored()
    assert not StoredFile.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
