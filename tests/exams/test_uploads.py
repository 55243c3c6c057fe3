"""Many files at once: attached, or put before a person; never lost, never twice, hostile ones refused by name."""

import io
import struct
import zipfile
import zlib
from datetime import timedelta

import pypdf
import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from certification.notices.models import Notice
from certification.records.models import Scan, StoredFile
from certification.records.pictures import Frame
from certification.records.scanning import scan_waiting
from certification.refusals import Incomplete, WrongState
from exams.materials import uploads
from exams.materials.attaching import completeness
from exams.models import FileState, Material, MaterialUpload, UploadedFile
from exams.tasks import take_in_materials
from tests.exams.conftest import PHOTO, TODAY, picture
from tests.factories import at as moment
from tests.records.clamd import clamd
from tests.records.test_content import with_script
from tests.records.test_pictures import photographed


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def drafts(bench):
    return bench.drafts(bench.plan(size=3), papers=False)


@pytest.fixture
def send(bench, drafts):
    """Upload files, {name: content}, and take them in."""

    def upload(files: dict[str, bytes], kind: str = "", *, take: bool = True) -> MaterialUpload:
        made = uploads.upload(
            actor=bench.user("jigou"),
            now=moment(TODAY),
            plan_id=drafts[0].plan_id,
            kind=kind,
            files=[ContentFile(content, name=name) for name, content in files.items()],
        )
        if take:
            uploads.take_in(made.pk)
        return made

    return upload


def states(made: MaterialUpload) -> dict[str, str]:
    return {row.name: row.state for row in made.files.order_by("position")}


def pdf(pages: int = 1, change=None) -> bytes:
    writer = pypdf.PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(595, 842)
    if change:
        change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def archive(files: dict[str, bytes], **options) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **options) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def test_what_is_certain_is_attached_and_nothing_else_is_lost(bench, drafts, send):
    one, two, _three = [row.person for row in drafts]
    made = send(
        {
            f"{one.name}-照片.jpg": PHOTO,
            f"{two.document_number}_身份证.jpg": photographed(),
            f"{one.name}-学历证书.pdf": pdf(2),
            "某人-照片.jpg": PHOTO,
            f"{two.name}.jpg": PHOTO,
        }
    )
    assert list(states(made).values()) == ["ATTACHED", "ATTACHED", "ATTACHED", "UNMATCHED", "AMBIGUOUS"]
    held = completeness(drafts)
    assert set(held[drafts[0].pk].held) == {"PHOTO", "DIPLOMA"}
    kept = Material.objects.get(kind="IDENTITY_CARD")
    with kept.file.file.open("rb") as file:
        assert b"PhoneMaker" not in file.read()
    # What was attached is kept once, with its application; what is undecided is kept for its institution alone.
    assert StoredFile.objects.count() == 3 + 2
    assert UploadedFile.objects.visible_to(bench.user("shenji")).count() == 0
    assert UploadedFile.objects.visible_to(bench.user("jigou")).count() == 5


def test_the_same_files_again_change_nothing(drafts, send):
    files = {f"{row.person.name}-照片.jpg": picture(colour=f"#{row.pk % 100:02d}ccdd") for row in drafts}
    send(files)
    before = list(Material.objects.values_list("pk", "replaced_at"))
    assert set(states(send(files)).values()) == {"SAME"}
    assert list(Material.objects.values_list("pk", "replaced_at")) == before
    changed = send({f"{drafts[0].person.name}-照片.jpg": picture(colour="#123456")})
    assert set(states(changed).values()) == {"ATTACHED"}
    assert Material.objects.filter(application=drafts[0], kind="PHOTO").count() == 2


def test_a_name_may_say_another_paper_than_was_chosen_for_all(drafts, send):
    one, two = [row.person for row in drafts[:2]]
    names = [f"{one.document_number.lower()}.jpg", f"证件/{two.name}.JPG", f"{two.name}-学历证书.jpg"]
    made = send(dict.fromkeys(names, PHOTO) | {f"{one.name}.png": b"nothing"}, "IDENTITY_CARD")
    assert list(states(made).values()) == ["ATTACHED", "ATTACHED", "AMBIGUOUS", "REFUSED"]
    assert "与所选的“身份证件”不符" in made.files.get(state="AMBIGUOUS").why
    assert set(Material.objects.values_list("kind", flat=True)) == {"IDENTITY_CARD"}


