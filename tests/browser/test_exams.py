"""The pages of examinations in a browser: accessible, no wider than the screen. SCREENSHOTS=folder keeps pictures."""

from decimal import Decimal
from itertools import count

import pytest
from django.core.files.base import ContentFile

from certification.catalogue.models import ApplicationKind
from exams.materials import specimens, uploads
from exams.models import DeclarationText, Duty, ExamPlan, ExamSite, Part, RoomUse, StaffAssignment
from exams.rooms.staffing import assign_staff
from exams.scores.results import Row
from tests.browser.conftest import DESKTOP, PHONE
from tests.exams.conftest import TODAY, Bench
from tests.factories import at as moment


@pytest.fixture
def bench(world, at) -> Bench:
    at(moment(TODAY))
    return Bench(world, count(1))


def test_pages_are_accessible_and_fit(bench, at, page, login_as, faults_of):
    found = {}

    def look(name):
        found[name] = faults_of(page, name)

    def visit(name, path):
        page.goto(path)
        look(name)

    session = bench.session()
    drafts = bench.drafts(bench.plan(size=4), session, papers=False)
    bench.give_papers(drafts[:2], now=moment(TODAY))
    renewals = bench.submitted(bench.plan(ApplicationKind.RENEWAL, size=3))
    bench.move("clear", renewals)
    login_as(bench.user("jigou"), page)
    visit("class-list", "/exams/classes/")
    visit("class", f"/exams/classes/{drafts[0].plan_id}/")
    page.locator("button:has-text('提交申报')").first.click()
    page.wait_for_selector("text=以下各行未办理")
    look("class-refused")
    applicant = drafts[2].person.name
    sent = {
        "扫描件.jpg": specimens.scan("身份证"),
        f"{applicant}-照片.jpg": specimens.snapshot(2),
        f"{applicant}-学历证书.pdf": b"MZ",
    }
    made = uploads.upload(
        actor=bench.user("jigou"),
        now=moment(TODAY),
        plan_id=drafts[0].plan_id,
        kind="",
        files=[ContentFile(content, name=name) for name, content in sent.items()],
    )
    uploads.take_in(made.pk)
    visit("materials", f"/exams/classes/{drafts[0].plan_id}/materials/")
    page.get_by_role("link", name="裁剪").first.click()
    page.wait_for_selector(".crop-preview")
    look("crop")
    page.get_by_role("button", name="裁剪并归入").click()
    page.wait_for_selector("text=已裁剪并归入")
    visit("matrix", f"/exams/classes/{drafts[0].plan_id}/matrix/")
    visit("declarations", "/exams/declarations/")
    visit("declaration", f"/exams/declarations/{DeclarationText.objects.order_by('pk')[0].pk}/")
    bench.move("return_to_filer", renewals[:0])
    bench.move("forward", drafts[:2])
    bench.move("return_to_filer", drafts[:1], by="sheng-shenhe", reason="照片不清晰，请重新提供。")
    visit("application", f"/exams/applications/{drafts[0].pk}/")
    visit("applications", "/exams/applications/")
    visit("sessions", "/exams/sessions/")

    ready = bench.ready(size=6)
    for name, part, duty in (
        ("shi-jiankao", Part.THEORY, Duty.INVIGILATOR),
        ("shi-kaoping", Part.PRACTICAL, Duty.EXAMINER),
    ):
        use = RoomUse.objects.filter(part__session=ready, part__part=part).order_by("pk")[0]
        person_id = bench.user(name).person_id
        assign_staff(actor=bench.officer(), now=moment(TODAY), use_id=use.pk, person_id=person_id, duty=duty)
    login_as(bench.user("shi-kaowu"), page)
    visit("officer-home", "/")
    visit("announce", "/exams/sessions/announce/")
    visit("session", f"/exams/sessions/{ready.pk}/")
    page.set_viewport_size(PHONE)
    assert page.locator(".table-wrap").evaluate_all("all => all.every(one => one.scrollWidth <= one.clientWidth)")
    page.set_viewport_size(DESKTOP)
    visit("rooms", f"/exams/sessions/{ready.pk}/rooms/")
    visit("staff", f"/exams/sessions/{ready.pk}/staff/")
    visit("session-move", f"/exams/sessions/{ready.pk}/change/")
    day = "2026-04-22"
    asked = f"theory_day={day}&theory_first=18&theory_last=21&practical_day={day}&practical_first=27&practical_last=32"
    visit("session-move-preview", f"/exams/sessions/{ready.pk}/change/?{asked}&reason=检修")
    visit("session-site", f"/exams/sessions/{ready.pk}/site/")
    other = ExamSite.objects.get(name="青屏高新区考试点")
    visit("session-site-preview", f"/exams/sessions/{ready.pk}/site/?site={other.pk}&reason=停电")
    visit("session-cancel", f"/exams/sessions/{ready.pk}/cancel/")
    visit("pool", "/exams/pool/")
    visit("hours", "/exams/hours/")
    visit("sites", "/exams/sites/")
    visit("site", f"/exams/sites/{bench.site().pk}/")
    visit("plans", "/exams/plans/")
    visit("plan", f"/exams/plans/{ExamPlan.objects.get().pk}/")
    visit("plan-new", "/exams/plans/new/")
    login_as(bench.user("shi-jiankao"), page)
    visit("duties", "/exams/duties/")
    visit("duty", f"/exams/duties/{StaffAssignment.objects.get(duty=Duty.INVIGILATOR).pk}/")

    at(moment(ready.starts_on, 20))
    bench.held(ready)
    candidates = bench.candidates(ready)
    bench.enter(ready, Part.THEORY, [Row(row.pk, score=Decimal(86)) for row in candidates])
    bench.check(ready, Part.THEORY)
    login_as(bench.user("shi-luru"), page)
    visit("results-enter", f"/exams/results/{ready.pk}/practical/enter/")
    bench.enter(ready, Part.PRACTICAL, [bench.practical(row) for row in candidates[:4]])
    login_as(bench.user("shi-fuhe"), page)
    visit("results-list", "/exams/results/")
    visit("results", f"/exams/results/{ready.pk}/")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
