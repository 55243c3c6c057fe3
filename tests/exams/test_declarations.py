"""What applicants sign: dated editions, the recorded version, the form to print; exemptions and papers of the class."""

import io
from datetime import date, timedelta

import pypdf
import pytest
from django.core.management import call_command
from django.urls import reverse

from certification.portal import timeline
from certification.records import accesses
from certification.refusals import Incomplete, NotPermitted, Refusal, WrongState
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from exams.applications import applying
from exams.materials import attaching, declarations, paper_standards
from exams.materials.attaching import completeness
from exams.models import ClassMaterial, DeclarationText, Material
from exams.states import ApplicationState as A
from tests.exams.conftest import PHOTO, TODAY, picture
from tests.factories import at as moment

NEW = {
    "kind": "HEALTH_COMMITMENT",
    "title": "个人健康承诺书",
    "body": "本人身体健康。\n\n  承诺真实。 ",
    "source": "省厅通知",
    "certainty": "CONFIRMED",
}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def attach(bench, draft, kind, content=PHOTO, *, now=None, **more) -> Material:
    return applying.attach_material(
        actor=bench.user("jigou"),
        now=now or moment(TODAY),
        application_id=draft.pk,
        kind=kind,
        content=content,
        name="扫描.jpg",
        **more,
    )


def test_each_paper_keeps_the_edition_that_was_signed(bench):
    (draft,) = bench.drafts(bench.plan(size=1), papers=False)
    first = DeclarationText.objects.in_force(TODAY)["HEALTH_COMMITMENT"]
    signed = attach(bench, draft, "HEALTH_COMMITMENT")
    assert signed.text == first
    assert [entry.title for entry in timeline.entries(draft)][-1] == f"上传健康承诺书（所签文本：{first}）"
    assert attach(bench, draft, "CONSENT", picture(400, 300)).text.kind == "CONSENT"
    assert attach(bench, draft, "PHOTO").text is None
    new = declarations.add_text(
        actor=bench.user("guanli"), now=moment(TODAY), in_force_from=TODAY + timedelta(days=1), **NEW
    )
    assert (new.version, new.paragraphs) == (3, ["本人身体健康。", "承诺真实。"])
    assert attach(bench, draft, "HEALTH_COMMITMENT", picture(410, 300)).text == first
    tomorrow = moment(TODAY + timedelta(days=1))
    assert attach(bench, draft, "HEALTH_COMMITMENT", picture(420, 300), now=tomorrow).text == new
    # Whoever still signed the paper of before says so; what was signed stays as it was.
    late = attach(bench, draft, "HEALTH_COMMITMENT", picture(430, 300), now=tomorrow, text_id=first.pk)
    assert late.text == first
    assert Material.objects.get(pk=signed.pk).text == first


def test_only_an_administrator_adds_and_nothing_in_force_changes(bench):
    day = TODAY + timedelta(days=3)
    with pytest.raises(NotPermitted):
        declarations.add_text(actor=bench.user("jigou"), in_force_from=day, **NEW)
    administrator = bench.user("guanli")
    with pytest.raises(Incomplete, match="不能早于今天"):
        declarations.add_text(actor=administrator, now=moment(TODAY), in_force_from=TODAY - timedelta(days=1), **NEW)
    made = declarations.add_text(actor=administrator, now=moment(TODAY), in_force_from=day, **NEW)
    with pytest.raises(Incomplete, match="已有一个版本"):
        declarations.add_text(actor=administrator, now=moment(TODAY), in_force_from=day, **NEW)
    change = {name: NEW[name] for name in ("title", "source", "certainty")} | {"body": "改后的正文。"}
    later = day + timedelta(days=1)
    declarations.change_text(actor=administrator, now=moment(TODAY), text_id=made.pk, in_force_from=later, **change)
    made.refresh_from_db()
    assert (made.body, made.in_force_from) == ("改后的正文。", later)
    added, changed = timeline.entries(made)
    assert f"{day} 起启用" in added.title
    assert changed.title == "更改未启用的文本：启用日期、正文"
    assert changed.who.startswith(str(administrator))
    with pytest.raises(WrongState, match="已经启用"):
        declarations.change_text(actor=administrator, now=moment(later), text_id=made.pk, in_force_from=later, **change)


