"""The pages of training in a browser: accessible, no wider than the screen. SCREENSHOTS=folder keeps pictures."""

import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from certification import clock
from certification.imports.models import Import
from certification.organisations.models import User
from tests.factories import working_day
from training import samples
from training.plans import acknowledging, filing
from training.plans.plan_entry import TeacherEntry


@pytest.fixture
def classes(world):
    """A draft, a filed plan with a roster, one without, one returned."""
    actor, now = world.user("jigou"), clock.now()
    start = working_day(now.date(), 12)
    teachers = [TeacherEntry(one.name, one.number, "电工基础") for one in world.invented(2)]
    values = {
        "job_type": world.job_type(),
        "kind": "INITIAL",
        "class_start": start,
        "class_end": working_day(start, 20),
        "capacity": 30,
        "onsite_hours": 100,
        "online_hours": 20,
        "venue": "青屏市测试路 1 号 201 教室",
    }
    plans = [filing.save_draft(actor=actor, now=now, teachers=teachers, **values) for _each in range(4)]
    for plan in plans[1:]:
        filing.file_plan(actor=actor, now=now, plan_id=plan.pk)
    receipt = plans[3].receipts.get(recipient=world.centre)
    acknowledging.return_plan(
        actor=world.user("sheng-shenhe"), now=now, receipt_id=receipt.pk, reason="实操学时不足，请补充安排。"
    )
    return plans


def _upload(world, plan, name):
    client = Client()
    client.force_login(world.user("jigou"), backend="certification.organisations.backends.AccountBackend")
    odd = "学员名,身份证号码,学历,手机号\n林致远,990199198804128015,高中,13900000101\n"
    file = SimpleUploadedFile(name, odd.encode() if name == "odd.csv" else samples.files()[name])
    return client.post(f"/training/plans/{plan.pk}/roster/upload/", {"file": file})


def _submit_on(page, path):
    page.goto(path)
    page.locator("main form[method=post] button").last.click()


def test_pages_are_accessible_and_fit(world, classes, page, login_as, faults_of):
    draft, filed, empty, returned = classes
    found = {}

    def look(name):
        found[name] = faults_of(page, name)

    def visit(name, path):
        page.goto(path)
        look(name)

    login_as(User.objects.get(username="jigou"), page)
    preview = _upload(world, filed, "roster-example.xlsx").url
    visit("roster-preview", preview)
    page.click("text=报送名单")
    look("roster")
    visit("roster-version", page.get_by_role("link", name="第 1 版").get_attribute("href"))
    visit("trainee-enter", f"/training/plans/{filed.pk}/roster/enter/")
    visit("columns", _upload(world, empty, "odd.csv").url)
    page.goto(f"/training/plans/{empty.pk}/roster/")
    page.set_input_files("#id_file", str(samples.FOLDER / "roster-with-errors.xlsx"))
    page.click("text=上传并核对")
    look("roster-errors")
    uploaded = Import.objects.filter(state="CHECKED")
    Import.objects.filter(pk=uploaded.latest("pk").pk).update(state="WAITING", stage="核对各行", done=4000, total=10000)
    page.reload()
    look("roster-progress")
    visit("plans-institution", "/training/plans/")
    visit("plan-new", "/training/plans/new/")
    page.click("text=下一步")
    look("plan-errors")
    visit("plan-route", f"/training/plans/{draft.pk}/file/")
    visit("plan-returned", f"/training/plans/{returned.pk}/")
    visit("plan-edit-returned", f"/training/plans/{returned.pk}/edit/")
    visit("withdraw", f"/training/plans/{filed.pk}/withdraw/")
    visit("rosters", "/training/rosters/")
    trainee = filed.trainees.first().pk
    visit("trainee", f"/training/trainees/{trainee}/")
    visit("trainee-substitute", f"/training/trainees/{trainee}/substitute/")
    visit("trainee-withdraw", f"/training/trainees/{trainee}/withdraw/")
    visit("home", "/")
    login_as(world.user("shi-shenhe"), page)
    visit("plans-city", "/training/plans/?answer=RECEIVED")
    page.check("input[name=receipt] >> nth=0")
    page.click("text=签收所选计划")
    look("acknowledged")
    visit("plan-city", f"/training/plans/{empty.pk}/")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_late_filing_offers_the_earliest_start_with_one_click(world, classes, page, login_as):
    draft = classes[0]
    tomorrow = working_day(clock.today(), 2)
    values = {"class_start": tomorrow}
    filing.save_draft(
        actor=world.user("jigou"),
        now=clock.now(),
        plan_id=draft.pk,
        typed={**draft.typed, "class_start": tomorrow.isoformat()},
        **values,
    )
    login_as(world.user("jigou"), page)
    page.goto(f"/training/plans/{draft.pk}/file/")
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/plan-late-1280.png", full_page=True)
    page.click("main a.button-primary")
    page.click("text=下一步")
    page.click("main form button:has-text('报备')")
    assert "已报备" in page.inner_text("main")
