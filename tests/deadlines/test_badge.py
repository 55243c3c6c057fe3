"""What the time-left badge says, day by day."""

from datetime import date, datetime

import pytest
from django.template import Context, Template

from certification.clock import SHANGHAI
from certification.deadlines import ledger
from certification.deadlines.badge import Badges, badge_of, render_day
from certification.organisations.models import User
from certification.workdays import calendars
from tests.deadlines.conftest import NOW


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def deadline(organisations, case):
    """Due on Tuesday 2026-04-28."""
    return ledger.open_deadline(
        "plan_filing", case(), event_on=date(2026, 5, 11), responsible=organisations["school"], now=NOW
    )


@pytest.mark.parametrize(
    ("now", "words", "manner"),
    [
        ("2026-04-20T10:00", "剩 6 个工作日 · 4月28日 周二 24:00 前", "due"),
        ("2026-04-23T10:00", "剩 3 个工作日 · 4月28日 周二 24:00 前", "attention"),
        ("2026-04-25T10:00", "剩 2 个工作日 · 4月28日 周二 24:00 前", "attention"),
        ("2026-04-28T23:59", "今日截止", "attention"),
        ("2026-04-29T00:00", "逾期 1 个工作日", "overdue"),
        ("2026-05-05T12:00", "逾期 2 个工作日", "overdue"),
        ("2026-05-09T12:00", "逾期 6 个工作日", "overdue"),  # 29, 30, 6, 7, 8 and the worked Saturday
    ],
)
def test_words_and_manner(deadline, now, words, manner):
    badge = badge_of(deadline, at(now), calendars.current())
    assert (badge.words, badge.manner) == (words, manner)


@pytest.mark.parametrize(
    ("day", "words", "manner"),
    [
        (date(2026, 4, 28), "剩 3 个工作日 · 4月28日 周二", "due"),
        (date(2026, 4, 24), "剩 1 个工作日 · 4月24日 周五", "attention"),
        (date(2026, 4, 23), "今日", "attention"),
        (date(2026, 4, 21), "已过 2 个工作日 · 4月21日 周二", "attention"),
    ],
)
def test_a_day_without_a_deadline_says_how_far_it_is(deadline, day, words, manner):
    html = render_day(day, date(2026, 4, 23), calendars.current())
    assert words in html
    assert f"badge--{manner}" in html


def test_zero_is_a_value(organisations, case):
    sunday = ledger.open_deadline(
        "roster", case(), event_on=date(2026, 4, 19), responsible=organisations["school"], now=NOW
    )
    calendar = calendars.current()
    assert badge_of(sunday, at("2026-04-18T10:00"), calendar).words == "剩 0 个工作日 · 4月19日 周日 24:00 前"


def test_overdue_over_a_weekend_by_no_working_day(organisations, case):
    friday = ledger.open_deadline(
        "roster", case(), event_on=date(2026, 4, 17), responsible=organisations["school"], now=NOW
    )
    assert badge_of(friday, at("2026-04-18T10:00"), calendars.current()).words == "逾期 0 个工作日"


def test_provisional_is_marked_and_never_overdue(organisations, case):
    provisional = ledger.open_deadline(
        "plan_filing", case(), event_on=date(2027, 1, 20), responsible=organisations["school"], now=NOW
    )
    calendar = calendars.current()
    before = badge_of(provisional, at("2026-12-30T10:00"), calendar)
    assert before.words == "剩 7 个工作日 · 2027年1月11日 周一 24:00 前（暂定）"
    after = badge_of(provisional, at("2027-01-15T10:00"), calendar)
    assert (after.words, after.manner) == ("已过暂定日期 · 1月11日 周一（暂定）", "attention")


def test_done_in_time_late_and_closed(deadline):
    calendar, system = calendars.current(), User.objects.system()
    ledger.meet("plan_filing", [deadline.subject], now=NOW, actor=system)
    deadline.refresh_from_db()
    assert badge_of(deadline, NOW, calendar).words == "已办结（按时）"
    deadline.met_at, deadline.met_late = at("2026-04-29T00:00"), True
    assert badge_of(deadline, NOW, calendar) == badge_of(deadline, at("2026-06-01T10:00"), calendar)
    assert badge_of(deadline, NOW, calendar).words == "已办结（逾期）"
    deadline.met_at = None
    deadline.closed_at = NOW
    assert badge_of(deadline, NOW, calendar).words == "已终止"


def test_without_a_session_it_waits():
    assert "待安排考试" in Template("{% load deadlines %}{% time_left None %}").render(Context({"None": None}))


def test_links_to_the_explanation_and_names_rule_and_clause(deadline):
    html = Badges(at("2026-04-20T10:00"), calendars.current()).of(deadline)
    assert f'href="/deadlines/{deadline.pk}/"' in html
    assert 'title="培训计划报备：开班日期前第 7 个工作日 24:00 前（方案三（一））"' in html
    assert 'class="badge badge--due"' in html


@pytest.mark.parametrize("number", [1, 20])
def test_a_list_of_badges_asks_the_clock_and_the_calendar_once(
    deadline, organisations, case, rf, number, django_assert_max_num_queries
):
    rows = [
        ledger.open_deadline("roster", case(), event_on=date(2026, 5, 11), responsible=organisations["school"], now=NOW)
        for _ in range(number)
    ]
    template = Template("{% load deadlines %}{% for row in rows %}{% time_left row %}{% endfor %}")
    with django_assert_max_num_queries(2):
        template.render(Context({"rows": rows, "request": rf.get("/")}))
    with django_assert_max_num_queries(2):
        template.render(Context({"rows": rows}))
