"""The pages of acceptance (受理、不予受理、撤回) in a browser: accessible, no wider than the screen. SCREENSHOTS=folder
keeps pictures."""

from datetime import timedelta

from approvals.licences import acceptance, licensing, not_accepting, withdrawals
from approvals.models import LicenceApplicant
from approvals.public import challenges
from exams.materials import specimens
from tests.approvals.cases import make_group, take_exam
from tests.approvals.correction_steps import asks
from tests.approvals.licensing_steps import DECIDED, SUBMITTED, ids_of, submitted

FALSE = {"ground": "FALSE", "facts": "报送的照片经比对不是本人。", "reasons": "提供虚假材料申请许可。"}
LATER = DECIDED + timedelta(days=40)


def test_pages_are_accessible_and_fit(world, at, page, login_as, faults_of):
    group = make_group(world, 6, state="CLEARED")
    take_exam(world, group)
    batch = submitted(world, group)
    refused, withdrawn, asked, accepted, waiting, again = ids_of(batch)
    clerk, officer = world.user("sheng-shouli"), world.user("shi-kaowu")
    not_accepting.not_accept(actor=clerk, now=SUBMITTED, applicant_id=refused, **FALSE)
    not_accepting.not_accept(actor=clerk, now=SUBMITTED, applicant_id=again, **FALSE)
    file = ("撤回申请.jpg", specimens.scan("撤回申请"))
    said = {"asked_on": SUBMITTED.date(), "reason": "本人转岗。", "file": file}
    withdrawals.withdraw(actor=officer, now=SUBMITTED, applicant_id=withdrawn, **said)
    items = asks("照片底色不符合平台要求。", field="照片文件名")
    acceptance.ask_correction(actor=clerk, now=SUBMITTED, applicant_ids=[asked], items=items)
    acceptance.accept(actor=clerk, now=SUBMITTED, applicant_ids=[accepted])
    candidate = LicenceApplicant.objects.get(pk=again).candidate_id
    licensing.prepare(actor=officer, now=SUBMITTED, session_id=group.session.pk, again=[candidate])
    found = {}

    def look(name):
        found[name] = faults_of(page, name)

    def visit(who, name, path):
        login_as(world.user(who), page)
        page.goto(f"/approvals/{path}")
        look(name)

    at(SUBMITTED)
    visit("sheng-shouli", "to-accept", "acceptance/")
    visit("sheng-shouli", "not-accept", f"applicants/{waiting}/not-accept/")
    page.check("input[name=ground][value=NOT_OURS]")
    page.fill("textarea[name=facts]", "从业单位和考试均在外省。")
    page.fill("textarea[name=reasons]", "不属于本机关职权范围。")
    page.click("main .actions button")
    look("not-accept-error")
    visit("sheng-shouli", "not-accepted", f"applicants/{refused}/")
    visit("shi-kaowu", "not-accepted-organiser", f"applicants/{refused}/")
    visit(
        "shi-kaowu", "again", f"licences/prepare/{group.session.pk}/?again={group.applications[0].candidates.get().pk}"
    )
    visit("shi-kaowu", "withdraw", f"applicants/{waiting}/withdraw/")
    page.fill("textarea[name=reason]", "本人转岗。")
    page.fill("input[name=asked_on]", "2026-11-01")
    page.set_input_files("input[name=file]", {"name": file[0], "mimeType": "image/jpeg", "buffer": file[1]})
    page.click("main .actions button")
    look("withdraw-error")
    visit("sheng-shouli", "withdrawn", f"applicants/{withdrawn}/")
    visit("shi-kaowu", "licence", f"licences/{batch.pk}/")
    visit("shi-kaowu", "licences", "licences/")
    visit("sheng-shouli", "accepted", f"applicants/{accepted}/")
    visit("jigou", "clocks-accepted", f"applicants/{accepted}/clocks/")
    visit("jigou", "clocks-withdrawn", f"applicants/{withdrawn}/clocks/")
    visit("sheng-shouli", "decisions", "decisions/?served=no")
    visit("sheng-shouli", "to-check", "acceptance/?tab=accepted")
    page.locator("input[name=ids]").first.check()
    page.click("button[value=reconcile]")
    look("checked")
    at(LATER)
    visit("sheng-shouli", "to-correct", "acceptance/?tab=correction")
    page.locator("input[name=ids]").first.check()
    page.click("text=所选逾期未补正的，视为撤回")
    look("lapse")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_public_page_fits(world, at, page, faults_of, monkeypatch):
    monkeypatch.setattr(challenges, "answered", lambda *_given: True)
    group = make_group(world, 2, state="CLEARED")
    take_exam(world, group)
    batch = submitted(world, group)
    clerk = world.user("sheng-shouli")
    first, second = ids_of(batch)
    not_accepting.not_accept(actor=clerk, now=SUBMITTED, applicant_id=first, **FALSE)
    acceptance.accept(actor=clerk, now=SUBMITTED, applicant_ids=[second])
    at(SUBMITTED)
    for place, name in enumerate(("public-not-accepted", "public-accepted")):
        person = group.applications[place].person
        page.goto("/query/")
        page.fill("input[name=name]", person.name)
        page.fill("input[name=document_number]", person.document_number)
        page.fill("input[name=answer]", "1")
        page.click("main button[type=submit]")
        assert faults_of(page, name) == []
        page.click("text=结束查询")
