"""Monthly figures: the numbers are those of the board, and they add up, whatever they are grouped by."""

from collections import Counter
from datetime import date, timedelta
from itertools import count

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certification.deadlines import ledger, pauses
from certification.deadlines.holders import Tier
from certification.deadlines.overview import board, standing, tier_days, usage
from certification.deadlines.overview.figures import Grouping, figures
from certification.deadlines.overview.standing import LATE, Standing
from certification.organisations.models import User
from certification.records.models import TransitionLog
from certification.workdays import calendars
from tests.deadlines.boarding import NOW, OPENED, TODAY, Ledger
from tests.deadlines.test_board import ROLES
from tests.factories import at

pytestmark = pytest.mark.django_db
URL = "/deadlines/figures/"
RANGE = {"since": "2026-01", "until": "2027-12"}


@pytest.fixture
def filed(world):
    return Ledger(world, count(1))


@pytest.fixture
def browser(world):
    with time_machine.travel(NOW, tick=False):

        def log_in(username: str) -> Client:
            client = Client()
            client.force_login(world.user(username))
            return client

        yield log_in


def logged(plan, *steps: tuple[date, str]) -> None:
    """The log of a plan: on which day it came into which state."""
    for day, state in steps:
        TransitionLog.write([(plan, "", state)], name="file", actor=User.objects.system(), at=at(day))


@pytest.mark.parametrize("grouping", Grouping)
@pytest.mark.parametrize("internal", [False, True])
def test_totals_add_up_by_whatever_they_are_grouped(filed, world, grouping, internal):
    filed.every_standing()
    rows = board.deadlines(world.user("sheng-fuze")).filter(internal=internal)
    found = figures(rows, grouping, now=NOW, calendar=calendars.current())
    expected = Counter(standing.standing_of(row, NOW).value for row in rows)
    assert found.total.counts == {name: expected[name] for name in Standing.values}
    assert found.total.due == rows.count() == sum(line.due for line in found.lines)
    assert found.total.late == sum(expected[name] for name in LATE)
    assert sum(line.late_days for line in found.lines) == found.total.late_days
    late = [board.late_days(row, calendars.current(), NOW) for row in rows if standing.standing_of(row, NOW) in LATE]
    assert found.total.late_days == sum(late)


def test_days_used_count_from_receipt_to_the_day_it_was_met(filed, world):
    filed.met(filed.deadline("roster", date(2026, 3, 31), opened=OPENED), date(2026, 3, 12))
    filed.met(filed.deadline("roster", date(2026, 3, 31), opened=OPENED), date(2026, 3, 17))
    rows = board.deadlines(world.user("sheng-fuze"))
    (line,) = figures(rows, Grouping.MONTH, now=NOW, calendar=calendars.current()).lines
    # From Monday 9 March: 3 working days to the 12th, 6 to the 17th.
    assert (line.used_days, line.average_used, line.in_time_rate) == (9, 4.5, 100.0)


def test_days_on_which_the_clock_stood_still_are_nobodys(filed, world):
    decision = filed.deadline("decision", OPENED, by="province", opened=OPENED)
    actor = world.user("sheng-fuze")
    pauses.pause([decision.subject], kind="HEARING", reason="听证", now=at(date(2026, 3, 11)), actor=actor)
    pauses.resume([decision.subject], last_day=date(2026, 3, 16), now=at(date(2026, 3, 16)), actor=actor)
    filed.met(decision, date(2026, 3, 18))
    (line,) = figures(board.deadlines(actor), Grouping.TIER, now=NOW, calendar=calendars.current()).lines
    # 7 working days from Monday 9 March to the 18th, without the 11th, 12th, 13th and 16th.
    assert (line.used_days, line.average_used) == (3, 3.0)


def test_days_between_meeting_it_and_its_coming_back_are_somebody_elses(filed, world):
    report = filed.deadline("preliminary_review", date(2026, 4, 20), by="organiser", opened=OPENED)
    filed.met(report, date(2026, 3, 12))
    (again,) = ledger.unmeet("preliminary_review", [report.subject], now=at(date(2026, 3, 17)), reason="退回")
    filed.met(again, date(2026, 3, 18))
    rows = board.deadlines(world.user("sheng-fuze"))
    (line,) = figures(rows, Grouping.TIER, now=NOW, calendar=calendars.current()).lines
    # 3 working days to the 12th; 13th, 16th and 17th were not its; the 18th was.
    assert (line.used_days, line.late) == (4, 0)


def test_the_provinces_own_delay_stands_against_the_province(filed, world):
    filed.every_standing()
    rows = board.deadlines(world.user("sheng-fuze")).filter(internal=False)
    found = {line.label: line for line in figures(rows, Grouping.TIER, now=NOW, calendar=calendars.current()).lines}
    assert found["省厅考试中心"].counts[Standing.OVERDUE] == 1
    assert found["设区市"].counts[Standing.OVERDUE] == 2
    assert found["培训机构"].counts[Standing.CLOSED_LATE] == 1


def test_provisional_dates_are_never_late(filed, world):
    filed.deadline("roster", date(2027, 6, 1))
    rows = board.deadlines(world.user("sheng-fuze"))
    later = at(date(2027, 9, 1))
    assert figures(rows, Grouping.MONTH, now=later, calendar=calendars.current()).total.late == 0