def test_loading_again_changes_nothing(world):
    before = list(DeclarationText.objects.values_list("pk", "body"))
    assert len(before) == 3
    call_command("load_reference", verbosity=0)
    assert list(DeclarationText.objects.values_list("pk", "body")) == before


def test_the_forms_are_printed_filled_in_and_on_record(client, bench):
    drafts = bench.drafts(bench.plan(size=2), papers=False)
    client.force_login(bench.user("jigou"))
    response = client.get(reverse("exams:class_declarations", args=[drafts[0].plan_id]))
    pages = pypdf.PdfReader(io.BytesIO(response.content)).pages
    assert len(pages) == 4
    text = pages[0].extract_text()
    assert drafts[0].person.name in text
    assert drafts[0].person.document_number in text
    line = accesses.lines().get()
    assert (line.name, line.detail["persons"]) == ("take_out_numbers", 2)
    assert client.get(reverse("exams:application_declarations", args=[drafts[1].pk])).content.startswith(b"%PDF")


def test_the_screens_of_the_texts(client, bench):
    client.force_login(bench.user("guanli"))
    assert "登记新版本" in client.get(reverse("exams:declaration_list")).content.decode()
    create = reverse("exams:declaration_create")
    assert client.post(create, NEW | {"in_force_from": "2020-01-01"}).status_code == 422
    made = client.post(create, NEW | {"in_force_from": TODAY + timedelta(days=5)})
    assert made.status_code == 302
    assert "待启用" in client.get(made.url).content.decode()
    edit = f"{made.url}edit/"
    changed = {**NEW, "in_force_from": TODAY + timedelta(days=6), "title": "新的标题"}
    assert client.get(edit).status_code == 200
    assert client.post(edit, changed).status_code == 302
    assert "新的标题" in client.get(made.url).content.decode()
    client.force_login(bench.user("jigou"))
    assert "登记新版本" not in client.get(reverse("exams:declaration_list")).content.decode()
    assert client.get(create).status_code == 403


def test_who_is_exempt_proves_that_in_place_of_the_hours(bench):
    (draft,) = bench.drafts(bench.plan(size=1), papers=False)
    with pytest.raises(Refusal, match="不需要"):
        attach(bench, draft, "EXEMPTION_PROOF")
    claim = {"actor": bench.user("jigou"), "now": moment(TODAY), "application_id": draft.pk}
    with pytest.raises(Refusal, match="没有这种免培训依据"):
        applying.claim_exemption(basis="construction_welder", **claim)
    claimed = applying.claim_exemption(basis="construction_electrician", **claim)
    papers = completeness([claimed])[draft.pk]
    assert "HOURS_PROOF" not in papers.missing
    assert "EXEMPTION_PROOF" in papers.missing
    assert attach(bench, draft, "EXEMPTION_PROOF").kind == "EXEMPTION_PROOF"
    graduate = applying.claim_exemption(basis="trade_graduate", **claim)
    assert completeness([graduate])[draft.pk].missing.count("DIPLOMA") == 1
    none = applying.claim_exemption(basis="", **claim)
    assert "HOURS_PROOF" in completeness([none])[draft.pk].missing


def test_no_exemption_once_submitted_nor_for_renewals(bench):
    session = bench.session()
    (row,) = bench.submitted(bench.plan(size=1), session)
    with pytest.raises(WrongState):
        applying.claim_exemption(
            actor=bench.user("jigou"), now=moment(TODAY), application_id=row.pk, basis="trade_graduate"
        )
    assert paper_standards.exemptions("RENEWAL", "0101", TODAY) == []


def test_what_is_asked_differs_by_edition_and_group(bench):
    draft_edition = Rule.objects.get(edition__code="2026-draft", area="materials", code="INITIAL").edition
    asked = paper_standards.materials_for("INITIAL", draft_edition, group="01").required
    assert "DIPLOMA" not in asked
    assert "DIPLOMA" in paper_standards.materials_for("INITIAL", draft_edition, group="09").required
    assert "DIPLOMA" in paper_standards.materials_for("INITIAL", TODAY, group="01").required