def test_the_same_paper_twice_in_an_upload_is_a_question(bench, drafts, send):
    person = drafts[0].person
    name, number = person.name, person.document_number
    other = picture(colour="#111111")
    made = send({f"{name}-照片.jpg": PHOTO, f"{name}-照片(1).jpg": other, f"{number}照片.jpg": PHOTO})
    assert list(states(made).values()) == ["ATTACHED", "AMBIGUOUS", "SAME"]
    asked = made.files.get(state="AMBIGUOUS")
    assert (asked.why, asked.application) == (uploads.TWICE, drafts[0])
    uploads.assign(actor=bench.user("jigou"), file_id=asked.pk, application_id=drafts[0].pk, kind="PHOTO")
    assert Material.objects.filter(kind="PHOTO").count() == 2
    assert Material.objects.get(replaced_at=None).source_sha256 == asked.sha256


def test_what_came_in_time_is_in_time_however_late_it_is_taken_in(at, drafts, send):
    made = send({f"{drafts[0].person.name}-健康承诺.jpg": PHOTO}, take=False)
    at(moment(TODAY + timedelta(days=1)))
    uploads.take_in(made.pk)
    assert {row.submitted_at for row in Material.objects.all()} == {moment(TODAY)}


def test_more_than_a_handful(drafts, send, monkeypatch):
    monkeypatch.setattr(uploads, "HANDFUL", 2)
    monkeypatch.setattr(uploads, "HANDFUL_BYTES", len(PHOTO) + 1)
    files = {f"{row.person.name}-{kind}.jpg": PHOTO for row in drafts for kind in ("照片", "身份证", "学历证书")}
    made = send(files, take=False)
    assert uploads.take_in() == {"attached": 9, "to_decide": 0, "refused": 0}
    assert set(states(made).values()) == {"ATTACHED"}


def test_undecided_files_are_assigned_by_hand_without_uploading_again(bench, drafts, send):
    made = send({"扫描0001.jpg": picture(400, 300), "扫描0002.jpg": picture(500, 300)})
    first, second = made.files.order_by("position")
    actor = bench.user("jigou")
    uploads.assign(actor=actor, file_id=first.pk, application_id=drafts[1].pk, kind="IDENTITY_CARD")
    assert uploads.discard(actor=actor, file_ids=[second.pk]) == 1
    assert list(states(made).values()) == ["ATTACHED", "DISCARDED"]
    assert "IDENTITY_CARD" in completeness(drafts)[drafts[1].pk].held
    assert StoredFile.objects.count() == 1
    with pytest.raises(WrongState, match="已归入"):
        uploads.assign(actor=actor, file_id=first.pk, application_id=drafts[0].pk, kind="IDENTITY_CARD")


def test_two_who_assign_the_same_file_attach_it_once(bench, drafts, send, at_once):
    made = send({"扫描.jpg": picture(400, 300)})
    row = made.files.get()

    def assign(kind):
        return uploads.assign(actor=bench.user("jigou"), file_id=row.pk, application_id=drafts[0].pk, kind=kind)

    outcomes = at_once(lambda: assign("IDENTITY_CARD"), lambda: assign("DIPLOMA"))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["UploadedFile", "WrongState"]
    assert Material.objects.count() == 1


