"""From a file to saved rows: every error in one pass, only corrected rows again, asked where unsure, saved once."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.db.models.functions import Now
from django.urls import reverse

from certification.imports import receiving, returning, working
from certification.imports.models import Heading, Import, ImportFile
from certification.imports.reports import unpack
from certification.people.models import Person
from certification.records.models import StoredFile
from certification.refusals import WrongState
from certification.spreadsheets.layout import Layout
from certification.spreadsheets.unreadable import UnreadableFile
from tests.imports.conftest import HEADER, as_file, row, sheet


@pytest.fixture
def filer(client, world):
    client.force_login(world.user("jigou"))
    return client


def page(filer, import_, name="detail", **query):
    return filer.get(reverse(f"imports:{name}", args=[import_.uuid]), query)


def save(world, import_):
    receiving.go_on(receiving.ask_to_save(actor=world.user("jigou"), import_uuid=import_.uuid))
    import_.refresh_from_db()


def test_right_rows_are_previewed_and_saved_when_somebody_says_so(world, upload, filer):
    people = world.invented(3)
    import_ = upload([row(one) for one in people])
    assert (import_.state, import_.counts["NEW"], import_.counts["WRONG"]) == ("CHECKED", 3, 0)
    assert not Person.objects.filter(document_number=people[0].number).exists()
    shown = page(filer, import_).content.decode()
    assert people[0].name in shown
    assert people[0].number not in shown
    answer = filer.post(reverse("imports:save", args=[import_.uuid]), follow=True)
    assert "已登记 3 人。" in answer.content.decode()
    assert Person.objects.filter(document_number__in=[one.number for one in people]).count() == 3
    assert "已登记 3 人。" in page(filer, import_).content.decode()


def test_seven_errors_in_one_pass_are_mended_by_one_more_upload_of_those_rows_alone(world, upload, filer):
    people = world.invented(8)
    rows = [row(one) for one in people]
    rows[1][0] = ""
    rows[2][1] = rows[2][1][:-1] + ("0" if rows[2][1][-1] != "0" else "1")
    rows[3][2] = "138"
    rows[4][1] = "123"
    rows[5][1] = people[0].number
    rows[6] = ["12345", "", "x"]
    import_ = upload(rows)
    assert import_.counts["WRONG"] == 6
    assert import_.counts["NEW"] == 2
    assert import_.counts["problems"] == 8
    with pytest.raises(WrongState):
        receiving.ask_to_save(actor=world.user("jigou"), import_uuid=import_.uuid)

    content = page(filer, import_, "workbook").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    lines = book["数据"]
    assert [cell.value for cell in lines[1]] == [*HEADER, "系统行标识", "校验结果"]
    assert lines["E2"].value == "通过"
    assert "未填写" in lines["A3"].comment.text
    wrong = [number for number in range(2, 10) if lines.cell(number, 5).value != "通过"]
    for number in wrong:
        one = people[number - 2]
        for column, value in enumerate([one.name, one.number, "13900000002"], start=1):
            lines.cell(number, column, value)
    for number in range(9, 1, -1):
        if number not in wrong:
            lines.delete_rows(number)
    buffer = io.BytesIO()
    book.save(buffer)
    filer.post(reverse("imports:correct", args=[import_.uuid]), {"file": as_file(buffer.getvalue())})
    import_.refresh_from_db()
    assert (import_.state, import_.counts["WRONG"], import_.counts["rows"]) == ("CHECKED", 0, 8)
    save(world, import_)
    assert import_.state == "SAVED"
    phones = dict(
        Person.objects.filter(document_number__in=[one.number for one in people]).values_list(
            "document_number", "phone"
        )
    )
    assert len(phones) == 8
    assert phones[people[0].number] == "13800000001"
    assert phones[people[3].number] == "13900000002"


def test_corrected_rows_are_known_without_a_mark_by_number_or_by_a_name_among_wrong_rows(world, upload):
    people = world.invented(4)
    rows = [row(one) for one in people[:3]]
    rows[1][2] = "138"
    rows[2][1] = "123"
    import_ = upload(rows)
    corrected = [row(people[1]), row(people[2]), row(people[3])]
    import_ = receiving.correct(
        actor=world.user("jigou"), import_uuid=import_.uuid, content=sheet(corrected), name="改正.xlsx"
    )
    receiving.go_on(import_)
    import_.refresh_from_db()
    report = unpack(import_.report)
    assert [line.number for line in report.rows] == [2, 3, 4, 5]
    assert import_.counts["WRONG"] == 0
    assert ImportFile.objects.get(owner_import=import_, number=2).targets == {"2": 3, "3": 4, "4": 5}
    again = openpyxl.load_workbook(io.BytesIO(returning.workbook(import_)))["数据"]
    assert [again.cell(number, 2).value for number in range(2, 6)] == [one.number for one in people]


def test_wrong_rows_may_be_left_out(world, upload, filer):
    people = world.invented(2)
    import_ = upload([row(people[0]), ["", "1", "2"]])
    filer.post(reverse("imports:drop", args=[import_.uuid]), {"row": ["3"]})
    import_.refresh_from_db()
    assert (import_.counts["rows"], import_.counts["WRONG"], import_.dropped) == (1, 0, [3])
    save(world, import_)
    assert import_.state == "SAVED"


def test_unsure_columns_are_asked_for_once_and_remembered(world, upload, filer):
    people = world.invented(2)
    header = ["名字", "身份证号码", "本人的手机"]
    import_ = upload([row(one) for one in people], header)
    assert import_.state == "ASKING"
    answer = page(filer, import_)
    assert answer.url == reverse("imports:columns", args=[import_.uuid])
    form = filer.get(answer.url)
    text = form.content.decode()
    assert "没有找到：姓名" in text
    assert "“本人的手机”像是“手机号”" in text
    assert people[0].number not in text
    assert filer.post(answer.url, {"name": "", "identity": "1", "phone": "1"}).status_code == 422
    filer.post(answer.url, {"name": "0", "identity": "1", "phone": "2"})
    import_.refresh_from_db()
    assert (import_.state, import_.counts["NEW"]) == ("CHECKED", 2)
    assert dict(Heading.objects.values_list("heading", "key")) == {"名字": "name", "本人的手机": "phone"}
    assert upload([row(one) for one in people], header).state == "CHECKED"
    other = upload([row(one) for one in people], header, username="lanxi-jigou")
    assert other.state == "ASKING"


def test_of_several_sheets_the_right_one_is_taken_or_asked_for(world, upload, filer):
    people = world.invented(2)
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["填表说明"])
    for name, one in zip(("第一批", "第二批"), people, strict=True):
        lines = book.create_sheet(name)
        lines.append(["二〇二六年人员登记表"])
        lines.append(HEADER)
        lines.append(row(one))
    buffer = io.BytesIO()
    book.save(buffer)
    import_ = upload(None, content=buffer.getvalue())
    assert import_.state == "ASKING"
    address = reverse("imports:columns", args=[import_.uuid])
    assert "多个工作表" in filer.get(address).content.decode()
    filer.post(f"{address}?sheet=第二批&header_row=2", {"name": "0", "identity": "1", "phone": "2"})
    import_.refresh_from_db()
    assert import_.counts["rows"] == 1
    assert unpack(import_.report).rows[0].texts[0] == people[1].name


def test_what_is_no_table_is_refused_at_once_and_nothing_is_kept(world, upload):
    for content in (b"%PDF-1.4", b"PK\x03\x04" + b"0" * 50, "甲,乙\n1,2\n".encode()):
        with pytest.raises(UnreadableFile):
            upload(None, content=content)
    assert not StoredFile.objects.exists()
    assert not Import.objects.exists()


def test_a_long_file_is_refused_in_the_background_with_the_reason(world, upload, filer, monkeypatch):
    monkeypatch.setattr(working, "AT_ONCE_BYTES", 10)
    import_ = upload(None, content="甲,乙\n1,2\n".encode())
    assert import_.state == "REFUSED"
    assert "没有找到表头" in page(filer, import_).content.decode()


def test_a_correction_that_cannot_be_read_changes_nothing(world, upload, filer, monkeypatch):
    (one,) = world.invented()
    import_ = upload([row(one), ["", "1", "2"]])
    monkeypatch.setattr(working, "AT_ONCE_BYTES", 10)
    broken = as_file("甲,乙\n1,2\n".encode(), "坏.csv")
    filer.post(reverse("imports:correct", args=[import_.uuid]), {"file": broken})
    import_.refresh_from_db()
    assert (import_.state, import_.counts["rows"]) == ("CHECKED", 2)
    assert "没有找到表头" in page(filer, import_).content.decode()


def test_a_worker_killed_in_the_middle_loses_and_repeats_nothing(world, upload, monkeypatch):
    people = world.invented(2)
    import_ = upload([row(one) for one in people])
    receiving.ask_to_save(actor=world.user("jigou"), import_uuid=import_.uuid)
    taken = working._waiting()
    assert taken.pk == import_.pk
    assert working.work() == {"checked": 0, "saved": 0}
    Import.objects.filter(pk=import_.pk).update(taken_at=Now() - timedelta(minutes=10))
    assert working.work() == {"checked": 0, "saved": 1}
    found = working.read(taken)
    with pytest.raises(working.Overtaken):
        working._write(actor=world.user("jigou"), now=taken.save_asked_at, import_=taken, found=found)
    assert Person.objects.filter(document_number__in=[one.number for one in people]).count() == 2
    import_.refresh_from_db()
    assert import_.state == "SAVED"


def test_what_fails_again_and_again_goes_back_to_its_sender(world, upload, filer, monkeypatch):
    (one,) = world.invented()
    import_ = upload([row(one)])
    receiving.ask_to_save(actor=world.user("jigou"), import_uuid=import_.uuid)

    def broken(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr(working, "_write", broken)
    for _attempt in range(working.ATTEMPTS):
        with pytest.raises(RuntimeError):
            working.work_on(import_.pk)
        Import.objects.filter(pk=import_.pk).update(taken_at=Now() - timedelta(minutes=10))
    working.work_on(import_.pk)
    import_.refresh_from_db()
    assert import_.state == "CHECKED"
    assert "没有成功" in page(filer, import_).content.decode()


def test_rows_that_became_wrong_meanwhile_are_shown_instead_of_saved(world, upload, filer, monkeypatch):
    people = world.invented(2)
    import_ = upload([row(people[0]), row(people[1])])
    ImportFile.objects.filter(owner_import=import_)
    import_file = import_.files.get()
    layout = Layout.from_json(import_file.layout)
    swapped = {**layout.as_json(), "places": {"name": 0, "identity": 2, "phone": 2}}
    receiving.ask_to_save(actor=world.user("jigou"), import_uuid=import_.uuid)
    ImportFile.objects.filter(pk=import_file.pk).update(layout=swapped)
    working.work_on(import_.pk)
    import_.refresh_from_db()
    assert (import_.state, import_.counts["WRONG"]) == ("CHECKED", 2)
    assert "核对之后情况有变" in page(filer, import_).content.decode()


def test_progress_is_shown_and_asks_again_by_itself(world, upload, filer):
    (one,) = world.invented()
    import_ = upload([row(one)])
    Import.objects.filter(pk=import_.pk).update(state="WAITING", stage="核对各行", done=50, total=200)
    answer = page(filer, import_)
    text = answer.content.decode()
    assert "50 / 200 行" in text
    assert 'hx-trigger="every 2s"' in text
    Import.objects.filter(pk=import_.pk).update(state="CHECKED")
    polled = filer.get(
        reverse("imports:detail", args=[import_.uuid]), headers={"HX-Request": "true", "HX-Target": "progress"}
    )
    assert polled.headers["HX-Refresh"] == "true"


def test_nobody_elses_imports(world, upload, client):
    (one,) = world.invented()
    import_ = upload([row(one), ["", "", ""]])
    for username in ("lanxi-jigou", "shi-shenhe", "sheng-shenhe", "shenji"):
        client.force_login(world.user(username))
        for name in ("detail", "columns", "workbook"):
            assert page(client, import_, name).status_code == 404, (username, name)
        for name in ("save", "correct", "drop", "discard"):
            assert client.post(reverse(f"imports:{name}", args=[import_.uuid])).status_code == 404


def test_a_preview_takes_the_same_queries_for_one_row_and_many(world, upload, filer, django_assert_num_queries):
    from tests.training.test_acknowledging import CountQueries

    counts = []
    for number in (1, 1, 30):
        import_ = upload([row(one) for one in world.invented(number)])
        with CountQueries() as counted:
            assert page(filer, import_).status_code == 200
        counts.append(counted.number)
    assert counts[-2] == counts[-1]
