"""A roster as an import: two who upload at once, corrections put together, a late roster that waits."""

import pytest
from django.urls import reverse

from certification.imports import receiving
from certification.imports.models import Import
from certification.spreadsheets.reading import read_table
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


def test_a_version_of_several_files_keeps_each_as_received_and_the_rows_put_together(filer, world, plan):
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
    assert "合并" in roster.file.name
    with roster.file.file.open("rb") as kept:
        merged = read_table(kept.read(), "a.xlsx", ["姓名", "身份证号码"])
    assert [row.cells[2] for row in merged.rows] == [one.number for one in people]
    page = filer.get(reverse("training:roster_version", args=[roster.pk])).content.decode()
    assert "名单.xlsx" in page
    assert "改正.xlsx" in page


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
