"""Every problem of a certificate register in one pass, with row, column, value and what to do."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certification.people import certificates
from certification.people.models import Certificate, CertificateState, Person, PersonName, RegisterImport
from certification.people.register_checks import Outcome, RegisterCheck, check_register
from certification.people.register_columns import register_columns
from certification.people.register_import import take_over
from certification.rulebook.loading import load_rules
from certification.spreadsheets.columns import read_records
from tests.people import registers
from tests.people.conftest import NOW, TODAY
from tests.people.registers import COLUMNS, row

pytestmark = pytest.mark.usefixtures("rules")


@pytest.fixture
def rules(job_types):
    load_rules()


def check(rows: list[dict], columns=COLUMNS) -> RegisterCheck:
    content = registers.register(rows, columns)
    return check_register(read_records(content, "登记.xlsx", register_columns()).records, today=TODAY)


def saved(rows: list[dict], actor, columns=COLUMNS) -> RegisterCheck:
    found = check(rows, columns)
    of = RegisterImport(name="登记.xlsx", rows=len(rows), uploaded_by=actor, uploaded_at=NOW)
    of.saved_by, of.saved_at = actor, NOW
    of.save()
    take_over(found, of, actor=actor, now=NOW)
    return found


def codes(found: RegisterCheck) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in found.problems]


def test_everything_wrong_at_once():
    rows = [
        row(0),
        row(1, 证号=f"{row(1)['证号'][:-1]}{'1' if row(1)['证号'][-1] != '1' else '2'}", 操作项目="带电抢修作业"),
        row(2, 证号=registers.identity_number(2)),
        row(3, 性别="女" if row(3)["性别"] == "男" else "男", 作业类别="高处作业"),
        row(4, 有效期结束日期=date(2040, 1, 1), 应复审日期=date(2023, 1, 1)),
        row(5, 初领日期=date(2027, 1, 1)),
        row(6, 实际复审日期=date(2020, 1, 1), 证书状态="冻结"),
        row(7, 姓名="", 签发机关=""),
        row(0, 姓名="李四"),
        row(8, 证书状态="已过期"),
    ]
    found = check(rows)
    assert codes(found) == [
        (3, "证号", "check_digit"),
        (3, "操作项目", "job_type"),
        (4, "证号", "number_form"),
        (5, "性别", "sex"),
        (5, "作业类别", "group"),
        (6, "有效期结束日期", "validity"),
        (6, "应复审日期", "review_due"),
        (7, "初领日期", "future"),
        (7, "初领日期", "order"),
        (8, "证书状态", "choice"),
        (8, "实际复审日期", "order"),
        (9, "姓名", "required"),
        (9, "签发机关", "required"),
        (10, "证号", "duplicate"),
        (10, "姓名", "two_names"),
        (11, "证书状态", "state_dates"),
    ]
    assert all(problem.advice for problem in found.problems)
    assert found.counts == {"new": 1, "renewed": 0, "changed": 0, "unchanged": 0, "kept": 0, "wrong": 9}


def test_words_and_dates_of_other_systems():
    columns = ("姓名", "证件编号", "准操项目", "初领日期", "有效期从", "有效期到", "一次复审期", "发证机关", "状态")
    said = row(1, start=date(2024, 2, 29))
    values = (said["姓名"], said["证号"].lower(), "低压电工", "2024.2.29", "20240229", "2030年2月28日")
    values = (*values, "2027/2/28", "某省应急管理厅", "正常")
    found = check([dict(zip(columns, values, strict=True))], columns)
    assert found.problems == []
    (one,) = found.rows
    assert one.said["valid_until"] == date(2030, 2, 28)
    assert one.said["state"] == CertificateState.VALID
    assert one.job_type.code == "0101"


def test_other_documents_need_sex_and_birth_date(actor):
    columns = (*COLUMNS, "证件类型", "出生日期")
    passport = row(1, 证号="TE12345678", 证件类型="护照", 出生日期=date(1990, 1, 2), 性别="女")
    without = row(2, 证号="TE99999999", 证件类型="护照", 性别=None)
    found = saved([passport, without], actor, columns)
    assert codes(found) == [(3, "性别", "required"), (3, "出生日期", "required")]
    person = Person.objects.get()
    assert (person.document_type, person.document_number, person.sex) == ("PASSPORT", "E12345678", "F")


def test_an_earlier_end_at_the_retirement_day_is_right():
    """Born 1966-01-30, a man: retires on 2026-05-30, before the reform on 2026-01-30."""
    body = "99010119660130003"
    from certification.people.identity import check_character

    number = f"T{body}{check_character(body)}"
    start = date(2022, 3, 1)
    ends = [date(2026, 5, 30), date(2026, 1, 30), date(2026, 6, 30)]
    for end, wrong in zip(ends, (0, 0, 1), strict=True):
        found = check([row(1, start=start, 证号=number, 性别="男", 有效期结束日期=end)])
        assert len(found.problems) == wrong


def test_where_a_certificate_comes_from(actor):
    saved([row(1), row(2, job_type=1)], actor)
    held = Certificate.objects.get(number=f"T{registers.identity_number(2)}")
    assert held.source == Certificate.Source.IMPORTED
    assert (held.register_import.name, held.register_row) == ("登记.xlsx", 3)
    assert held.job_type.code == "0102"
    line = held.history.get()
    assert (line.history_type, line.history_user, line.history_date) == ("+", actor, NOW)
    assert "登记.xlsx" in line.history_change_reason


def test_the_same_file_again_changes_nothing(actor):
    saved([row(serial) for serial in range(30)], actor)
    before = (Person.history.count(), Certificate.history.count(), Certificate.objects.count())
    found = saved([row(serial) for serial in range(30)], actor)
    assert found.counts["unchanged"] == 30
    assert (Person.history.count(), Certificate.history.count(), Certificate.objects.count()) == before


def test_a_review_noted_elsewhere_and_an_end(actor):
    saved([row(1, start=date(2022, 5, 1)), row(2), row(3)], actor)
    found = saved(
        [
            row(1, start=date(2022, 5, 1), 实际复审日期=date(2025, 4, 1)),
            row(2, 证书状态="注销"),
            row(3, 签发机关="另一机关"),
        ],
        actor,
    )
    assert [one.outcome for one in found.rows] == [Outcome.CHANGED] * 3
    first, second, third = Certificate.objects.order_by("number")
    assert first.reviewed_on == date(2025, 4, 1)
    assert second.state == CertificateState.CANCELLED
    assert third.authority == "另一机关"
    assert {one.history.count() for one in (first, second, third)} == {2}
    assert second.register_import_id == RegisterImport.objects.latest("pk").pk


def test_a_renewal_elsewhere_takes_the_place_of_the_one_before(actor):
    saved([row(1, start=date(2020, 3, 2))], actor)
    found = saved([row(1, start=date(2026, 3, 2), 初领日期=date(2020, 3, 2))], actor)
    assert found.counts["renewed"] == 1
    old, new = Certificate.objects.order_by("valid_from")
    assert (old.state, new.state, new.replaces) == (CertificateState.REPLACED, CertificateState.VALID, old)
    again = saved([row(1, start=date(2020, 3, 2))], actor)
    assert again.counts["kept"] == 1, "an older file does not bring the old one back"
    assert {problem.code for problem in again.findings} == {"older"}


def test_what_was_issued_here_stays_and_the_difference_is_listed(actor, job_types):
    saved([row(1)], actor)
    Certificate.objects.update(source=Certificate.Source.ISSUED)
    found = saved([row(1, 签发机关="另一机关", 证书状态="注销")], actor)
    assert found.counts["kept"] == 1
    assert [(problem.row, problem.column, problem.code) for problem in found.findings] == [
        (2, "签发机关", "issued_here"),
        (2, "证书状态", "issued_here"),
    ]
    held = Certificate.objects.get()
    assert (held.state, held.authority) == (CertificateState.VALID, registers.AUTHORITY)


def test_a_certificate_ended_here_is_not_brought_back(actor):
    saved([row(1)], actor)
    certificates.revoke(certificate=Certificate.objects.get(), reason="骗取", clause="第六十九条", actor=actor, now=NOW)
    found = saved([row(1)], actor)
    assert found.counts["kept"] == 1
    assert found.findings[0].code == "ended"
    assert Certificate.objects.get().state == CertificateState.REVOKED


def test_a_different_name_is_noted_and_does_not_block(actor):
    saved([row(1)], actor)
    found = saved([row(1, 姓名="王改名")], actor)
    assert [(problem.column, problem.code) for problem in found.findings] == [("姓名", "name_differs")]
    assert PersonName.objects.get().source == "证书登记导入“登记.xlsx”"
    assert found.counts["unchanged"] == 1


def test_a_telephone_that_is_no_mobile_is_left_out(actor):
    columns = (*COLUMNS, "联系电话")
    found = saved([row(1, 联系电话="0791-12345678"), row(2, 联系电话="13800000000")], actor, columns)
    assert [(problem.row, problem.code) for problem in found.findings] == [(2, "phone")]
    assert set(Person.objects.values_list("phone", flat=True)) == {"", "13800000000"}


def test_news_of_the_person_alone_are_a_change(actor):
    saved([row(1)], actor)
    found = saved([row(1, 工作单位="新单位")], actor, (*COLUMNS, "工作单位"))
    assert found.counts["changed"] == 1
    assert Person.objects.get().employer == "新单位"
    assert Certificate.history.count() == 1


def test_checking_and_saving_cost_the_same_for_one_and_many(actor):
    def queries(serials, **changes):
        rows = [row(serial, **changes) for serial in serials]
        with CaptureQueriesContext(connection) as captured:
            saved(rows, actor)
        return len(captured)

    queries([0])
    assert queries([1]) == queries(range(2, 60))
    assert queries([1], 签发机关="甲") == queries(range(2, 60), 签发机关="甲")
