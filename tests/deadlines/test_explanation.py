"""Every due date can explain itself, on the page too, to those who may see it."""

from datetime import date

import pytest
from django.urls import reverse

from certification.deadlines import ledger
from certification.deadlines.explaining.explanation import explain_deadline
from certification.organisations.roles import Role
from certification.workdays.publishing import draft, publish
from tests.deadlines.conftest import NOW


@pytest.fixture
def deadline(organisations, case):
    return ledger.open_deadline(
        "plan_filing",
        case(),
        event_on=date(2026, 5, 11),
        responsible=organisations["school"],
        institution=organisations["school"],
        organiser=organisations["bureau"],
        now=NOW,
    )


def test_explains_rule_clause_event_and_every_day(deadline):
    explained = explain_deadline(deadline)
    assert explained.sentence == "开班日期前第 7 个工作日 24:00 前"
    assert (explained.clause, explained.days, explained.direction) == ("方案三（一）", 7, "前")
    assert (explained.counted, explained.skipped) == (7, 6)
    assert explained.steps[1].reason == "调休上班（劳动节）"
    assert [notice.year for notice in explained.notices] == [2026]
    assert (explained.provisional, explained.unpublished, explained.outdated) == (False, [], False)


def test_a_date_counted_by_a_superseded_notice_is_explained_by_it(deadline):
    publish(draft(year=2026, notice_title="更正", notice_date=None, days=[]), now=NOW)
    explained = explain_deadline(deadline)
    assert explained.due_on == deadline.due_on == date(2026, 4, 28)
    assert explained.outdated


@pytest.mark.parametrize(
    ("organisation", "role", "status"),
    [
        ("school", Role.INSTITUTION_FILER, 200),
        ("bureau", Role.CITY_REVIEWER, 200),
        ("centre", Role.PROVINCIAL_REVIEWER, 200),
        ("centre", Role.AUDITOR, 200),
        ("other", Role.INSTITUTION_FILER, 404),
        ("centre", Role.ADMINISTRATOR, 403),
    ],
)
def test_the_page_follows_scope_and_rights(client, account, deadline, organisation, role, status):
    client.force_login(account(organisation, role), backend="certification.organisations.backends.AccountBackend")
    response = client.get(reverse("deadlines:explanation", args=[deadline.pk]))
    assert response.status_code == status
    if status == 200:
        page = response.content.decode()
        for text in ("培训计划报备", "方案三（一）", "2026年4月28日", "调休上班（劳动节）", "实施方案规则"):
            assert text in page


@pytest.mark.parametrize(
    ("rule", "event_on", "said"),
    [
        ("roster", date(2026, 5, 11), "当日是否工作日不影响"),
        ("exam_held", date(2026, 5, 11), "按自然日计算"),
        ("plan_filing", date(2027, 1, 12), "暂定"),
    ],
)
def test_other_kinds_of_dates(client, account, organisations, case, rule, event_on, said):
    deadline = ledger.open_deadline(rule, case(), event_on=event_on, responsible=organisations["school"], now=NOW)
    client.force_login(
        account("centre", Role.PROVINCIAL_REVIEWER), backend="certification.organisations.backends.AccountBackend"
    )
    assert said in client.get(reverse("deadlines:explanation", args=[deadline.pk])).content.decode()
