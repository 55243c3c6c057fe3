"""The file that came back from the national platform: differences by person, kept from the decision (rules 8, 9)."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from approvals import todo
from approvals.licences import acceptance, licensing, platform_return, without_receipt
from approvals.models import LicenceApplicant, PlatformReturn
from certification.imports.models import Import
from certification.imports.states import ImportState
from certification.portal.todo import Kind
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from certification.spreadsheets.writing import workbook
from tests.approvals.cases import make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, RELEASED, SUBMITTED, ids_of, submitted

COLUMNS = ["姓名", "证件号码", "操作项目", "理论成绩", "实操成绩", "平台编号", "平台状态"]


@pytest.fixture
def batch(world, at):
    group = make_group(world, 3, state="CLEARED")
    take_exam(world, group)
    at(DECIDED)
    return submitted(world, group)


@pytest.fixture
def officer(client, world):
    client.force_login(world.user("shi-kaowu"), backend="certification.organisations.backends.AccountBackend")
    return client


def line(applicant, **other) -> list:
    said = {**applicant.sent, "receipt": f"PT{applicant.pk}", "standing": "已受理", **other}
    names = ("name", "document_number", "job_type", "theory_score", "practical_score", "receipt", "standing")
    return [said[name] for name in names]


def send(client, batch, rows) -> Import:
    file = SimpleUploadedFile("返回.xlsx", workbook(COLUMNS, rows, text_columns=["证件号码"]))
    response = client.post(reverse("approvals:platform_upload", args=[batch.pk]), {"file": file})
    assert response.status_code == 302, response.content.decode()[-1500:]
    return Import.objects.order_by("-pk").first()


def save(client, import_) -> None:
    client.post(reverse("imports:save", args=[import_.uuid]))
    import_.refresh_from_db()
    assert import_.state == ImportState.SAVED, (import_.state, import_.refusal)


def accepted(world, batch):
    acceptance.accept(actor=world.user("sheng-shouli"), now=DECIDED, applicant_ids=ids_of(batch))
    results = acceptance.reconcile(actor=world.user("sheng-shouli"), now=DECIDED, applicant_ids=ids_of(batch))
    return {result.row.pk: result.row for result in results}


def test_differences_stand_by_person_and_keep_from_the_decision(world, batch, officer):
    one, two, three = LicenceApplicant.objects.filter(batch=batch).order_by("pk")
    stranger = ["外人甲", "990197199001011234", "低压电工作业", 90, 90, "PT9", "已受理"]
    import_ = send(officer, batch, [line(one), line(two, theory_score="12"), stranger])
    assert (import_.counts["CHANGED"], import_.counts["warnings"]) == (1, 1)
    text = officer.get(reverse("imports:detail", args=[import_.uuid])).content.decode()
    assert f"文件中没有的申请人 1 人：{three}" in text
    save(officer, import_)
    returned = PlatformReturn.objects.get()
    assert (returned.headcount, len(returned.unknown)) == (3, 1)
    assert "990197199001011234" not in returned.unknown[0]
    found = {row.pk: apart for row, apart in platform_return.waiting(world.user("shi-kaowu"))}
    assert set(found) == {two.pk, three.pk}
    ledger = officer.get(reverse("approvals:platform")).content.decode()
    assert "返回“12”" in ledger
    assert "核实平台返回的差异" in officer.get(reverse("portal:home")).content.decode()
    rows = accepted(world, batch)
    assert [rows[pk].state for pk in (one.pk, two.pk, three.pk)] == ["RECONCILED", "ACCEPTED", "ACCEPTED"]
    assert rows[three.pk].differences[0]["held"] == "没有此人"


def test_a_later_file_names_only_those_that_were_wrong(world, batch, officer):
    one, two, three = LicenceApplicant.objects.filter(batch=batch).order_by("pk")
    save(officer, send(officer, batch, [line(one), line(two, name="错名"), line(three, standing="退回：照片不清")]))
    assert len(platform_return.waiting(world.user("shi-kaowu"))) == 2
    save(officer, send(officer, batch, [line(two), line(three)]))
    assert platform_return.waiting(world.user("shi-kaowu")) == []
    assert {row.state for row in accepted(world, batch).values()} == {"RECONCILED"}


@pytest.mark.parametrize(("required", "state"), [(False, "RECONCILED"), (True, "ACCEPTED")])
def test_without_a_returned_file_the_setting_decides(world, batch, required, state):
    rule = Rule.objects.get(area="platform", code="returned_file", edition=lookup.edition_on(DECIDED.date()))
    rule.values = {"required_before_decision": required}
    rule.save()
    lookup.forget()
    rows = accepted(world, batch).values()
    assert {row.state for row in rows} == {state}
    held = {one["held"] for row in rows for one in row.differences}
    assert held == ({"未核对平台返回文件"} if required else set())


def test_twice_in_the_file_is_a_mistake_and_another_city_finds_nothing(world, batch, officer, client):
    one = LicenceApplicant.objects.filter(batch=batch).first()
    import_ = send(officer, batch, [line(one), line(one)])
    assert import_.counts["WRONG"] == 2
    client.force_login(world.user("lanxi-kaowu"), backend="certification.organisations.backends.AccountBackend")
    assert client.get(reverse("approvals:platform_upload", args=[batch.pk])).status_code == 404
    assert batch.number not in client.get(reverse("approvals:platform")).content.decode()


class TestWithoutReceipt:
    """Who has no receipt is named person by person, whatever it is that is missing."""

    URL = "?show=persons"

    def persons(self, client) -> str:
        return client.get(reverse("approvals:platform") + self.URL).content.decode()

    def test_from_the_exam_to_the_returned_file(self, world, at, officer):
        group = make_group(world, 2, state="CLEARED")
        take_exam(world, group)
        at(DECIDED)
        person = group.applications[0].person
        ledger = officer.get(reverse("approvals:platform")).content.decode()
        assert "没有平台回执的人员 2 人" in ledger
        assert person.name in self.persons(officer)
        assert person.document_number not in self.persons(officer)
        assert self.persons(officer).count("尚未生成发证许可申请") == 2
        prepared = licensing.prepare(actor=world.user("shi-kaowu"), now=RELEASED, session_id=group.session.pk)
        assert self.persons(officer).count("尚未填写平台回执号") == 2
        receipt = {"batch_id": prepared.pk, "receipt_number": "PT2026-1"}
        licensing.submit(actor=world.user("shi-kaowu"), now=SUBMITTED, **receipt)
        assert self.persons(officer).count("尚未核对平台返回文件") == 2
        one, two = LicenceApplicant.objects.filter(batch=prepared).order_by("pk")
        save(officer, send(officer, prepared, [line(one)]))
        page = self.persons(officer)
        assert page.count("平台返回文件中没有此人") == 1
        assert (str(one) in page, str(two) in page) == (False, True)

    def test_page_by_page(self, world, batch, officer, monkeypatch):
        monkeypatch.setattr("certification.paging.keyset_page.__kwdefaults__", {"size": 2})
        names = [str(row) for row in LicenceApplicant.objects.filter(batch=batch).order_by("candidate")]
        first = self.persons(officer)
        assert [name in first for name in names] == [True, True, False]
        (after,) = re.findall(r'href="(\?[^"]*after=[^"]+)"', first)
        then = officer.get(reverse("approvals:platform") + html.unescape(after)).content.decode()
        assert [name in then for name in names] == [False, False, True]

    def test_nobody_once_it_was_decided_and_no_one_elses(self, world, batch, client):
        client.force_login(world.user("lanxi-kaowu"), backend="certification.organisations.backends.AccountBackend")
        assert "没有这样的人员" in self.persons(client)
        LicenceApplicant.objects.filter(batch=batch).update(state="GRANTED")
        assert not without_receipt.persons(world.user("shi-kaowu")).exists()

    @pytest.mark.parametrize(("required", "kind"), [(False, Kind.WAITING), (True, Kind.TODO)])
    def test_home_names_those_of_whom_nothing_came_back_beside_the_differences(
        self, world, batch, officer, required, kind
    ):
        rule = Rule.objects.get(area="platform", code="returned_file", edition=lookup.edition_on(DECIDED.date()))
        rule.values = {"required_before_decision": required}
        rule.save()
        lookup.forget()

        def said():
            return {row.title: (row.count, row.kind) for row in todo.lines(world.user("shi-kaowu"), DECIDED)}

        assert said()["核对平台返回文件"] == (3, kind)
        one = LicenceApplicant.objects.filter(batch=batch).order_by("pk")[0]
        save(officer, send(officer, batch, [line(one)]))
        other = make_group(world, 1, state="CLEARED")
        take_exam(world, other)
        submitted(world, other)
        found = said()
        assert (found["核实平台返回的差异"][0], found["核对平台返回文件"]) == (2, (1, kind))
