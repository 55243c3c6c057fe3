"""A roster as an import: two who upload at once, corrections put together, a late roster that waits."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from certification.imports import receiving
from certification.imports.models import Import
from certification.imports.reports import unpack
from certification.people.models import mask
from certification.portal.templatetags.components import download_url
from certification.records import accesses
from certification.records.models import TransitionLog
from certification.spreadsheets.reading import read_table
from tests.training.seven_errors import CHANGED, SevenErrors, barred_person, plain
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
    people = world.invented(9)
    filer.post(f"{upload(filer, plan, sheet(people[7:])).url}save/")
    file = SevenErrors(sheet(people), people, barred_person(world))

    answer = upload(filer, plan, file.content)
    import_ = imported(answer)
    found = {problem.row: problem for problem in unpack(import_.report).problems}
    assert {row: (one.column, one.code) for row, one in found.items()} == {
        row: (wrong.column, wrong.code) for row, wrong in file.errors.items()
    }
    page = filer.get(answer.url).content.decode()
    for row, wrong in file.errors.items():
        assert wrong.advice in found[row].advice, wrong.code
        assert found[row].value == (mask(wrong.value) if wrong.masked else wrong.value)
        assert found[row].message in page
        assert found[row].advice in page
    expected = {"WRONG": 7, "SAME": 1, "CHANGED": 1, "NEW": 0, "leaving": 0}
    assert {standing: import_.counts[standing] for standing in expected} == expected
    assert "报送名单" not in page
    assert Roster.objects.count() == 1

    back = filer.get(f"{answer.url}workbook/").content
    assert file.marked_wrong(back) == list(file.errors)
    for row, comment in file.comments(back).items():
        assert found[row].message in comment
    mended = SimpleUploadedFile("改正.xlsx", file.mended(back))
    done = filer.post(f"{answer.url}correct/", {"file": mended}, follow=True)
    assert "全部行核对无误" in done.content.decode()
    assert Roster.objects.count() == 1

    filer.post(f"{answer.url}save/")
    enrolled = Trainee.objects.filter(plan=plan, state="ENROLLED")
    assert set(enrolled.values_list("person__document_number", flat=True)) == {one.number for one in people}
    first, second = Roster.objects.order_by("version")
    assert [(one.version, one.headcount) for one in (first, second)] == [(1, 2), (2, 9)]
    assert second.joined().count() == 7
    assert [second.changes[str(one.pk)] for one in enrolled if str(one.pk) in second.changes] == [[list(CHANGED)]]


def _numbers(content: bytes) -> list[str]:
    table = read_table(content, "名单.xlsx", ["姓名", "身份证号码"])
    place = [plain(name) for name in table.header].index("身份证号码")
    return [row.cells[place] for row in table.rows]