def test_two_jobs_take_each_file_once(drafts, send, at_once):
    files = {f"{row.person.name}-照片.jpg": picture(colour=f"#{place}{place}ccdd") for place, row in enumerate(drafts)}
    made = send(files, take=False)
    counts = at_once(*[lambda: uploads.take_in(made.pk)] * 3)
    assert sum(each["attached"] for each in counts) == 3
    assert Material.objects.count() == 3
    assert set(states(made).values()) == {"ATTACHED"}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_an_archive_is_what_it_holds_whoever_packed_it(drafts, send, encoding):
    names = [row.person.name for row in drafts]
    content = archive({f"{name}/照片.jpg": PHOTO for name in names} | {"__MACOSX/._x.jpg": b"x", "说明/": b""})
    if encoding == "gb18030":
        content = packed_by_windows([f"{name}/照片.jpg" for name in names])
    made = send({"材料.zip": content})
    assert set(states(made).values()) == {"ATTACHED"}
    assert len(states(made)) == 3
    # The archive went once everything in it was taken in.
    assert StoredFile.objects.count() == 3
    assert take_in_materials() == {"attached": 0, "to_decide": 0, "refused": 0}


def packed_by_windows(names: list[str]) -> bytes:
    """The names in GBK, and nothing says so."""
    out, central = b"", b""
    for name in names:
        raw, crc = name.encode("gb18030"), zlib.crc32(PHOTO)
        head = struct.pack("<HHHHHLLLHH", 20, 0, 0, 0, 33, crc, len(PHOTO), len(PHOTO), len(raw), 0)
        central += b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHLL", 0, 0, 0, 0, len(out)) + raw
        out += b"PK\x03\x04" + head + raw + PHOTO
    end = struct.pack("<HHHHLLH", 0, 0, len(names), len(names), len(central), len(out), 0)
    return out + central + b"PK\x05\x06" + end


@pytest.mark.parametrize("step", ["prepare", "keep", "log"])
def test_a_killed_job_leaves_nothing_behind_that_the_next_does_not_find(drafts, send, monkeypatch, step):
    made = send({"材料.zip": archive({f"{row.person.name}-照片.jpg": PHOTO for row in drafts})}, take=False)
    assert uploads.take_in(made.pk, seconds=0) == {"attached": 0, "to_decide": 0, "refused": 0}
    assert uploads.waiting(made.pk) == 3
    real = getattr(uploads.attaching, step)
    calls = []

    def killed(*args, **kwargs):
        calls.append(args)
        if len(calls) == (2 if step == "prepare" else 1):
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(uploads.attaching, step, killed)
        with pytest.raises(KeyboardInterrupt):
            take_in_materials()
    assert set(states(made).values()) == {"WAITING"}
    assert Material.objects.count() == 0
    assert take_in_materials()["attached"] == 3
    assert Material.objects.filter(kind="PHOTO").count() == 3


def bomb() -> bytes:
    return archive({"张三-照片.jpg": bytes(30 * 1024 * 1024)})


def lying() -> bytes:
    """An entry that holds more than the archive says."""
    content = archive({"张三-照片.jpg": bytes(1024 * 1024)})
    return content.replace((1024 * 1024).to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def huge_pixels() -> bytes:
    content = bytearray(_png())
    head = content[12:16] + (60_000).to_bytes(4, "big") * 2 + content[24:29]
    content[12:29] = head
    content[29:33] = zlib.crc32(head).to_bytes(4, "big")
    return bytes(content)


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 300)).save(out, "PNG")
    return out.getvalue()


HOSTILE = {
    "html": (b"<html><script>alert(1)</script></html>", "网页"),
    "executable": (b"MZ\x90\x00\x03", "无法识别"),
    "truncated": (PHOTO[: len(PHOTO) // 2], "损坏"),
    "huge_pixels": (huge_pixels(), "像素过多"),
    "encrypted_pdf": (pdf(change=lambda writer: writer.encrypt("secret")), "加密"),
    "pdf_with_script": (pdf(change=with_script), "脚本"),
    "pdf_with_file": (pdf(change=lambda writer: writer.add_attachment("x.exe", b"MZ")), "内嵌"),
    "pdf_and_zip": (pdf() + archive({"x.exe": b"MZ"}), "末尾附有"),
    "empty": (b"", "空的"),
}


@pytest.mark.parametrize("which", HOSTILE)
def test_hostile_files_are_refused_by_name_and_not_kept(drafts, send, which):
    content, why = HOSTILE[which]
    name = f"{drafts[0].person.name}-学历证书.pdf"
    made = send({name: content, f"{drafts[1].person.name}-照片.jpg": PHOTO})
    row = made.files.order_by("position")[0]
    assert row.state == FileState.REFUSED
    assert why in row.why
    assert row.file is None
    assert Material.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04broken", "damaged"),
        (archive({f"{number}.jpg": b"x" for number in range(2001)}), "too_many"),
    ],
)
def test_archives_that_cannot_be_read_are_refused_whole(send, content, code):
    with pytest.raises(Incomplete) as refusal:
        send({"材料.zip": content})
    assert refusal.value.problems[0].code == code
    assert MaterialUpload.objects.count() == 0
    assert StoredFile.objects.count() == 0


