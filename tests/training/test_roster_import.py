"""A roster as an import: two who upload at once, corrections put together, a late roster that waits."""

import io
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from certification.imports import receiving
from certification.imports.models import Import
from certification.imports.reports import unpack
from certification.people.models import Bar, mask
from certification.portal.templatetags.components import download_url
from certification.records import accesses
from certification.records.models import TransitionLog
from certification.spreadsheets.reading import read_table
from tests.people.vectors import number
from tests.training.test_pages import sheet, upload
from tests.training.test_rosters import NOW, submit
from training.models import Roster, Trainee


@pytest.fixture(autouse=True)
def _now(at):
    at(NOW)


@pytest.fixture
def filer(client, world):
    client.force_login(world.user("jigou"))
    return client


def imported(answer) -> Import:
    return Import.objects.get(uuid=answer.url.rstrip("/").rpartition("/")[2])


def test_the_second_of_two_is_told_and_sees_the_new_state(filer, world, plan, records):
    people = world.invented(3)
    answer = upload(filer, plan, sheet(people))
    submit(world, plan, records(2))
    page = filer.post(f"{answer.url}save/", follow=True).content.decode()
    assert "核对之后情况有变" in page
    assert "新增 3，变更 0，不变 0，有误 0，移除 2" in page
    assert Roster.objects.count() == 1
    filer.post(f"{answer.url}save/")
    assert Roster.objects.count() == 2
    assert Trainee.objects.filter(plan=plan, state="ENROLLED").count() == 3


def test_changes_and_those_who_stay_are_counted(filer, world, plan):
    people = world.invented(3)
    filer.post(f"{upload(filer, plan, sheet(people)).url}save/")
    import_ = imported(upload(filer, plan, sheet(people[:2])))
    assert (import_.counts["SAME"], import_.counts["leaving"]) == (2, 1)


def test_a_version_of_several_files_keeps_each_as_received_and_shows_the_rows_put_together(client, filer, world, plan):
    people = world.invented(3)
    answer = upload(filer, plan, sheet(people[:2], job_type="高压电工作业"))
    import_ = imported(answer)
    assert import_.counts["WRONG"] == 2
    import_ = receiving.correct(
        actor=world.user("jigou"), import_uuid=import_.uuid, content=sheet(people), name="改正.xlsx"
    )
    receiving.go_on(import_)
    filer.post(f"{answer.url}save/")
    roster = Roster.objects.get()
    assert [file.name for file in roster.received()] == ["名单.xlsx", "改正.xlsx"]
    page = filer.get(reverse("training:roster_version", args=[roster.pk])).content.decode()
    assert "改正.xlsx" in page
    whole = filer.get(reverse("imports:workbook", args=[import_.uuid]))
    assert reverse("imports:workbook", args=[import_.uuid]) in page
    assert _numbers(whole.content) == [one.number for one in people]
    client.force_login(world.user("shenji"))
    masked_copy = client.get(reverse("training:roster_masked", args=[roster.pk]))
    assert _numbers(masked_copy.content) == [mask(one.number) for one in people]


def test_the_headings_of_the_field_are_known(filer, world, plan):
    (one,) = world.invented()
    text = f"参培人员姓名,居民身份证号,最高学历,移动电话,所属单位\n{one.name},{one.number},高中,13800000000,测试\n"
    answer = upload(filer, plan, text.encode("gb18030"), "名单.csv")
    import_ = imported(answer)
    assert (import_.state, import_.counts["NEW"]) == ("CHECKED", 1)


def test_a_new_upload_gives_the_one_before_up(filer, world, plan):
    first = imported(upload(filer, plan, sheet(world.invented(1))))
    upload(filer, plan, sheet(world.invented(1)))
    first.refresh_from_db()
    assert first.state == "DISCARDED"


def test_who_need_not_see_numbers_gets_a_masked_copy_and_the_original_is_on_record(client, filer, world, plan):
    people = world.invented(2)
    filer.post(f"{upload(filer, plan, sheet(people)).url}save/")
    roster = Roster.objects.get()
    address = reverse("training:roster_version", args=[roster.pk])
    assert "遮蔽证件号码的副本" not in filer.get(address).content.decode()
    client.force_login(world.user("shenji"))
    page = client.get(address).content.decode()
    assert page.index("遮蔽证件号码的副本") < page.index("每次下载记入查阅记录")
    content = client.get(reverse("training:roster_masked", args=[roster.pk])).content
    table = read_table(content, "副本.xlsx", ["姓名", "身份证号码", "手机号"])
    place = table.header.index("身份证号码")
    assert [row.cells[place] for row in table.rows] == [mask(one.number) for one in people]
    assert not any(one.number.encode() in content for one in people)
    assert client.get(download_url(roster.file)).getvalue()
    seen = TransitionLog.objects.filter(name__in=[accesses.FETCH_MASKED, accesses.DOWNLOAD_FILE]).order_by("pk")
    assert [line.name for line in seen] == [accesses.FETCH_MASKED, accesses.DOWNLOAD_FILE]
    client.force_login(world.user("lanxi-jigou"))
    assert client.get(reverse("training:roster_masked", args=[roster.pk])).status_code == 404


