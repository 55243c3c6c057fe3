"""Every rule of rules.md §2 against days worked out by hand, in time and too late, and back to the earliest event."""

from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certification.clock import SHANGHAI
from certification.deadlines.due import due, earliest_event, require_in_time
from certification.refusals import TooLate
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.embedded]

SPRING, MAY, NATIONAL = "2026-02-24", "2026-05-11", "2026-10-09"


@pytest.mark.parametrize(
    ("rule", "event", "expected"),
    [
        # Spring Festival 2026: off 02-15 to 02-23, worked 02-14 and 02-28. Monday 2026-03-02.
        ("plan_filing", "2026-03-02", "2026-02-13"),
        ("roster", SPRING, SPRING),
        ("materials_initial", SPRING, "2026-02-10"),  # 14 Sat worked, 13, 12, 11, 10
        ("materials_renewal", "2026-02-21", "2026-02-21"),  # a day off: still until 24:00 of that day
        ("hours_proof", SPRING, "2026-02-14"),
        ("preliminary_review", SPRING, "2026-02-12"),
        ("final_review", SPRING, "2026-02-14"),
        ("city_review_report", SPRING, "2026-02-14"),
        ("direct_review", SPRING, "2026-02-14"),
        ("exam_plan", SPRING, "2026-02-10"),
        ("decision", "2026-02-12", "2026-03-04"),
        ("acceptance", "2026-02-13", "2026-02-27"),  # 14 Sat worked, 24, 25, 26, 27
        ("score_recheck", "2026-02-12", "2026-03-04"),
        ("tour_urgent", "2026-02-13", "2026-02-25"),  # 14 Sat worked, 24, 25
        ("tour_serious", "2026-02-13", "2026-02-27"),
        ("tour_ordinary", "2026-02-12", "2026-03-04"),
        # May 2026: off 05-01 to 05-05, worked 05-09.
        ("plan_filing", MAY, "2026-04-28"),
        ("materials_initial", MAY, "2026-04-30"),  # 9 Sat worked, 8, 7, 6, 30
        ("preliminary_review", MAY, "2026-05-07"),
        ("final_review", MAY, "2026-05-09"),
        ("hours_proof", MAY, "2026-05-09"),
        ("city_review_report", MAY, "2026-05-09"),
        ("direct_review", MAY, "2026-05-09"),
        ("exam_plan", MAY, "2026-04-30"),
        ("acceptance", "2026-04-30", "2026-05-11"),
        # National Day 2026: off 10-01 to 10-07, worked 09-20 and 10-10; Mid-Autumn off 09-25 to 09-27.
        ("plan_filing", "2026-10-12", "2026-09-24"),
        ("materials_initial", NATIONAL, "2026-09-24"),
        ("preliminary_review", NATIONAL, "2026-09-29"),
        ("final_review", NATIONAL, "2026-10-08"),
        ("hours_proof", NATIONAL, "2026-10-08"),
        ("city_review_report", NATIONAL, "2026-10-08"),
        ("direct_review", NATIONAL, "2026-10-08"),
        ("exam_plan", NATIONAL, "2026-09-24"),
        ("decision", "2026-09-24", "2026-10-15"),
        ("acceptance", "2026-09-24", "2026-10-09"),
        ("decision_statutory", "2026-09-24", "2026-10-29"),
        ("service", "2026-09-24", "2026-10-15"),
        ("results_release", "2026-09-24", "2026-10-15"),
        ("licence_submission", "2026-09-24", "2026-10-09"),
        ("exam_held", "2026-09-01", "2026-10-31"),  # 60 calendar days, a Saturday
        # Other years.
        ("plan_filing", "2025-05-12", "2025-04-28"),
        ("exam_plan", "2024-02-19", "2024-02-06"),
        ("decision", "2023-09-28", "2023-10-18"),
    ],
)
def test_rule_table(rule, event, expected):
    found = due(rule, date.fromisoformat(event))
    assert (found.due_on.isoformat(), found.provisional) == (expected, False)


