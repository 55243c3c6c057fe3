"""证书登记导入 and 人员 through the browser's requests: who may, what is shown, what is kept."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.certificates import register_importing
from certification.imports.models import Import
from certification.imports.states import ImportState
from certification.people.models import Certificate, Declaration, Person, PersonName, RegisterImport
from certification.people.register_checks import COLUMN_NAMES
from certification.records.models import TransitionLog
from tests.approvals.cases import make_group
from tests.people import registers
from tests.people.registers import row

pytestmark = pytest.mark.django_db

CLERK = "sheng-shouli"


@pytest.fixture
def go(client, world):
    """Open or post to a page as somebody."""

    def run(who, name, *args, data=None, query=""):
        client.force_login(world.user(who))
        url = f"{reverse(name, args=args)}{query}"
        return client.post(url, data) if data is not None else client.get(url)

    return run


def upload(go, rows, name="登记.xlsx", who=CLERK):
    sent = {"file": SimpleUploadedFile(name, registers.register(rows))}
    return go(who, "approvals:register_upload", data=sent)


def text_of(response) -> str:
    return response.content.decode()


def imported(go, rows, **kwargs) -> RegisterImport:
    upload(go, rows, **kwargs)
    uuid = Import.objects.latest("pk").uuid
    answer = go(CLERK, "imports:save", uuid, data={})
    assert answer.status_code == 302, text_of(answer)
    return RegisterImport.objects.latest("pk")


def test_from_upload_to_the_register(go):
    rows = [row(serial) for serial in range(5)]
    rows[2]["操作项目"] = "带电抢修作业"
    answer = upload(go, rows)
    import_ = Import.objects.get()
    assert answer.url == reverse("imports:detail", args=[import_.uuid])
    page = text_of(go(CLERK, "imports:detail", import_.uuid))
    assert "新增 4" in page
    assert "有误 1" in page
    assert "带电抢修作业" in page
    assert "只保存无误的" in page
    assert registers.identity_number(0) not in page, "numbers of sound rows are masked"
    assert not Certificate.objects.exists(), "nothing is saved before it is confirmed"
    answer = go(CLERK, "imports:save", import_.uuid, data={})
    of = RegisterImport.objects.get()
    assert answer.url == reverse("approvals:register_import", args=[of.pk])
    assert of.counts == {"new": 4, "renewed": 0, "changed": 0, "unchanged": 0, "kept": 0, "wrong": 1}
    assert (of.saved_by.username, of.name) == (CLERK, "登记.xlsx")
    assert Certificate.objects.filter(register_import=of).count() == 4
    detail = text_of(go("shenji", "approvals:register_import", of.pk))
    assert "登记.xlsx" in detail
    assert of.file.sha256 in detail
    stored = go("shenji", "records:file", of.file.uuid)
    assert b"".join(stored.streaming_content).startswith(b"PK")
    assert "登记.xlsx" in text_of(go("sheng-shenhe", "approvals:register_imports"))


def test_the_same_file_twice_and_saved_twice(go):
    rows = [row(serial) for serial in range(3)]
    first = imported(go, rows)
    uuid = Import.objects.get().uuid
    go(CLERK, "imports:save", uuid, data={})
    assert RegisterImport.objects.count() == 1, "a second click saves nothing again"
    second = imported(go, rows)
    assert second.counts["unchanged"] == 3
    assert Certificate.history.count() == 3
    assert Certificate.objects.filter(register_import=first).count() == 3


def test_rows_that_became_wrong_are_shown_again_before_anything_is_saved(go, monkeypatch):
    upload(go, [row(1)])
    import_ = Import.objects.get()
    check = register_importing.check_register

    def stricter(records, *, today):
        found = check(records, today=today)
        found.problems.append(register_importing.Problem("变了", code="x", row=2, column=COLUMN_NAMES["state"]))
        found.rows.clear()
        return found

    monkeypatch.setattr(register_importing, "check_register", stricter)
    go(CLERK, "imports:save", import_.uuid, data={})
    import_.refresh_from_db()
    assert import_.state == ImportState.CHECKED
    assert not RegisterImport.objects.exists()
    assert "变了" in text_of(go(CLERK, "imports:detail", import_.uuid))


def test_an_unreadable_file_is_refused_whole(go):
    sent = {"file": SimpleUploadedFile("登记.xlsx", b"\x00\x01")}
    answer = go(CLERK, "approvals:register_upload", data=sent)
    assert answer.status_code == 422
    assert not Import.objects.exists()
    assert go(CLERK, "approvals:register_upload", data={}).status_code == 422


def test_the_template_reads_as_its_own_import(go):
    from certification.people.register_columns import register_columns
    from certification.spreadsheets.reading import read_table
    from certification.spreadsheets.unreadable import UnreadableFile

    content = go(CLERK, "approvals:register_template").content
    with pytest.raises(UnreadableFile) as refused:
        read_table(content, "模板.xlsx", [column.name for column in register_columns()])
    assert refused.value.code == "no_rows"


@pytest.mark.parametrize("who", ["guanli", "jigou", "shi-shenhe", "chuangkou", "sheng-fuze", "shenji"])
def test_only_the_acceptance_clerk_imports(go, who):
    assert upload(go, [row(1)], who=who).status_code == 403


def test_what_was_kept_is_listed_with_masked_numbers(go):
    imported(go, [row(1)])
    Certificate.objects.update(source=Certificate.Source.ISSUED)
    of = imported(go, [row(1, 签发机关="另一机关")])
    page = text_of(go("shenji", "approvals:register_import", of.pk))
    assert "本系统核发的证书不因导入改变" in page
    assert "另一机关" in page
    assert registers.identity_number(1) not in page


def test_a_person_across_classes(go, world):
    group = make_group(world)
    (application,) = group.applications
    person = application.person
    for who in ("jigou", "shi-shenhe", "sheng-shenhe", "shenji"):
        page = text_of(go(who, "approvals:person", person.pk))
        assert person.masked_number in page
        assert person.document_number not in page
        assert reverse("training:trainee", args=[application.trainee_id]) in page
    assert go("lanxi-jigou", "approvals:person", person.pk).status_code == 404
    assert go("chuangkou", "approvals:person", person.pk).status_code == 403
    assert go("guanli", "approvals:person", person.pk).status_code == 403


def test_a_full_number_is_logged(go, world):
    person = make_group(world).applications[0].person
    page = go("jigou", "approvals:person_number", person.pk, data={})
    assert person.document_number in text_of(page)
    assert page["Cache-Control"] == "no-store"
    line = TransitionLog.objects.about(person).get(name="reveal_number")
    assert line.actor == world.user("jigou")
    assert go("lanxi-jigou", "approvals:person_number", person.pk, data={}).status_code == 404
    assert go("jigou", "approvals:person_number", person.pk).status_code == 302


def test_names_are_settled_by_the_clerk(go):
    imported(go, [row(1)])
    imported(go, [row(1, 姓名="王改名")])
    imported(go, [row(1, 姓名="王打错")])
    person = Person.objects.get(document_number=registers.identity_number(1))
    before = person.name
    page = text_of(go(CLERK, "approvals:person", person.pk))
    assert "待核对" in page
    assert "证书登记导入“登记.xlsx”" in page
    wrong = PersonName.objects.get(name="王打错")
    answer = go(CLERK, "approvals:person_name_dismiss", wrong.pk, data={"reason": "身份证"})
    assert answer.status_code == 302
    sent = {"name": "王改名", "reason": "户口簿曾用名栏"}
    assert go(CLERK, "approvals:person_rename", person.pk, query="?name=王改名").status_code == 200
    assert go(CLERK, "approvals:person_rename", person.pk, data={**sent, "name": before}).status_code == 422
    assert go(CLERK, "approvals:person_rename", person.pk, data=sent).status_code == 302
    page = text_of(go("shenji", "approvals:person", person.pk))
    assert "曾用名" in page
    assert f"更正姓名：{before} → 王改名" in page
    assert before in text_of(go("shenji", "approvals:persons", query=f"?q={before}&names=former"))
    assert go("sheng-shenhe", "approvals:person_rename", person.pk, data=sent).status_code == 403


def test_declared_facts_stand_with_who_and_when(go, world):
    persons = [application.person for application in make_group(world, 12).applications]
    woman = next(person for person in persons if person.sex == "F")
    man = next(person for person in persons if person.sex == "M")
    sent = {"fact": "FEMALE_CLASS", "female_class": "F50"}
    assert go("jigou", "approvals:person_declare", woman.pk, data=sent).status_code == 302
    assert go("jigou", "approvals:person_declare", man.pk, data=sent).status_code == 422
    delay = {"fact": "DELAY", "months": "12"}
    assert go("jigou", "approvals:person_declare", man.pk, data=delay).status_code == 422
    assert (
        go("jigou", "approvals:person_declare", man.pk, data={**delay, "months": "37", "proof": "x"}).status_code == 422
    )
    assert go("jigou", "approvals:person_declare", man.pk, data={**delay, "proof": "承诺书"}).status_code == 302
    assert Declaration.objects.count() == 2
    page = text_of(go("sheng-shenhe", "approvals:person", man.pk))
    assert "自愿延迟退休 12 个月" in page
    assert str(world.user("jigou")) in page
    assert go("lanxi-jigou", "approvals:person_declare", woman.pk, data=sent).status_code == 404


def test_search_by_name_and_by_the_beginning_of_a_number(go, world):
    person = make_group(world).applications[0].person
    number = person.document_number
    for asked in (person.name, number[:8], f"T{number[:10]}", number):
        assert person.masked_number in text_of(go("jigou", "approvals:persons", query=f"?q={asked}"))
    assert person.masked_number not in text_of(go("jigou", "approvals:persons", query=f"?q={number[:5]}"))
    assert person.masked_number not in text_of(go("lanxi-jigou", "approvals:persons", query=f"?q={number}"))
    found = text_of(go("jigou", "portal:search", query=f"?q={number}"))
    assert reverse("approvals:person", args=[person.pk]) in found


def test_pages_cost_the_same_for_one_and_many(go, world):
    def queries(*address, who="sheng-shenhe"):
        go(who, *address)
        with CaptureQueriesContext(connection) as captured:
            assert go(who, *address).status_code == 200
        return len(captured)

    make_group(world)
    one = imported(go, [row(1)])
    few = [queries("approvals:persons"), queries("approvals:persons", who="jigou")]
    few += [queries("approvals:register_imports"), queries("approvals:register_import", one.pk)]
    make_group(world, 9)
    many = imported(go, [row(serial) for serial in range(2, 40)])
    found = [queries("approvals:persons"), queries("approvals:persons", who="jigou")]
    found += [queries("approvals:register_imports"), queries("approvals:register_import", many.pk)]
    assert found == few


def test_one_person_costs_the_same_with_one_row_of_each_and_many(go):
    def queries():
        person = Person.objects.get(document_number=registers.identity_number(1))
        go("sheng-shenhe", "approvals:person", person.pk)
        with CaptureQueriesContext(connection) as captured:
            assert go("sheng-shenhe", "approvals:person", person.pk).status_code == 200
        return len(captured)

    imported(go, [row(1)])
    imported(go, [row(1, 姓名="王一")])
    few = queries()
    imported(go, [row(1, 姓名="王二"), row(1, 姓名="王二", job_type=1)])
    assert queries() == few