def test_seven_different_errors_are_found_in_one_pass_and_mended_in_one_more_upload(filer, world, plan):
    """As an institution does it, which has reported two of the nine before: upload, read what is wrong where and what
    to do, take the workbook back, mend the rows, send only those."""
    people, barred = world.invented(9), bar(world)
    filer.post(f"{upload(filer, plan, sheet(people[7:])).url}save/")
    book = openpyxl.load_workbook(io.BytesIO(sheet(people)))
    lines = book.active
    head = next(row for row in range(1, 10) if "身份证号码" in [_plain(cell.value) for cell in lines[row]])
    at = {_plain(cell.value): cell.column for cell in lines[head]}
    right = {row: {name: lines.cell(row, at[name]).value for name in at} for row in range(head + 1, head + 10)}
    misspelt = people[1].number[:-1] + ("1" if people[1].number[-1] != "1" else "2")
    errors = {
        head + 1: ("姓名", "", "required", "请填写姓名。"),
        head + 2: ("身份证号码", misspelt, "check_digit", "核对"),
        head + 3: ("手机号", "138", "phone", "请填写本人手机号。"),
        head + 4: ("文化程度", "肄业", "choice", "小学、初中"),
        head + 5: ("身份证号码", people[0].number, "duplicate", "请删除重复的一行。"),
        head + 6: ("身份证号码", number("20200101"), "too_young", "2038年1月1日起方可参加培训"),
        head + 7: ("身份证号码", barred.document_number, "barred", "不得列入名单"),
    }
    for row, (name, value, _code, _advice) in errors.items():
        lines.cell(row, at[name], value)
    lines.cell(head + 9, at["从事岗位"], "配电值班")

    answer = upload(filer, plan, _saved(book))
    import_ = imported(answer)
    found = {problem.row: problem for problem in unpack(import_.report).problems}
    assert {row: (one.column, one.code) for row, one in found.items()} == {
        row: (name, code) for row, (name, _value, code, _advice) in errors.items()
    }
    page = filer.get(answer.url).content.decode()
    for row, (_name, value, code, advice) in errors.items():
        assert advice in found[row].advice, code
        assert found[row].value == (mask(value) if code in MASKED else value)
        assert found[row].message in page
        assert found[row].advice in page
    expected = {"WRONG": 7, "SAME": 1, "CHANGED": 1, "NEW": 0, "leaving": 0}
    assert {standing: import_.counts[standing] for standing in expected} == expected
    assert "报送名单" not in page
    assert Roster.objects.count() == 1

    back = openpyxl.load_workbook(io.BytesIO(filer.get(f"{answer.url}workbook/").content))
    status = {_plain(cell.value): cell.column for cell in back.active[head]}["校验结果"]
    wrong = [row for row in right if back.active.cell(row, status).value != "通过"]
    assert wrong == list(errors)
    for row, (name, _value, _code, _advice) in errors.items():
        assert found[row].message in back.active.cell(row, at[name]).comment.text
        for each, value in right[row].items():
            back.active.cell(row, at[each], value)
    for row in sorted(set(right) - set(wrong), reverse=True):
        back.active.delete_rows(row)
    done = filer.post(f"{answer.url}correct/", {"file": SimpleUploadedFile("改正.xlsx", _saved(back))}, follow=True)
    assert "全部行核对无误" in done.content.decode()
    assert Roster.objects.count() == 1

    filer.post(f"{answer.url}save/")
    enrolled = Trainee.objects.filter(plan=plan, state="ENROLLED")
    assert set(enrolled.values_list("person__document_number", flat=True)) == {one.number for one in people}
    first, second = Roster.objects.order_by("version")
    assert [(one.version, one.headcount) for one in (first, second)] == [(1, 2), (2, 9)]
    assert second.joined().count() == 7
    assert [second.changes[str(one.pk)] for one in enrolled if str(one.pk) in second.changes] == [
        [["从事岗位", "电工", "配电值班"]]
    ]


MASKED = ("duplicate", "too_young", "barred")


def bar(world):
    """An invented person who is barred from every exam."""
    (person,) = world.persons(1)
    Bar.objects.create(
        person=person,
        ground="FRAUD",
        reason="替考",
        barred_from=date(2026, 1, 1),
        barred_until=date(2028, 12, 31),
        imposed_by=world.user("sheng-fuze"),
        imposed_at=NOW,
    )
    return person


def _numbers(content: bytes) -> list[str]:
    table = read_table(content, "名单.xlsx", ["姓名", "身份证号码"])
    place = [_plain(name) for name in table.header].index("身份证号码")
    return [row.cells[place] for row in table.rows]


def _plain(heading) -> str:
    return str(heading or "").lstrip("*")


def _saved(book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