@pytest.mark.parametrize("username", ROLES)
@pytest.mark.parametrize("by", ["month", "tier", "rule", "city", "institution"])
def test_every_number_opens_as_many_rows(filed, browser, username, by):
    filed.every_standing()
    client = browser(username)
    response = client.get(URL, {**RANGE, "by": by})
    tables = [*response.context["lines"], *response.context["internal_lines"]]
    assert tables
    for label, cells, _is_sum in tables:
        for cell in cells:
            if cell.url:
                rows = client.get(cell.url).context["rows"]
                assert len(rows) == cell.number, (label, cell.url)


@pytest.mark.parametrize("username", ROLES)
def test_everybody_counts_their_own_alone(filed, browser, world, username):
    filed.every_standing()
    response = browser(username).get(URL, RANGE)
    (_label, cells, is_sum) = response.context["lines"][-1]
    assert is_sum
    assert cells[0].number == board.deadlines(world.user(username)).filter(internal=False).count()


def test_the_file_has_the_same_numbers(filed, browser):
    filed.every_standing()
    client = browser("sheng-fuze")
    page = client.get(URL, RANGE)
    text = client.get(reverse("deadlines:figures_export", args=["csv"]), RANGE).content.decode("utf-8-sig")
    _header, *lines = [line.split(",") for line in text.splitlines()]
    shown = [
        [label, *("" if cell.number is None else str(cell.number) for cell in cells)]
        for label, cells, _is_sum in [*page.context["lines"], *page.context["internal_lines"]]
    ]
    assert [line[1:] for line in lines] == shown
    response = client.get(reverse("deadlines:figures_export", args=["xlsx"]), RANGE)
    assert response.content[:2] == b"PK"
    assert client.get(reverse("deadlines:figures_export", args=["exe"])).status_code == 404


def test_the_number_of_queries_does_not_grow(filed, browser):
    client = browser("sheng-fuze")
    filed.every_standing()
    client.get(URL, RANGE)
    with CaptureQueriesContext(connection) as few:
        client.get(URL, RANGE)
    for _each in range(10):
        filed.every_standing()
    with CaptureQueriesContext(connection) as many:
        client.get(URL, RANGE)
    assert len(many) == len(few)
    assert len(many) < 40


def test_without_rows_the_page_says_so(browser):
    assert "所选月份没有到期的事项" in browser("sheng-fuze").get(URL).content.decode()


def test_tiers_share_the_days_of_a_late_case(filed, world):
    late = filed.deadline("preliminary_review", date(2026, 3, 27), by="organiser")
    logged(
        late.subject,
        (date(2026, 3, 9), "DRAFT"),
        (date(2026, 3, 12), "FILED"),
        (date(2026, 3, 27), "ACKNOWLEDGED"),
    )
    found = tier_days.of_late(board.deadlines(world.user("sheng-fuze")), now=NOW, calendar=calendars.current())
    assert found.cases == 1
    # 10 to 12 March; 13 to 27 March; 30 and 31 March, 1 April.
    assert found.total == Counter({Tier.INSTITUTION: 3 + 3, Tier.CITY: 11})
    assert found.months[date(2026, 4, 1)] == Counter({Tier.INSTITUTION: 1})
    assert found.totals()[1] == calendars.current().between(date(2026, 3, 9), TODAY)


def test_tier_days_are_the_days_of_each_case(filed, world):
    """Summed over all late cases, the grouped queries say what the page of each case says."""
    calendar = calendars.current()
    cases = []
    for place in range(6):
        late = filed.deadline("roster", date(2026, 3, 20), city=place % 2, code=("0101", "0501")[place % 3 == 0])
        begin = OPENED - timedelta(days=place * 17)
        states = ["DRAFT", "FILED", "RETURNED", "FILED", "ACKNOWLEDGED"]
        logged(late.subject, *((begin + timedelta(days=place * step), state) for step, state in enumerate(states)))
        cases.append(late.subject)
    filed.met(filed.deadline("roster", date(2026, 3, 20)), date(2026, 3, 19))
    found = tier_days.of_late(board.deadlines(world.user("sheng-fuze")), now=NOW, calendar=calendar)
    expected: Counter = Counter()
    for case in cases:
        for spell in usage.spells(case, now=NOW, calendar=calendar):
            expected[spell.tier] += spell.days
    assert found.total == +expected
    assert found.cases == len(cases)


def test_a_late_case_is_followed_until_it_was_done(filed, world):
    late = filed.deadline("roster", date(2026, 3, 20))
    logged(late.subject, (date(2026, 3, 9), "DRAFT"))
    filed.met(late, date(2026, 3, 24))
    found = tier_days.of_late(board.deadlines(world.user("sheng-fuze")), now=NOW, calendar=calendars.current())
    assert found.total == Counter({Tier.INSTITUTION: calendars.current().between(OPENED, date(2026, 3, 24))})


def test_a_city_opens_the_numbers_of_institutions_for_which_it_organises_elsewhere(filed, browser, world):
    plan = filed.plan(city=1)
    plan.organiser = world.bureau
    plan.save()
    deadline = filed.deadline("preliminary_review", date(2026, 3, 27), plan=plan, by="organiser")
    filed.deadline("preliminary_review", date(2026, 3, 27), by="organiser")
    client = browser("shi-fuze")
    lines = client.get(URL, {"by": "institution"}).context["lines"]
    (cells,) = [cells for label, cells, _is_sum in lines if label == world.other_institution.short_name]
    assert [row.deadline for row in client.get(cells[0].url).context["rows"]] == [deadline]
