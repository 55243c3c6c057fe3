"""Sealing: a zip that proves itself offline, additions in a chain, parts for their institutions, all of it by a job."""

import io
import json
import zipfile
from datetime import time, timedelta
from io import StringIO
from pathlib import Path

import pypdf
import pytest
from django.core.management import call_command
from django.urls import reverse

from approvals.certificates import cards
from approvals.dossiers import sealing
from approvals.dossiers.sealing import archives, exporting, items, later, verifying
from approvals.models import Dossier, DossierAddition, DossierItem
from certification.jobs import errands
from certification.jobs.models import Errand, ErrandState
from certification.jobs.tasks import work
from certification.people import bars
from certification.people.models import Certificate
from certification.records.models import StoredFile
from certification.refusals import NotPermitted, Refusal, WrongState
from exams.models import RoomRecord, RoomUse
from tests.approvals.cases import content_of
from tests.approvals.exports import changed
from tests.approvals.licensing_steps import SERVED, finished, stocked

pytestmark = pytest.mark.django_db
LATER = SERVED + timedelta(days=3)


@pytest.fixture
def dossier(world) -> Dossier:
    return finished(world)


@pytest.fixture
def sealed(world, dossier) -> Dossier:
    return sealing.seal(actor=world.user("shi-kaowu"), now=SERVED, dossier_id=dossier.pk)


def test_signed_room_records_are_sealed_as_documents(world, dossier):
    use = RoomUse.objects.filter(part__session=dossier.session).order_by("pk")[0]
    RoomRecord.objects.create(use=use, state="SIGNED", started_at=time(9), ended_at=time(11), written_at=SERVED)
    sealing.seal(actor=world.user("shi-kaowu"), now=SERVED, dossier_id=dossier.pk)
    (item,) = DossierItem.objects.filter(dossier=dossier, path__contains="/room_records/")
    (kept,) = StoredFile.objects.of(RoomRecord, RoomRecord.objects.values_list("pk", flat=True))
    assert item.sha256 == kept.sha256
    assert item.title.startswith("考场记录")


@pytest.fixture
def exported(sealed, tmp_path) -> Path:
    return written(tmp_path / "dossier.zip", content_of(sealed.archive))


@pytest.fixture
def card(world):
    """Something that happens after the sealing: a card is handed over at a window."""

    def hand_over(when=LATER) -> None:
        clerk, certificate = world.user("chuangkou"), Certificate.objects.get()
        request = cards.request_card(actor=clerk, now=when, certificate_id=certificate.pk)
        stocked(world, when=when)
        cards.print_card(actor=clerk, now=when, request_id=request.pk, card_number="YL000001")
        number = certificate.person.document_number
        cards.hand_over(actor=clerk, now=when, request_id=request.pk, document_number=number)

    return hand_over


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def exported_whole(sealed: Dossier, folder: Path) -> Path:
    with exporting.whole(sealed) as content:
        return written(folder / "whole.zip", content.read())


def bar(world, when) -> None:
    person = Certificate.objects.get().person
    bars.impose(actor=world.user("sheng-fuze"), now=when, person=person, ground="FRAUD", reason="查实", months=36)


def append(world, sealed, when=LATER) -> DossierAddition | None:
    return sealing.append(actor=world.user("shi-kaowu"), now=when, dossier_id=sealed.pk)


def faults(*files: Path, **given) -> set[tuple[str, str]]:
    return {(fault.kind, fault.path) for fault in verifying.verify(files, **given).faults}


