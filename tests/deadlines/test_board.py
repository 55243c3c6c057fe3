"""The overdue board: what stands on it, for whom, and that the file says what the list says."""

import csv
import io
from datetime import date
from itertools import count

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from certification.deadlines.models import Deadline
from certification.deadlines.overview import board, standing
from certification.deadlines.overview.filters import BoardFilter
from certification.deadlines.overview.standing import Standing
from certification.spreadsheets.reading import read_table
from exams.models import ExamApplication
from tests.deadlines.boarding import NOW, OPENED, Ledger
from tests.factories import at
from training.models import TrainingPlan

pytestmark = pytest.mark.django_db

# A login of each reach: two institutions, two cities, the province and who reads everything.
ROLES = ("jigou", "lanxi-jigou", "shi-fuze", "lanxi-shenhe", "sheng-fuze", "shenji")
URL = "/deadlines/overdue/"


@pytest.fixture
def filed(world):
    return Ledger(world, count(1))


@pytest.fixture
def browser(world):
    """A browser logged in as somebody, on the day of the tests."""
    with time_machine.travel(NOW, tick=False):

        def log_in(username: str) -> Client:
            client = Client()
            client.force_login(world.user(username))
            return client

        yield log_in


def shown(client, **query) -> set[int]:
    """The deadlines on all pages of the list."""
    response = client.get(URL, query)
    found: set[int] = set()
    while True:
        found |= {row.deadline.pk for row in response.context["rows"]}
        if not response.context["page"].next_url:
            return found
        response = client.get(URL + response.context["page"].next_url)


def test_each_state_shows_its_own(filed, browser):
    rows = {name: row.pk for name, row in filed.every_standing().items()}
    client = browser("sheng-fuze")
    overdue = {rows["overdue"], rows["overdue_elsewhere"], rows["province"]}
    assert shown(client) == overdue
    assert shown(client, state="met_late") == {rows["met_late"]}
    assert shown(client, state="closed_late") == {rows["closed_late"]}
    assert shown(client, state="late") == overdue | {rows["met_late"], rows["closed_late"]}
    assert shown(client, state="met") == {rows["met"]}
    assert shown(client, state="soon") == {rows["soon"]}
    assert shown(client, state="soon", days=60) >= {rows["soon"], rows["later"]}
    assert shown(client, state="open") == {rows["soon"], rows["later"], rows["provisional"]}
    assert shown(client, state="all") == set(rows.values()) - {rows["closed_before"], rows["internal"]}


def test_internal_targets_stand_apart(filed, browser):
    rows = filed.every_standing()
    client = browser("sheng-fuze")
    assert shown(client, state="all", nature="internal") == {rows["internal"].pk}


def test_a_moved_deadline_counts_once_as_its_successor(filed, browser, world):
    first = filed.deadline("preliminary_review", date(2026, 3, 20), by="organiser")
    second = filed.deadline("preliminary_review", date(2026, 3, 27), plan=first.subject, by="organiser")
    assert second.pk != first.pk
    assert shown(browser("sheng-fuze"), state="all") == {second.pk}


def test_filters_narrow_by_who_whose_and_when(filed, browser, world):
    rows = {name: row.pk for name, row in filed.every_standing().items()}
    client = browser("sheng-fuze")
    assert shown(client, tier="PROVINCIAL_CENTRE") == {rows["province"]}
    assert shown(client, rule="final_review") == {rows["province"]}
    assert shown(client, city=world.other_institution.territory_id) == {rows["overdue_elsewhere"]}
    assert shown(client, institution=world.other_institution.pk) == {rows["overdue_elsewhere"]}
    assert shown(client, since="2026-04") == set()
    assert shown(client, until="2026-03") == {rows["overdue"], rows["overdue_elsewhere"], rows["province"]}
    assert shown(client, category="ONE") == set()
    assert shown(client, category="ONE", nature="internal") == {rows["internal"]}
    assert shown(client, group="01") == {rows["overdue"], rows["overdue_elsewhere"], rows["province"]}