@pytest.mark.parametrize("content", [bomb(), lying(), archive({"x.zip": archive({"y.jpg": PHOTO})})])
def test_bombs_end_at_their_bounds(send, content):
    made = send({"材料.zip": content})
    assert list(states(made).values()) == ["REFUSED"]


def test_an_archive_that_says_that_it_holds_too_much_is_refused(send, settings):
    settings.ARCHIVE_MAX_BYTES = 1024 * 1024
    with pytest.raises(Incomplete, match="解压后过大"):
        send({"材料.zip": bomb()})


def test_two_sides_of_an_identity_card_stand_for_it(drafts, send):
    name = drafts[0].person.name
    send({f"{name}-身份证正面.jpg": picture(600, 400)})
    assert "IDENTITY_CARD" in completeness(drafts)[drafts[0].pk].missing
    send({f"{name}-身份证反面.jpg": picture(600, 400)})
    found = completeness(drafts)[drafts[0].pk]
    assert "IDENTITY_CARD" not in found.missing
    assert found.standing("IDENTITY_CARD") == "instead"


def test_what_the_scanner_finds_is_refused_and_named(drafts, send, settings):
    names = [row.person.name for row in drafts]
    with clamd() as server:
        settings.CLAMD = server.address
        made = send({f"{names[0]}-学历证书.pdf": pdf(), f"{names[1]}-学历证书.pdf": b"%PDF-1.7 EICAR" + pdf()[8:]})
    assert list(states(made).values()) == ["ATTACHED", "REFUSED"]
    assert "EICAR" in made.files.get(state="REFUSED").why
    assert Material.objects.get().file.scan == Scan.CLEAN


def test_what_turns_out_infected_is_nobodys_paper_any_more(bench, drafts, send, settings):
    settings.CLAMD, settings.CLAMD_UNREACHABLE = "unix:///nowhere", "later"
    infected = pdf().replace(b"%PDF-1.3\n", b"%PDF-1.3\n%EICAR\n")
    send({f"{drafts[0].person.name}-学历证书.pdf": infected})
    material = Material.objects.get()
    assert material.file.scan == Scan.WAITING
    assert "DIPLOMA" in completeness(drafts)[drafts[0].pk].held
    with clamd() as server:
        settings.CLAMD = server.address
        assert scan_waiting(now=moment(TODAY))["infected"] == 1
    material.refresh_from_db()
    assert material.replaced_at is not None
    assert "EICAR" in material.rejected_reason
    assert "DIPLOMA" in completeness(drafts)[drafts[0].pk].missing
    assert Notice.objects.filter(title__contains="含有病毒", recipient=bench.user("jigou")).exists()


def test_a_photo_of_other_proportions_is_cut_and_the_rest_is_made_to_fit(bench, drafts, send):
    names = [row.person.name for row in drafts]
    made = send(
        {
            f"{names[0]}-照片.jpg": picture(590, 826),
            f"{names[1]}-照片.jpg": picture(900, 900),
            f"{names[2]}-照片.jpg": picture(100, 140),
        }
    )
    assert list(states(made).values()) == ["ATTACHED", "CROP", "UNMATCHED"]
    cut = made.files.get(state="CROP")
    uploads.crop(actor=bench.user("jigou"), file_id=cut.pk, frame=Frame(100, 50, 590, 826))
    for material in Material.objects.filter(kind="PHOTO"):
        with material.file.file.open("rb") as file:
            assert Image.open(file).size == (295, 413)
        assert material.file.size <= 100 * 1024
    assert Material.objects.count() == 2
    # The same photograph again is known, though it was cut.
    assert list(states(send({f"{names[1]}-照片.jpg": picture(900, 900)})).values()) == ["SAME"]