def test_a_paper_of_the_class_is_handed_in_once_and_may_be_required(client, bench):
    session = bench.session()
    drafts = bench.drafts(bench.plan(size=2), session)
    rule = Rule.objects.get(edition=lookup.edition_on(TODAY), area="materials", code="class")
    rule.values["INITIAL"] = {"required": ["INSTITUTION_COMMITMENT"], "optional": ["EMPLOYER_LIST"]}
    rule.save()
    lookup.forget()
    submit = {
        "actor": bench.user("jigou"),
        "now": moment(TODAY),
        "application_ids": [row.pk for row in drafts],
    }
    refused = applying.submit_applications(**submit)
    assert {str(result.refusal.message) for result in refused} == {"缺少材料：培训机构承诺书。"}
    client.force_login(bench.user("jigou"))
    address = reverse("exams:class_material_upload", args=[drafts[0].plan_id])

    def upload(content=PHOTO):
        file = io.BytesIO(content)
        file.name = "承诺书.jpg"
        return client.post(address, {"kind": "INSTITUTION_COMMITMENT", "file": file})

    assert upload(b"MZ").status_code == 422
    assert upload().status_code == 302
    assert upload().status_code == 302
    assert upload(picture(400, 300)).status_code == 302
    assert ClassMaterial.objects.count() == 2
    assert ClassMaterial.objects.filter(replaced_at=None).count() == 1
    assert {result.row.state for result in applying.submit_applications(**submit)} == {A.PRELIMINARY_REVIEW}
    assert upload(picture(500, 300)).status_code == 422
    client.force_login(bench.user("shi-shenhe"))
    page = client.get(reverse("exams:class_matrix", args=[drafts[0].plan_id])).content.decode()
    assert "培训机构承诺书" in page
    assert "2 人中 <strong>2</strong> 人材料齐全" in page
    stored = ClassMaterial.objects.get(replaced_at=None).file
    fetched = client.get(reverse("records:file", args=[stored.uuid]))
    assert b"".join(fetched).startswith(b"\xff\xd8\xff")
    client.force_login(bench.user("lanxi-shenhe"))
    assert client.get(reverse("exams:class_matrix", args=[drafts[0].plan_id])).status_code == 404


def test_the_sheet_shows_who_lacks_what(client, bench):
    drafts = bench.drafts(bench.plan(size=3), papers=False)
    bench.give_papers(drafts[:1], now=moment(TODAY))
    attach(bench, drafts[1], "PHOTO")
    client.force_login(bench.user("jigou"))
    here = reverse("exams:class_applications", args=[drafts[0].plan_id])
    page = client.get(here).content.decode()
    assert "3 人中 <strong>1</strong> 人材料齐全" in page
    assert "照片 1 人" in page
    assert "总局令第30号第十六条（已核实）" in page
    shown = client.get(f"{here}?show=incomplete")
    assert [row["application"].pk for row in shown.context["rows"]] == [drafts[1].pk, drafts[2].pk]
    assert attaching.of_class(bench.user("jigou"), drafts[0].plan_id).count() == 3


def test_a_paper_replaced_after_a_return_keeps_the_one_before(client, bench):
    session = bench.session()
    (row,) = bench.submitted(bench.plan(size=1), session)
    with pytest.raises(WrongState):
        attach(bench, row, "IDENTITY_CARD", picture(500, 300))
    bench.move("return_to_filer", [row], reason="身份证不清晰")
    new = attach(bench, row, "IDENTITY_CARD", picture(500, 300), now=moment(date(2026, 3, 10)))
    old = Material.objects.get(application=row, kind="IDENTITY_CARD", replaced_at__isnull=False)
    assert (old.pk, old.history.count()) != (new.pk, 0)
    client.force_login(bench.user("shi-shenhe"))
    page = client.get(reverse("exams:application_detail", args=[row.pk])).content.decode()
    assert "已替换的材料（1）" in page
    assert f"/files/{old.file.uuid}" in page