def test_every_rule_of_the_table_is_there_with_what_readers_need():
    edition = RuleEdition.objects.get(code="1")
    rules = lookup.rules(edition, "deadline")
    assert len(rules) == 26
    needed = {
        "event",
        "direction",
        "days",
        "unit",
        "inclusive_event_day",
        "who",
        "kinds",
        "categories",
        "internal_target",
        "consequence",
        "reminders",
        "escalation",
    }
    for rule in rules:
        assert needed <= set(rule.values), rule.code
        assert rule.values["inclusive_event_day"] == (rule.values["days"] == 0), rule.code


@pytest.mark.parametrize("rule", ["plan_filing", "roster", "exam_held", "decision"])
def test_a_date_in_or_across_a_year_without_notice_is_provisional(rule):
    assert due(rule, date(2027, 1, 12)).provisional


def at(day: date, hour: int, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize("rule", ["plan_filing", "roster", "materials_initial", "materials_renewal", "exam_plan"])
def test_a_minute_before_midnight_is_in_time_and_a_minute_after_is_not(rule):
    event_on = date(2026, 5, 11)
    last = due(rule, event_on).due_on
    require_in_time(rule, event_on, now=at(last, 23, 59))
    with pytest.raises(TooLate) as refused:
        require_in_time(rule, event_on, now=at(last + timedelta(days=1), 0, 1))
    assert refused.value.due_on == last
    assert refused.value.earliest > event_on
    require_in_time(rule, refused.value.earliest, now=at(last + timedelta(days=1), 0, 1))
    # A class that has begun does not begin again for its roster or its applications.
    assert ("最早为" in str(refused.value)) is (rule not in ("roster", "materials_renewal"))
    assert "方案三" in refused.value.clause


def test_midnight_is_that_of_shanghai():
    last = due("plan_filing", date(2026, 5, 11)).due_on
    utc_evening = at(last, 23, 59).astimezone(datetime.now().astimezone().tzinfo)
    require_in_time("plan_filing", date(2026, 5, 11), now=utc_evening)


def test_provisional_dates_never_refuse():
    found = require_in_time("plan_filing", date(2027, 1, 12), now=at(date(2027, 1, 11), 12, 0))
    assert found.provisional


def test_the_exam_plan_of_category_1_only_warns():
    late = at(date(2026, 10, 8), 12, 0)
    require_in_time("exam_plan", date(2026, 10, 9), now=late, category="ONE")
    with pytest.raises(TooLate):
        require_in_time("exam_plan", date(2026, 10, 9), now=late, category="TWO")


@given(today=st.dates(min_value=date(2023, 4, 1), max_value=date(2026, 11, 30)))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@pytest.mark.parametrize("rule", ["plan_filing", "roster", "exam_plan", "hours_proof"])
def test_the_earliest_event_is_lawful_and_the_day_before_is_not(rule, today):
    earliest = earliest_event(rule, today)
    assert due(rule, earliest).due_on >= today
    assert due(rule, earliest - timedelta(days=1)).due_on < today


def test_a_rule_that_counts_forward_has_no_earliest_event():
    with pytest.raises(ValueError, match="forward"):
        earliest_event("decision", date(2026, 5, 11))


def output(*args) -> str:
    out = StringIO()
    call_command("duedate", *args, stdout=out)
    return out.getvalue()


def test_command():
    assert output("plan_filing", "2026-05-11") == "2026-04-28\n"
    assert output("exam_held", "2026-09-01") == "2026-10-31\n"
    assert output("plan_filing", "2027-01-04") == "2026-12-23 provisional\n"
    assert output("decision", "1990-01-01").endswith(" provisional\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("nonsense", "2026-05-11"), "没有规则“nonsense”"), (("roster", "2026-5-11"), "日期“2026-5-11”无效")],
)
def test_command_refuses_bad_input_in_chinese(arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("duedate", *arguments)


def test_command_says_when_nothing_is_loaded():
    RuleEdition.objects.update(active=False)
    with pytest.raises(CommandError, match="load_reference"):
        call_command("duedate", "roster", "2026-05-11")