def test_pages_show_progress_questions_and_cutting(client, bench, drafts, send):
    names = [row.person.name for row in drafts]
    send({f"{names[0]}-照片.jpg": picture(900, 600), "扫描.jpg": picture(300, 300), "坏.pdf": b"MZ"})
    client.force_login(bench.user("jigou"))
    here = reverse("exams:materials_upload", args=[drafts[0].plan_id])
    page = client.get(here).content.decode()
    assert "以下文件不予接收" in page
    assert "需要您确认的文件" in page
    scan, cut = UploadedFile.objects.get(name="扫描.jpg"), UploadedFile.objects.get(state="CROP")
    crop = reverse("exams:upload_crop", args=[cut.pk])
    assert "<svg" in client.get(crop).content.decode()
    preview = client.post(crop, {"left": 50, "top": 0, "width": 400, "turned": 90, "act": "preview"})
    assert preview.context["frame"] == Frame(50, 0, 400, 560, 90)
    image = client.get(preview.context["preview_url"].replace("&amp;", "&"))
    assert Image.open(io.BytesIO(image.content)).size == (295, 413)
    assert client.post(crop, {"left": "", "width": "x", "act": "save"}).status_code == 422
    assert client.post(crop, {"left": 5000, "top": 5000, "width": 200, "act": "save"}).status_code == 302
    decide = reverse("exams:upload_decide", args=[drafts[0].plan_id])
    client.post(decide, {f"application-{scan.pk}": drafts[1].pk, f"kind-{scan.pk}": "IDENTITY_CARD"})
    scan.refresh_from_db()
    assert scan.state == FileState.ATTACHED
    assert "需要您确认的文件" not in client.get(here).content.decode()
    client.force_login(bench.user("lanxi-jigou"))
    assert client.get(crop).status_code == 404
    assert client.post(decide).status_code == 404


def test_a_request_works_a_few_seconds_and_leaves_the_rest_to_the_job(client, bench, drafts, monkeypatch):
    monkeypatch.setattr(uploads, "AT_ONCE_SECONDS", 0)
    asked = []
    monkeypatch.setattr("exams.tasks.take_in_materials.apply_async", lambda args, **options: asked.append(args))
    client.force_login(bench.user("jigou"))
    here = reverse("exams:materials_upload", args=[drafts[0].plan_id])
    files = [ContentFile(PHOTO, name=f"{row.person.name}-照片.jpg") for row in drafts]
    sent = client.post(here, {"files": files})
    made = MaterialUpload.objects.get()
    assert asked == [(made.pk,)]
    page = client.get(sent.url).content.decode()
    assert "已处理 0 个，共 3 个" in page
    assert 'hx-trigger="every 3s"' in page
    take_in_materials(made.pk)
    page = client.get(sent.url).content.decode()
    assert "已上传 3 份材料" in page
    assert "hx-trigger" not in page


def test_the_pages_cost_the_same_for_few_and_for_many(client, bench, send):
    plan = bench.plan(size=8)
    drafts = bench.drafts(plan, papers=False)
    client.force_login(bench.user("jigou"))

    def cost(name: str) -> int:
        client.get(reverse(name, args=[plan.pk]))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(name, args=[plan.pk])).status_code == 200
        return len(queries)

    def upload(number: int):
        made = uploads.upload(
            actor=bench.user("jigou"),
            plan_id=plan.pk,
            kind="",
            files=[ContentFile(picture(400 + number + place, 400), name="扫描.jpg") for place in range(number)],
        )
        uploads.take_in(made.pk)

    bench.give_papers(drafts[:1], now=moment(TODAY))
    upload(1)
    few = cost("exams:class_applications"), cost("exams:materials_upload")
    bench.give_papers(drafts[1:], now=moment(TODAY))
    upload(6)
    assert (cost("exams:class_applications"), cost("exams:materials_upload")) == few