def test_what_cannot_be_read_filters_nothing(filed, browser):
    filed.every_standing()
    client = browser("sheng-fuze")
    plain = shown(client)
    for hostile in ("x", "9" * 40, "'; --", "²"):
        for name in ("state", "rule", "tier", "city", "institution", "since", "until", "days", "nature"):
            assert shown(client, **{name: hostile}) == plain, (name, hostile)


def test_a_row_says_what_is_late_and_who_holds_it(filed, browser, world):
    deadline = filed.every_standing()["overdue"]
    response = browser("sheng-fuze").get(URL, {"institution": world.institution.pk, "tier": "CITY_BUREAU"})
    (row,) = response.context["rows"]
    assert row.deadline == deadline
    # 24 March to 1 April: 25, 26, 27, 30, 31 March and 1 April.
    assert row.late_days == 6
    assert row.holder == world.bureau.short_name
    page = response.content.decode()
    assert reverse("training:plan_detail", args=[deadline.subject_id]) in page
    assert reverse("deadlines:explanation", args=[deadline.pk]) in page
    assert reverse("deadlines:usage", args=["plan", deadline.subject_id]) in page


def test_days_late_end_when_it_was_done(filed, world):
    rows = filed.every_standing()
    user = world.user("sheng-fuze")
    found = {row.deadline.pk: row for row in board.rows_of(board.deadlines(user), user, NOW)}
    assert found[rows["met_late"].pk].late_days == 2
    # Due on 20 March by another rule.
    assert found[rows["closed_late"].pk].late_days == 3
    assert found[rows["met"].pk].late_days is None
    assert found[rows["provisional"].pk].late_days is None


def test_the_database_and_the_row_agree_where_it_stands(filed, world):
    filed.every_standing()
    rows = board.deadlines(world.user("sheng-fuze"))
    for when in (NOW, at(date(2026, 3, 10)), at(date(2026, 3, 25)), at(date(2026, 12, 1))):
        for each in Standing:
            by_query = set(rows.filter(standing.condition(each, when)).values_list("pk", flat=True))
            assert by_query == {row.pk for row in rows if standing.standing_of(row, when) == each}


@pytest.mark.parametrize("username", ROLES)
@pytest.mark.parametrize("query", [{"state": "all"}, {"state": "late"}, {"state": "all", "tier": "CITY_BUREAU"}])
def test_the_file_says_what_the_list_says(filed, browser, world, username, query):
    filed.every_standing()
    client, user = browser(username), world.user(username)
    form = BoardFilter(query, user=user)
    listed = [
        row.cells() for row in board.rows_of(form.apply(board.deadlines(user), NOW).order_by(*board.ORDER), user, NOW)
    ]
    assert len(listed) == len(shown(client, **query))
    text = client.get(reverse("deadlines:board_export", args=["csv"]), query).content.decode("utf-8-sig")
    header, *lines = csv.reader(io.StringIO(text))
    assert header == board.COLUMNS
    assert lines == [["" if cell is None else str(cell) for cell in cells] for cells in listed]
    response = client.get(reverse("deadlines:board_export", args=["xlsx"]), query)
    assert response["Content-Disposition"].startswith("attachment")
    if listed:
        assert [_padded(row.cells) for row in read_table(response.content, "x.xlsx").rows] == [
            _padded(cells) for cells in listed
        ]


@pytest.mark.parametrize("username", ROLES)
def test_everybody_sees_their_own_alone(filed, browser, world, username):
    rows = filed.every_standing()
    elsewhere = {rows["overdue_elsewhere"].pk, rows["provisional"].pk}
    here = {row.pk for name, row in rows.items() if name not in ("closed_before", "internal")} - elsewhere
    expected = {
        "jigou": here,
        "shi-fuze": here,
        "lanxi-jigou": elsewhere,
        "lanxi-shenhe": elsewhere,
        "sheng-fuze": here | elsewhere,
        "shenji": here | elsewhere,
    }
    assert shown(browser(username), state="all") == expected[username]


