"""Back-planning: every date and every slack worked out by hand, what is lawful, and the earliest days that are."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certification.catalogue.models import ApplicationKind, Category
from certification.clock import SHANGHAI
from certification.deadlines.due import AREA, require_in_time
from certification.deadlines.planning.months import months
from certification.deadlines.planning.planner import Feasibility, Planned, Wish, plan
from certification.refusals import TooLate
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.workdays import calendars

pytestmark = pytest.mark.usefixtures("reference")

ONE, TWO = Category.ONE, Category.TWO
INITIAL, REVIEW, RENEWAL = ApplicationKind.INITIAL, ApplicationKind.PERIODIC_REVIEW, ApplicationKind.RENEWAL
TODAY = date(2026, 4, 20)
DAY = timedelta(days=1)


def planned(wish: Wish, today: date = TODAY) -> Planned:
    edition = RuleEdition.objects.get(code="1")
    announcement = lookup.rule("examination", "announcement", edition)
    rules = lookup.rules(edition, AREA)
    return plan(wish, rules, calendars.published_only(), today=today, announcement=announcement)


def days_of(found: Planned) -> dict[str, str]:
    return {line.code: line.due_on.isoformat() for line in found.lines}


# The example of facts §6: exam on Friday 2026-10-09 behind the National Day holidays, worked days 09-20 and 10-10.
NATIONAL = Wish(INITIAL, TWO, date(2026, 9, 7), date(2026, 9, 18), date(2026, 10, 9))


def test_initial_in_category_two_to_every_due_date():
    found = planned(NATIONAL)
    assert days_of(found) == {
        "plan_filing": "2026-08-27",
        "roster": "2026-09-07",
        "materials_initial": "2026-09-24",
        "exam_plan": "2026-09-24",
        "preliminary_review": "2026-09-29",
        "final_review": "2026-10-08",
        "results_release": "2026-10-22",
        "licence_submission": "2026-10-29",
        "acceptance": "2026-11-05",
        "decision": "2026-11-12",
        "exam_held": "2026-11-23",
        "service": "2026-11-26",
        "decision_statutory": "2026-12-03",
    }
    assert found.lawful
    assert not found.provisional


def test_each_tier_has_its_working_days():
    slack = {line.code: (line.slack, line.slack_after) for line in planned(NATIONAL).lines}
    # After the class (Friday 09-18): 20 Sun worked, 21, 22, 23, 24. Then 28, 29. Then 30 and 10-08.
    assert slack["materials_initial"] == (5, "结班")
    assert slack["preliminary_review"] == (2, "申报考试材料（初训）")
    assert slack["final_review"] == (2, "报送初审结果")
    assert slack["results_release"] == (10, "考试")
    assert slack["decision"] == (10, "提交发证许可申请")
    assert slack["plan_filing"][1] == "今天"


@pytest.mark.parametrize(
    ("kind", "category", "codes"),
    [
        (INITIAL, TWO, {"plan_filing", "roster", "materials_initial", "preliminary_review", "final_review"}),
        (INITIAL, ONE, {"plan_filing", "roster", "materials_initial", "direct_review"}),
        (REVIEW, TWO, {"plan_filing", "materials_renewal", "hours_proof", "city_review_report"}),
        (RENEWAL, ONE, {"plan_filing", "materials_renewal", "hours_proof", "direct_review"}),
    ],
)
def test_route_decides_which_obligations_there_are(kind, category, codes):
    found = planned(Wish(kind, category, date(2026, 9, 7), date(2026, 9, 10), date(2026, 9, 23)))
    before_exam = {line.code for line in found.lines if not line.assumed and line.code != "results_release"}
    assert before_exam == codes | {"exam_plan"}


def test_only_what_has_a_day_is_planned():
    assert days_of(planned(Wish(INITIAL, TWO, date(2026, 5, 11)))) == {
        "plan_filing": "2026-04-28",
        "roster": "2026-05-11",
    }
    assert planned(Wish(INITIAL, TWO)).lines == []


@pytest.mark.parametrize(
    ("today", "standing", "left"),
    [
        (date(2026, 4, 28), Feasibility.LAWFUL, 0),
        (date(2026, 4, 29), Feasibility.LATE, -1),
        (date(2026, 4, 20), Feasibility.LAWFUL, 6),
    ],
)
def test_red_where_no_longer_lawful(today, standing, left):
    line = planned(Wish(INITIAL, TWO, date(2026, 5, 11)), today).lines[0]
    assert (line.standing, line.left) == (standing, left)


def test_targets_and_provisional_dates_only_warn():
    exam = Wish(INITIAL, ONE, exam_on=date(2026, 5, 13))
    standing = {line.code: line.standing for line in planned(exam, date(2026, 5, 13)).lines}
    assert standing["direct_review"] == Feasibility.WARNING
    assert standing["exam_plan"] == Feasibility.WARNING, "category one examines for itself"
    assert standing["materials_initial"] == Feasibility.LATE
    far = planned(Wish(INITIAL, TWO, date(2027, 3, 10)), date(2027, 3, 9))
    assert [line.standing for line in far.lines] == [Feasibility.WARNING, Feasibility.LAWFUL]
    assert far.provisional
    assert far.lawful


def test_a_class_that_ends_after_the_materials_are_due_contradicts_itself():
    found = planned(Wish(INITIAL, TWO, date(2026, 9, 7), date(2026, 9, 25), date(2026, 10, 9)))
    (line,) = (line for line in found.lines if line.refuses)
    assert (line.code, line.standing) == ("materials_initial", Feasibility.CONFLICT)
    assert "学时证明" in line.remark
    assert line.slack < 0


def test_an_exam_more_than_sixty_days_after_applying_contradicts_itself():
    found = planned(Wish(REVIEW, TWO, date(2026, 5, 11), date(2026, 5, 12), date(2026, 7, 13)))
    assert [line.code for line in found.lines if line.refuses] == ["exam_held"]


@pytest.mark.parametrize(
    ("wish", "class_start", "exam_on"),
    [
        # Monday 04-20, working days 20 to 24, 27, 28: the seventh is 04-28, so the class may start on the 29th.
        (Wish(INITIAL, TWO), date(2026, 4, 29), date(2026, 5, 9)),
        # The tenth working day from today on is 05-06 (holidays 05-01 to 05-05): a new session from 05-07 on; but
        # the class ends on 04-29 and needs 29, 30, 05-06, 07, 08 for its materials.
        (Wish(INITIAL, TWO, class_end=date(2026, 4, 28)), date(2026, 4, 29), date(2026, 5, 8)),
        (Wish(INITIAL, TWO, class_end=date(2026, 4, 22), announced=True), date(2026, 4, 29), date(2026, 4, 29)),
        (Wish(REVIEW, TWO, class_end=date(2026, 4, 29), announced=True), date(2026, 4, 29), date(2026, 4, 30)),
        (Wish(REVIEW, TWO, class_end=date(2026, 4, 21), announced=True), date(2026, 4, 29), date(2026, 4, 25)),
        (Wish(REVIEW, ONE, class_end=date(2026, 4, 21), announced=True), date(2026, 4, 29), date(2026, 4, 22)),
    ],
)
def test_the_earliest_lawful_days(wish, class_start, exam_on):
    found = planned(wish).earliest
    assert (found.class_start, found.exam_on) == (class_start, exam_on)


def test_the_last_day_to_announce_a_new_session():
    found = planned(Wish(INITIAL, TWO, exam_on=date(2026, 5, 11)), date(2026, 4, 24))
    assert (found.announcement.last_on, found.announcement.passed) == (date(2026, 4, 23), True)
    assert planned(Wish(INITIAL, TWO, exam_on=date(2026, 5, 11), announced=True)).announcement is None


PUBLISHED = st.dates(date(2023, 3, 1), date(2026, 8, 1))


def late_at(line, today: date) -> bool:
    """Whether the gate that all activities pass refuses on ``today``."""
    now = datetime(today.year, today.month, today.day, 23, 59, tzinfo=SHANGHAI)
    category = TWO if not line.internal_target else ONE
    try:
        require_in_time(line.code, line.due.event_on, now=now, edition=line.due.rule.edition, category=category)
    except TooLate:
        return True
    return False


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(today=PUBLISHED, start=st.integers(-5, 40), length=st.integers(0, 20), gap=st.integers(0, 40), data=st.data())
def test_the_planner_agrees_with_the_gate(today, start, length, gap, data):
    kind, category = data.draw(st.sampled_from(ApplicationKind)), data.draw(st.sampled_from(Category))
    begin = today + start * DAY
    wish = Wish(kind, category, begin, begin + length * DAY, begin + (length + gap) * DAY)
    for line in planned(wish, today).lines:
        if line.standing != Feasibility.CONFLICT:
            assert (line.standing == Feasibility.LATE) == late_at(line, today), line.code


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(today=PUBLISHED, length=st.integers(0, 20), data=st.data())
def test_the_earliest_days_are_lawful_and_the_day_before_is_not(today, length, data):
    kind, category = data.draw(st.sampled_from(ApplicationKind)), data.draw(st.sampled_from(Category))
    start = planned(Wish(kind, category, announced=True), today).earliest.class_start
    end = start + length * DAY
    exam = planned(Wish(kind, category, start, end, announced=True), today).earliest.exam_on

    def lawful(class_start: date, class_end: date, exam_on: date) -> bool:
        found = planned(Wish(kind, category, class_start, class_end, exam_on, announced=True), today)
        return not any(line.refuses for line in found.lines if line.code != "exam_held")

    assert lawful(start, end, exam)
    assert not lawful(start - DAY, end, exam)
    if kind == INITIAL or category == TWO or length:
        assert not lawful(start, end, exam - DAY)


def test_the_month_view_holds_every_due_date_once():
    calendar = calendars.published_only()
    found = planned(NATIONAL)
    shown = months(found, calendar)
    placed = [mark.label for month in shown for day in month.marked for mark in day.marks]
    assert sorted(placed) == sorted([line.title for line in found.lines] + ["今天", "开班", "结班", "考试", "公布场次"])
    kinds = {day.day: day.kind for month in shown for week in month.weeks for day in week if day}
    assert (kinds[date(2026, 10, 1)], kinds[date(2026, 9, 20)]) == ("off", "make-up")
    assert (kinds[date(2026, 9, 19)], kinds[date(2026, 9, 21)]) == ("weekend", "work")


def test_nothing_planned_shows_no_month():
    assert months(planned(Wish(INITIAL, TWO)), calendars.published_only()) == []
