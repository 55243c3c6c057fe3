"""The one line under a due date, and what it costs on a list."""

from datetime import date

import pytest
from django.template import Context, Template
from django.urls import reverse

from certification import clock
from certification.deadlines import ledger
from certification.deadlines.badge import Badges
from certification.deadlines.due import deadline_rule, due, due_by
from certification.deadlines.explaining.line import Lines, line_of_deadline, line_of_due
from certification.deadlines.models import Deadline
from certification.workdays import calendars
from certification.workdays.publishing import draft, publish
from tests.deadlines.conftest import NOW

TODAY = date(2026, 4, 20)


@pytest.mark.parametrize(
    ("rule", "event_on", "said"),
    [
        (
            "plan_filing",
            date(2026, 5, 11),
            "开班日期 5月11日（周一）前第 7 个工作日 = 4月28日（周二）24:00；其间不计：周末 1 天、劳动节 5 天；"
            "调休上班 5月9日；依据方案三（一）",
        ),
        (
            "final_review",
            date(2026, 2, 24),
            "开考日期 2月24日（周二）前第 1 个工作日 = 2月14日（周六）24:00；其间不计：春节 9 天；"
            "调休上班 2月14日；依据方案三（二）1",
        ),
        ("roster", date(2026, 5, 11), "开班日期 5月11日（周一）当日（含当日）24:00；依据方案三（二）1"),
        (
            "exam_held",
            date(2026, 5, 11),
            "申请日期 5月11日（周一）后第 60 日（自然日）= 7月10日（周五）24:00；依据总局令第30号第十三条",
        ),
        (
            "direct_review",
            date(2026, 5, 14),
            "开考日期 5月14日（周四）前第 1 个工作日 = 5月13日（周三）24:00；内部控制目标；依据方案三（二）",
        ),
        (
            "preliminary_review",
            date(2027, 3, 12),
            "开考日期 2027年3月12日（周五）前第 3 个工作日 = 2027年3月9日（周二）24:00；"
            "暂定：2027年尚无放假通知；依据方案三（二）1",
        ),
    ],
)
def test_says_how_the_day_was_counted(reference, rule, event_on, said):
    calendar = calendars.published_only()
    assert line_of_due(due(rule, event_on, calendar=calendar), calendar, TODAY) == said


@pytest.mark.usefixtures("reference")
def test_many_make_up_days_are_counted_instead_of_named():
    calendar = calendars.current()
    found = due_by(deadline_rule("exam_held"), date(2026, 2, 1), calendar)
    assert "调休" not in line_of_due(found, calendar, TODAY), "calendar days know no make-up days"


@pytest.fixture
def rows(organisations, case):
    def make(number: int, rule: str = "decision") -> list[Deadline]:
        return ledger.open_deadlines(
            rule,
            [case() for _each in range(number)],
            event_on=date(2026, 4, 20),
            responsible=organisations["centre"],
            now=NOW,
        )

    return make


def test_an_extension_and_a_pause_are_named_without_reading_them(rows, django_assert_num_queries):
    (row,) = rows(1, "decision_statutory")
    calendar = calendars.current()
    before = row.due_on
    row.extension_days = 10
    row.due_on = calendar.shift(before, 10 + 3).date
    line_of_deadline(row, calendar, TODAY)
    with django_assert_num_queries(0):
        said = line_of_deadline(row, calendar, TODAY)
    assert "含延长 10 个工作日" in said
    assert "中止计算 3 个工作日" in said
    row.paused_on = date(2026, 4, 27)
    assert "自4月27日（周一）起中止计算" in line_of_deadline(row, calendar, TODAY)


def test_a_superseded_calendar_still_explains_its_dates(rows):
    (row,) = rows(1)
    before = Lines(TODAY, calendars.current()).of(row)
    publish(draft(year=2026, notice_title="更正", notice_date=None, days=[]), now=NOW)
    assert Lines(TODAY, calendars.current()).of(row) == before


@pytest.mark.parametrize("number", [1, 50])
def test_a_list_of_lines_costs_the_same_for_one_and_for_fifty(rows, rf, number, django_assert_num_queries):
    shown = rows(number)
    publish(draft(year=2026, notice_title="更正", notice_date=None, days=[]), now=NOW)
    calendars._built.clear()
    template = Template("{% load deadlines %}{% for row in rows %}{% time_left row %}{% endfor %}")
    context = Context({"rows": shown, "request": rf.get("/")})
    # The clock, and of the calendar in force and of the one counted by: editions, their days.
    with django_assert_num_queries(7):
        page = template.render(context)
    assert page.count("due-line") == number


def test_a_list_shows_each_badge_with_its_own_address_and_no_line(rows):
    shown = rows(3)
    page = Template("{% load deadlines %}{% for row in rows %}{% due_badge row %}{% endfor %}").render(
        Context({"rows": shown})
    )
    assert page == "".join(Badges(clock.now(), calendars.current()).of(row) for row in shown)
    for row in shown:
        assert f'href="{reverse("deadlines:explanation", args=[row.pk])}"' in page
    assert "due-line" not in page


def test_a_closed_deadline_has_no_line(rows):
    (row,) = rows(1)
    row.closed_at = NOW
    page = Template("{% load deadlines %}{% time_left row %}").render(Context({"row": row}))
    assert "due-line" not in page
