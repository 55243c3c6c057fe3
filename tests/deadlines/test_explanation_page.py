"""The page and the PDF behind a due date: what moved, what was paused and extended; and dates that nobody stores."""

from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from pypdf import PdfReader

from certification.clock import SHANGHAI
from certification.deadlines import ledger, pauses
from certification.deadlines.explaining.evidence import explanation_pdf
from certification.deadlines.explaining.explanation import explain_deadline
from certification.deadlines.explaining.versions import versions
from certification.deadlines.models import Deadline, Pause
from certification.organisations.models import User
from certification.organisations.roles import Role
from certification.workdays import calendars
from tests.deadlines.conftest import NOW

BACKEND = "certification.organisations.backends.AccountBackend"


@pytest.fixture
def opened(organisations, case):
    def make(rule: str = "plan_filing", event_on: date = date(2026, 5, 11), subject=None, now=NOW) -> Deadline:
        return ledger.open_deadline(
            rule,
            subject or case(),
            event_on=event_on,
            responsible=organisations["school"],
            institution=organisations["school"],
            organiser=organisations["bureau"],
            now=now,
        )

    return make


@pytest.fixture
def page_of(client, account):
    client.force_login(account("school", Role.INSTITUTION_FILER), backend=BACKEND)

    def get(name: str, deadline: Deadline | None = None, **query) -> str:
        response = client.get(reverse(f"deadlines:{name}", args=[deadline.pk] if deadline else []), query)
        assert response.status_code == 200
        return response.content.decode()

    return get


def test_a_moved_event_shows_the_old_and_the_new_date_and_why(opened, page_of):
    first = opened()
    later = NOW + timedelta(days=1)
    second = opened(event_on=date(2026, 5, 18), subject=first.subject, now=later)
    (old, new) = versions(second)
    assert (old.due_on, old.before, old.reason) == (date(2026, 4, 28), None, "产生")
    assert (new.before, new.due_on, new.anchor_on) == (date(2026, 4, 28), date(2026, 5, 8), date(2026, 5, 18))
    assert new.reason == "起算日期变更"
    assert new.since == later
    page = page_of("explanation", second)
    assert "截止日期的变更" in page
    assert "2026年4月28日（周二）" in page
    assert "截止日期的变更" not in page_of("explanation", first), "the first date had none before it"


@pytest.fixture
def statutory(opened):
    """Accepted on 2026-04-20; 20 working days of the law."""
    return opened("decision_statutory", date(2026, 4, 20))


def test_pauses_and_the_extension_are_on_the_page_day_by_day(statutory, page_of):
    system = User.objects.system()
    first, last = (datetime(2026, 4, day, 9, tzinfo=SHANGHAI) for day in (27, 30))
    pauses.pause([statutory.subject], kind=Pause.Kind.HEARING, reason="申请人要求听证", now=first, actor=system)
    pauses.resume([statutory.subject], last_day=last.date(), now=last, actor=system)
    pauses.extend("decision_statutory", [statutory.subject], reason="案情复杂", now=last, actor=system)
    row = Deadline.objects.get(pk=statutory.pk)
    explained = explain_deadline(row)
    assert explained.due_on == row.due_on
    assert explained.counted == 30
    assert [step.reason for step in explained.steps].count("中止计算（听证）") == 4
    page = page_of("explanation", row)
    for text in ("申请人要求听证", "中止计算（听证）", "含延长 10 个工作日", "中止计算 4 个工作日", "案情复杂"):
        assert text in page


def test_a_clock_that_stands_still_says_since_when(statutory, page_of):
    first = datetime(2026, 4, 27, 9, tzinfo=SHANGHAI)
    system = User.objects.system()
    pauses.pause([statutory.subject], kind=Pause.Kind.HEARING, reason="申请人要求听证", now=first, actor=system)
    page = page_of("explanation", Deadline.objects.get(pk=statutory.pk))
    for text in ("badge--waiting", "4月27日（周一）起中止计算", "尚未恢复"):
        assert text in page


