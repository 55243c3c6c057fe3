"""What falls due: counted by month, city and job type within one's reach, the same rows on the page and in the file."""

import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from approvals.certificates import forecast
from certification.people.certificates import number_for
from certification.people.models import Certificate
from tests.approvals.cases import NOW, TODAY, make_group, take_exam
from tests.approvals.licensing_steps import granted

pytestmark = pytest.mark.django_db


def held(world, job_type="0101", *, review=None, reviewed=None, until=date(2029, 1, 31), state="VALID"):
    (person,) = world.persons(1)
    return Certificate.objects.create(
        person=person,
        job_type=world.job_type(job_type),
        number=number_for(person),
        first_issued_on=date(2023, 2, 1),
        valid_from=date(2023, 2, 1),
        valid_until=until,
        review_due_on=review,
        reviewed_on=reviewed,
        authority="云岭省应急管理厅",
        source="IMPORTED",
        state=state,
    )


@pytest.fixture
def register(world):
    return [
        held(world, review=date(2026, 11, 30)),
        held(world, review=date(2026, 11, 5)),
        held(world, "0201", review=date(2024, 1, 31), reviewed=date(2024, 1, 5), until=date(2027, 1, 31)),
        held(world, review=date(2026, 12, 1), state="CANCELLED"),
        held(world, review=date(2026, 9, 1)),
    ]


def said(lines):
    return [(line.label, line.review, line.renewal) for line in lines]


def test_review_before_it_was_made_renewal_after(world, register):
    rows = forecast.due(world.user("sheng-shenhe"), TODAY, 12)
    assert said(forecast.by_month(rows)) == [("2026年11月", 2, 0), ("2027年1月", 0, 1)]
    assert said(forecast.by_job_type(rows)) == [("低压电工作业", 2, 0), ("熔化焊接与热切割作业", 0, 1)]
    assert said(forecast.by_city(rows)) == [("未归属", 2, 1)]
    assert said(forecast.by_month(forecast.due(world.user("sheng-shenhe"), TODAY, 1))) == [("2026年11月", 1, 0)]
    assert forecast.overdue(world.user("sheng-shenhe"), TODAY) == 1


def test_a_city_and_an_institution_see_their_own(world, register):
    group = make_group(world, 2, state="CLEARED")
    take_exam(world, group)
    granted(world, group)
    for who, seen in (("shi-shenhe", 2), ("jigou", 2), ("jigou2", 0), ("lanxi-shenhe", 0), ("sheng-shenhe", 6)):
        assert forecast.due(world.user(who), TODAY, 60).count() == seen, who
    city = group.plan.institution.territory.name
    assert said(forecast.by_city(forecast.due(world.user("jigou"), TODAY, 60))) == [(city, 2, 0)]


def test_the_page_narrows_links_and_exports_the_same_rows(world, register, client, at):
    at(NOW)
    client.force_login(world.user("sheng-shenhe"))
    url = reverse("approvals:forecast")
    page = client.get(url).content.decode()
    assert "month=2026-11" in page
    assert "1 张有效操作证已过应复审日期" in page
    assert register[0].person.document_number not in page
    for query, rows in (
        ("month=2026-11", 2),
        ("what=RENEWAL", 1),
        ("city=none", 3),
        ("job_type=0201", 1),
        ("ahead=3", 2),
        ("month=x&ahead=y&city=z", 3),
    ):
        assert len(client.get(f"{url}?{query}").context["rows"]) == rows, query
        answer = client.get(f"{reverse('approvals:forecast_export', args=['xlsx'])}?{query}")
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert load_workbook(io.BytesIO(content)).active.max_row == rows + 1
    assert client.get(reverse("approvals:forecast_export", args=["pdf"])).status_code == 404


def test_as_many_queries_for_many_as_for_few(world, client, at):
    at(NOW)
    held(world, review=date(2026, 11, 30))
    client.force_login(world.user("sheng-shenhe"))
    url = reverse("approvals:forecast")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _ in range(4):
        held(world, review=date(2026, 12, 30))
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(few) == len(many)