def test_nobody_without_cases_gets_in(browser):
    for username in ("guanli", "chuangkou", "shi-jiankao"):
        for url in (URL, reverse("deadlines:board_export", args=["csv"]), reverse("deadlines:figures")):
            assert browser(username).get(url).status_code == 403


def test_what_was_never_submitted_is_not_named_to_others(filed, browser, world):
    plan = filed.plan()
    (person,) = world.persons(1)
    application = _draft(plan, person)
    deadline = Deadline.objects.get(pk=filed.deadline("roster", date(2026, 3, 20), plan=plan).pk)
    deadline.subject = application
    deadline.save()
    assert person.name in browser("jigou").get(URL).content.decode()
    page = browser("shi-fuze").get(URL).content.decode()
    assert person.name not in page
    assert board.UNSEEN in page
    assert person.name not in browser("shi-fuze").get(reverse("deadlines:board_export", args=["csv"])).content.decode()


def test_pages_take_the_same_number_of_queries(filed, browser, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = browser("sheng-fuze")
    filed.deadline("roster", date(2026, 3, 20))
    client.get(URL)
    with CaptureQueriesContext(
        connection,
    ) as one:
        assert len(client.get(URL).context["rows"]) == 1
    for _each in range(59):
        filed.deadline("roster", date(2026, 3, 20))
    with django_assert_num_queries(len(one)):
        response = client.get(URL)
    assert len(response.context["rows"]) == 50
    assert len(shown(client)) == 60


def test_a_name_that_looks_like_a_formula_stays_a_name(filed, browser, world):
    TrainingPlan.objects.filter(pk=filed.deadline("roster", date(2026, 3, 20)).subject_id)
    world.institution.name = "=HYPERLINK(1)"
    world.institution.save()
    text = browser("sheng-fuze").get(reverse("deadlines:board_export", args=["csv"])).content.decode("utf-8-sig")
    (line,) = list(csv.DictReader(io.StringIO(text)))
    assert line["培训机构"] == "'=HYPERLINK(1)"


def test_home_counts_what_the_board_shows(filed, browser):
    filed.every_standing()
    for username in ("shi-fuze", "sheng-fuze", "shenji", "shi-jianguan"):
        client = browser(username)
        (line,) = [line for line in client.get("/").context["figures"] if line.url == URL]
        assert line.count == len(shown(client))


def _padded(cells: list) -> list[str]:
    """Cells as texts, as many as there are columns: a workbook reads 6 as 6.0 and ends rows early."""
    texts = ["" if cell is None else str(int(cell)) if isinstance(cell, float) else str(cell) for cell in cells]
    return [*texts, *[""] * (len(board.COLUMNS) - len(texts))]


def _draft(plan, person) -> ExamApplication:
    from training.models import Roster, Trainee

    roster = Roster.objects.create(
        plan=plan, version=1, headcount=1, submitted_by=plan.created_by, submitted_at=at(OPENED)
    )
    trainee = Trainee.objects.create(
        plan=plan, person=person, first_roster=roster, education="SENIOR_HIGH", created_at=at(OPENED)
    )
    return ExamApplication.objects.create(
        trainee=trainee,
        person=person,
        plan=plan,
        institution=plan.institution,
        organiser=plan.organiser,
        kind=plan.kind,
        category=plan.category,
        job_type=plan.job_type,
        rule_edition=plan.rule_edition,
        created_at=at(OPENED),
    )


def test_content_types_of_every_kind_are_registered():
    from certification.deadlines import cases

    slugs = {"plan", "spot-check", "application", "exam-plan", "session", "tour", "score-recheck", "licence"}
    assert {kind.slug for kind in cases.kinds()} == slugs
    assert all(ContentType.objects.get_for_model(kind.model) == kind.content_type for kind in cases.kinds())