def text_of(content: bytes) -> tuple[int, str]:
    pages = PdfReader(BytesIO(content)).pages
    return len(pages), "".join(page.extract_text() for page in pages).replace("\n", "")


@pytest.mark.parametrize(
    ("rule", "event_on", "said"),
    [
        ("plan_filing", date(2026, 5, 11), "2026年4月28日（周二）"),
        ("decision_statutory", date(2026, 9, 24), "2026年10月29日（周四）"),
        ("roster", date(2026, 5, 11), "当日是否工作日不影响"),
        ("exam_held", date(2026, 5, 11), "按自然日计算"),
        ("plan_filing", date(2028, 1, 12), "暂定"),
    ],
)
def test_the_pdf_is_one_page_and_the_same_every_time(opened, rule, event_on, said):
    deadline = opened(rule, event_on)
    content = explanation_pdf(deadline, now=NOW)
    assert content == explanation_pdf(deadline, now=NOW + timedelta(hours=3))
    number, text = text_of(content)
    assert number == 1
    for part in (said, deadline.rule.title, "2026年4月20日"):
        assert part in text


def test_the_pdf_of_the_longest_count_still_fits_one_page(statutory):
    system = User.objects.system()
    first, last = datetime(2026, 4, 27, 9, tzinfo=SHANGHAI), datetime(2026, 5, 15, 9, tzinfo=SHANGHAI)
    pauses.pause([statutory.subject], kind=Pause.Kind.HEARING, reason="听证", now=first, actor=system)
    pauses.resume([statutory.subject], last_day=last.date(), now=last, actor=system)
    pauses.extend("decision_statutory", [statutory.subject], reason="案情复杂", now=last, actor=system)
    content = explanation_pdf(Deadline.objects.get(pk=statutory.pk), now=last)
    number, text = text_of(content)
    assert number == 1
    assert "中止计算（听证）" in text


@pytest.mark.parametrize(
    ("organisation", "role", "status"),
    [
        ("school", Role.INSTITUTION_FILER, 200),
        ("centre", Role.AUDITOR, 200),
        ("other", Role.INSTITUTION_FILER, 404),
        ("centre", Role.ADMINISTRATOR, 403),
    ],
)
def test_the_pdf_has_the_scope_of_the_page(client, account, opened, organisation, role, status):
    deadline = opened()
    client.force_login(account(organisation, role), backend=BACKEND)
    response = client.get(reverse("deadlines:explanation_pdf", args=[deadline.pk]))
    assert response.status_code == status
    if status == 200:
        assert response["Content-Type"] == "application/pdf"


def test_any_date_can_be_computed_by_anybody(client, account, organisations):
    client.force_login(account("centre", Role.ADMINISTRATOR), backend=BACKEND)
    address = reverse("deadlines:calculate")
    assert "逐日计算" not in client.get(address).content.decode()
    page = client.get(address, {"rule": "plan_filing", "event": "2026-05-11"}).content.decode()
    for text in (
        "2026年4月28日（周二） 24:00",
        "调休上班（劳动节）",
        "其间不计：周末 1 天、劳动节 5 天",
        "方案三（一）",
    ):
        assert text in page


@pytest.mark.parametrize("event", ["", "x", "0001-01-01", "9999-12-31", "1970-01-02"])
def test_dates_that_cannot_be_computed_are_said_at_the_field(page_of, organisations, event):
    page = page_of("calculate", rule="plan_filing", event=event)
    assert "form-error" in page


def test_a_computed_date_agrees_with_the_calendar(page_of, organisations):
    due_on = calendars.current().shift(date(2026, 10, 12), -7).date
    assert due_on == date(2026, 9, 24)
    assert "2026年9月24日（周四）" in page_of("calculate", rule="plan_filing", event="2026-10-12")
