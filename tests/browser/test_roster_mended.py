"""An institution mends a roster with seven different errors: read once, put right in its own workbook, sent once."""

from pathlib import Path

from tests.factories import at
from tests.training.conftest import FILED_ON, VALUES
from tests.training.seven_errors import SevenErrors, barred_person
from tests.training.test_pages import XLSX, sheet
from training.models import Trainee
from training.plans import filing
from training.plans.plan_entry import TeacherEntry


def _filed(world):
    actor, now = world.user("jigou"), at(FILED_ON)
    (teacher,) = world.invented(1)
    teachers = [TeacherEntry(teacher.name, teacher.number, "电工基础")]
    draft = filing.save_draft(actor=actor, now=now, teachers=teachers, **{**VALUES, "job_type": world.job_type()})
    return filing.file_plan(actor=actor, now=now, plan_id=draft.pk)


def test_seven_errors_are_read_on_one_page_and_mended_by_one_more_upload(world, walk):
    walk.on(FILED_ON)
    plan, people = _filed(world), world.invented(9)
    file = SevenErrors(sheet(people), people, barred_person(world))

    filer = walk.login("jigou").go("培训计划", "低压电工作业", "学员名单")
    filer.upload("名单文件", ("名单.xlsx", XLSX, file.content)).press("上传并核对")
    filer.reads("有错误，还没有保存", "新增 2", "有误 7", *(wrong.advice for wrong in file.errors.values()))
    assert filer.main.get_by_role("button", name="报送名单").count() == 0

    with filer.page.expect_download() as download:
        filer.main.get_by_role("link", name="下载核对结果").click()
    back = Path(download.value.path()).read_bytes()
    assert file.marked_wrong(back) == list(file.errors)

    filer.upload("改正后的文件", ("改正.xlsx", XLSX, file.mended(back))).press("上传改正的行")
    filer.reads("全部行核对无误，尚未保存", "新增 9", "有误 0").press("报送名单")
    filer.reads("第 1 版")
    assert Trainee.objects.filter(plan=plan, state="ENROLLED").count() == 9