def run(*args) -> tuple[int, str]:
    """Exit status and what the command said."""
    out = StringIO()
    try:
        call_command("verify_dossier", *map(str, args), stdout=out, stderr=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def class_folder(dossier: Dossier) -> str:
    return f"classes/{dossier.session.candidates.first().application.plan.number}"


# What was sealed proves itself


def test_an_untouched_export_is_intact_and_its_digest_is_the_page_s(sealed, exported):
    report = verifying.verify([exported], digest=sealed.index_sha256)
    assert (report.faults, report.dossier, report.digest) == ([], sealed.number, sealed.index_sha256)
    with zipfile.ZipFile(exported) as archive:
        listed = set(archive.namelist())
    items = set(DossierItem.objects.values_list("path", flat=True))
    assert items < listed
    assert {path.rpartition("/")[2] for path in listed - items} == {"index.json", "SHA256SUMS"}


def test_what_was_changed_is_missing_or_was_added_is_named(sealed, exported):
    path = f"{class_folder(sealed)}/results.json"
    assert faults(changed(exported, replace={path: b"{}"})) == {(verifying.CHANGED, path)}
    assert faults(changed(exported, drop=[path])) == {(verifying.MISSING, path)}
    assert faults(changed(exported, add={"session/more.txt": b"x"})) == {(verifying.ADDED, "session/more.txt")}


def test_a_changed_index_is_found_at_every_level(sealed, exported):
    with zipfile.ZipFile(exported) as archive:
        root, part = archive.read("index.json"), archive.read("session/index.json")
    other = part.replace("场次".encode(), "场期".encode())
    assert (verifying.CHANGED, "session/index.json") in faults(changed(exported, replace={"session/index.json": other}))
    other = root.replace(sealed.session.number.encode(), b"KS-0")
    assert (verifying.CHANGED, "SHA256SUMS") in faults(changed(exported, replace={"index.json": other}))
    for broken in (b"[]", b"not json", b'{"form": "dossier-index/2", "dossier": "x"}'):
        target = changed(exported, replace={"index.json": broken})
        assert run(target)[0] in (1, 2)


def test_one_that_was_sealed_anew_from_beginning_to_end_differs_from_the_noted_digest(sealed, exported):
    assert faults(exported, digest="0" * 64) == {(verifying.CHANGED, "index.json")}
    assert faults(exported, digest=sealed.index_sha256.upper()) == set()


def test_a_part_that_is_gone_with_its_index_is_missing(sealed, exported):
    found = faults(changed(exported, drop=[f"{class_folder(sealed)}/"]))
    assert (verifying.MISSING, f"{class_folder(sealed)}/results.json") in found
    assert (verifying.MISSING, "/") in found


def test_the_command_ends_with_0_1_or_2_and_needs_no_database(sealed, exported, tmp_path, django_assert_num_queries):
    with django_assert_num_queries(0):
        status, said = run(exported, "--digest", sealed.index_sha256)
        assert (status, "完好" in said) == (0, True)
        status, said = run(changed(exported, drop=["session/session.json"]))
        assert (status, "缺少：session/session.json" in said) == (1, True)
        assert run(written(tmp_path / "no.zip", b"PK no zip"))[0] == 2
        assert run(tmp_path / "nothing.zip")[0] == 2
        cut = written(tmp_path / "cut.zip", exported.read_bytes()[:-400])
        assert run(cut)[0] == 2


def test_a_damaged_entry_is_one_that_was_changed(sealed, exported):
    content = bytearray(exported.read_bytes())
    with zipfile.ZipFile(exported) as archive:
        at = archive.getinfo("dossier.pdf").header_offset + 500
    content[at] ^= 0xFF
    assert (verifying.CHANGED, "dossier.pdf") in faults(written(exported.with_name("damaged.zip"), bytes(content)))


def test_the_same_facts_give_the_same_bytes(world, dossier):
    def made() -> bytes:
        gathered = items.gather(dossier)
        given = {"now": SERVED, "number": 0, "previous": "", "progress": errands.silent}
        with archives.written(dossier, gathered, gathered.parts, **given) as archive:
            return archive.zip.read()

    assert made() == made()


def test_the_book_has_a_bookmark_for_every_part_and_table_and_its_typefaces_inside(sealed):
    reader = pypdf.PdfReader(io.BytesIO(content_of(sealed.pdf)))
    tops = [item.title for item in reader.outline if not isinstance(item, list)]
    assert tops[:3] == ["目录", "缺项", "场次资料"]
    below = [[item.title for item in group] for group in reader.outline if isinstance(group, list)]
    assert "考务人员" in below[0]
    assert any("成绩" in group for group in below)
    fonts = {font.get_object()["/BaseFont"] for page in reader.pages for font in page["/Resources"]["/Font"].values()}
    assert all("+Document" in font for font in fonts)


# By a job


def test_sealed_by_a_job_in_the_name_and_as_of_when_it_was_asked(world, dossier):
    officer = world.user("shi-kaowu")
    errand = sealing.ask_to_seal(actor=officer, now=SERVED, dossier_id=dossier.pk)
    assert sealing.ask_to_seal(actor=officer, now=LATER, dossier_id=dossier.pk) == errand
    dossier.refresh_from_db()
    assert dossier.state == "OPEN"
    assert work() == {"done": 1, "refused": 0}
    dossier.refresh_from_db()
    assert (dossier.state, dossier.sealed_by, dossier.sealed_at) == ("SEALED", officer, SERVED)
    with pytest.raises(WrongState):
        sealing.ask_to_seal(actor=officer, now=LATER, dossier_id=dossier.pk)


def test_a_worker_killed_at_any_step_leaves_nothing_and_the_next_one_seals(world, dossier, monkeypatch):
    class Killed(BaseException):
        pass

    sealing.ask_to_seal(actor=world.user("shi-kaowu"), now=SERVED, dossier_id=dossier.pk)
    (errand,) = Errand.objects.all()
    for stage in ("归集材料", "写入文件", "制作档案页", "汇编目录", "封存"):

        def progress(said, *_args, stage=stage):
            if said == stage:
                raise Killed

        with pytest.raises(Killed):
            sealing.do_seal(errand, progress)
        dossier.refresh_from_db()
        assert (dossier.state, DossierItem.objects.count(), dossier.archive_id) == ("OPEN", 0, None)
    assert work() == {"done": 1, "refused": 0}
    again = sealing.seal(actor=world.user("shi-kaowu"), now=LATER, dossier_id=dossier.pk)
    assert again.sealed_at == SERVED


def test_the_page_shows_the_way_then_the_sealed_files(client, world, dossier, at):
    at(SERVED)
    client.force_login(world.user("shi-kaowu"))
    page = reverse("approvals:dossier", args=[dossier.pk])
    response = client.post(reverse("approvals:dossier_seal", args=[dossier.pk]))
    assert response.url == page
    assert "排队等待办理" in client.get(page).content.decode()
    work()
    polled = client.get(page, headers={"HX-Request": "true"})
    assert polled["HX-Refresh"] == "true"
    shown = client.get(page).content.decode()
    assert "目录校验值" in shown
    assert "排队等待办理" not in shown
    assert "30 年，至" in shown


def test_what_stood_in_the_way_is_told_on_the_page(client, world, dossier, at, monkeypatch):
    at(SERVED)
    sealing.ask_to_seal(actor=world.user("shi-kaowu"), now=SERVED, dossier_id=dossier.pk)
    Errand.objects.update(state=ErrandState.REFUSED, refusal=errands._said(Refusal("服务器磁盘空间不足。")))
    client.force_login(world.user("shi-kaowu"))
    assert "磁盘空间不足" in client.get(reverse("approvals:dossier", args=[dossier.pk])).content.decode()


# What comes later


def test_nothing_new_is_not_appended(world, sealed):
    assert append(world, sealed) is None
    errand = sealing.ask_to_append(actor=world.user("shi-kaowu"), now=LATER, dossier_id=sealed.pk)
    assert work() == {"done": 0, "refused": 1}
    errand.refresh_from_db()
    assert errands.refusal_of(errand).code == "nothing_new"


def test_before_the_sealing_nothing_is_appended(world, dossier):
    with pytest.raises(WrongState):
        append(world, dossier)


def test_later_things_are_appended_in_a_chain_and_nothing_sealed_changes(world, sealed, card, tmp_path):
    before = content_of(sealed.archive)
    card()
    first = append(world, sealed)
    bar(world, LATER + timedelta(hours=1))
    second = append(world, sealed, when=LATER + timedelta(days=1))
    assert (first.number, first.previous_sha256) == (1, sealed.index_sha256)
    assert (second.number, second.previous_sha256) == (2, first.index_sha256)
    sealed.refresh_from_db()
    assert content_of(sealed.archive) == before
    paths = set(first.items.values_list("path", flat=True))
    assert f"additions/01/{class_folder(sealed)}/cards.json" in paths
    assert not any(path.endswith("/results.json") for path in paths)
    assert any(path.endswith("/bars.json") for path in second.items.values_list("path", flat=True))
    whole = exported_whole(sealed, tmp_path)
    report = verifying.verify([whole], digest=second.index_sha256)
    assert (report.faults, [number for number, _digest in report.seals]) == ([], [0, 1, 2])
    status, said = run(whole)
    assert (status, "含 2 次补充归档" in said) == (0, True)


def test_additions_verify_as_files_of_their_own_too_and_a_missing_one_is_named(world, sealed, card, tmp_path):
    card()
    first = append(world, sealed)
    base = written(tmp_path / "base.zip", content_of(sealed.archive))
    one = written(tmp_path / "one.zip", content_of(first.archive))
    assert faults(base, one) == set()
    whole = exported_whole(sealed, tmp_path)
    assert (verifying.CHANGED, "index.json") in faults(changed(whole, drop=["additions/"]), digest=first.index_sha256)
    with zipfile.ZipFile(whole) as archive:
        index = json.loads(archive.read("additions/01/index.json"))
    index["previous"] = "0" * 64
    forged = changed(whole, replace={"additions/01/index.json": json.dumps(index).encode()})
    assert (verifying.BROKEN, "additions/01/index.json") in faults(forged)


def test_a_night_appends_what_happened_once(world, sealed, card, at):
    at(LATER)
    assert later.append_all() == {"appended": 0}
    card()
    at(LATER + timedelta(hours=5))
    bar(world, LATER + timedelta(hours=1))
    assert later.append_all() == {"appended": 1}
    assert later.append_all() == {"appended": 0}
    assert DossierAddition.objects.get().sealed_by.is_system


# Who may have which part


def test_an_institution_exports_its_own_part_with_a_proof_and_nothing_else(client, world, sealed, card, at, tmp_path):
    at(LATER)
    card()
    append(world, sealed)
    plan = sealed.session.candidates.first().application.plan
    client.force_login(world.user("jigou"))
    response = client.get(reverse("approvals:dossier_part_export", args=[sealed.pk, plan.pk]))
    part = written(tmp_path / "part.zip", b"".join(response.streaming_content))
    report = verifying.verify([part], digest=sealed.additions.get().index_sha256)
    assert (report.faults, report.part) == ([], plan.number)
    with zipfile.ZipFile(part) as archive:
        names = set(archive.namelist())
        root = archive.read("index.json").decode()
    assert not any("session/" in name or "inside/" in name or name.endswith("dossier.pdf") for name in names)
    assert "session/index.json" not in root
    path = f"classes/{plan.number}/cards.json"
    assert faults(changed(part, replace={path: b"{}"})) == {(verifying.CHANGED, path)}
    assert client.get(reverse("approvals:dossier_export", args=[sealed.pk])).status_code == 404
    client.force_login(world.user("lanxi-jigou"))
    assert client.get(reverse("approvals:dossier_part_export", args=[sealed.pk, plan.pk])).status_code == 404


def test_only_the_organiser_asks(world, dossier, sealed):
    for act in (sealing.ask_to_append, sealing.append):
        with pytest.raises(Dossier.DoesNotExist):
            act(actor=world.user("lanxi-kaowu"), now=LATER, dossier_id=sealed.pk)
        with pytest.raises(NotPermitted):
            act(actor=world.user("sheng-kaowu"), now=LATER, dossier_id=sealed.pk)
