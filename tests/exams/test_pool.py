"""待安排考试: filtered, assigned across pages, with a warning where the old certificate ends before the exam."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from certification.catalogue.loading import load_edition
from certification.catalogue.models import ApplicationKind, JobType
from certification.people.models import Certificate
from exams.models import Candidate, ExamSession
from exams.plans import planning
from exams.sessions import assigning
from exams.states import CandidateState
from tests.exams.conftest import EXAM_ON, TODAY
from tests.factories import at as moment

NOW = moment(TODAY)


def renewals(bench, size, *, code="0101", kind=ApplicationKind.RENEWAL):
    return bench.submitted(bench.plan(kind, size=size, code=code))


def page(client, **query):
    return client.get(reverse("exams:pool"), query).context


def test_the_filter_narrows_the_list(client, bench):
    rows = renewals(bench, 2)
    other = renewals(bench, 1, kind=ApplicationKind.PERIODIC_REVIEW)
    client.force_login(bench.officer())
    assert [row for row, _previous in page(client, kind="RENEWAL")["rows"]] == rows
    assert [row for row, _previous in page(client, person=other[0].person.name)["rows"]] == other
    assert [row for row, _previous in page(client, person=rows[1].person.document_number[:14])["rows"]][-1:] != []
    assert page(client, institution="没有这家")["rows"] == []
    assert len(page(client, job_type="x", state="nonsense")["rows"]) == 3


def test_everybody_that_the_filter_shows_is_assigned_across_pages(client, bench):
    renewals(bench, 60)
    reviews = renewals(bench, 1, kind=ApplicationKind.PERIODIC_REVIEW)
    session = bench.session(capacity=100, practical=False)
    client.force_login(bench.officer())
    assert "包括其他各页" in client.get(reverse("exams:pool")).content.decode()
    url = f"{reverse('exams:pool_assign')}?kind=RENEWAL"
    done = client.post(url, {"session": session.pk, "everyone": "on"})
    assert done.status_code == 302
    assert Candidate.objects.filter(session=session, state=CandidateState.LISTED).count() == 60
    assert list(assigning.pool(session.organiser, today=TODAY)) == reviews


def test_a_certificate_that_ends_before_the_exam_is_pointed_out_and_blocks_nothing(client, bench):
    first, second = renewals(bench, 2)
    for row, until in ((first, date(2026, 4, 14)), (second, EXAM_ON)):
        Certificate.objects.filter(person=row.person, job_type=row.job_type).update(valid_until=until)
    session = bench.session(practical=False)
    results = assigning.assign_to_session(
        actor=bench.officer(), now=NOW, application_ids=[first.pk, second.pk], session_id=session.pk
    )
    assert all(result.ok for result in results)
    assert ["warning" in result.detail for result in results] == [True, False]
    assert "4月14日" in results[0].detail["warning"]


def test_a_session_whose_day_has_passed_is_not_offered_to_an_exam_plan(client, bench, at):
    gone, coming = bench.session(), bench.session(day=date(2026, 5, 20))
    at(moment(EXAM_ON, 9))
    offered = planning.sessions_to_plan(bench.officer(), bench.world.bureau.pk, None, EXAM_ON)
    assert list(offered) == [coming]
    client.force_login(bench.officer())
    text = client.get(reverse("exams:plan_create")).content.decode()
    assert coming.number in text
    assert gone.number not in text


def in_next_edition() -> JobType:
    """The same job type under the same code in a later edition of the catalogue."""
    item = {"code": "0101", "name": "低压电工作业（新版）"}
    group = {"code": "01", "name": "电工作业", "category": "TWO", "aliases": [], "job_types": [item]}
    head = {"code": "next", "name": "下一版目录", "source": "测试", "valid_from": date(2027, 1, 1), "note": ""}
    edition = load_edition({**head, "active": True, "group": [group]})
    return JobType.objects.get(group__edition=edition)


def test_who_waits_since_an_earlier_edition_of_the_catalogue_is_found_and_assigned(client, bench):
    rows = renewals(bench, 3)
    session = bench.session(capacity=100, practical=False)
    ExamSession.objects.filter(pk=session.pk).update(job_type=in_next_edition())
    client.force_login(bench.officer())
    shown = page(client, job_type="0101")
    assert len(shown["rows"]) == 3
    assert [value for value, _label in shown["filter"].fields["job_type"].choices] == ["", "0101"]
    done = client.post(reverse("exams:pool_assign"), {"session": session.pk, "everyone": "on"})
    assert done.status_code == 302
    assert Candidate.objects.filter(session=session, application__in=rows).count() == 3


def test_one_open_application_whatever_edition_names_the_job_type(bench):
    (row,) = renewals(bench, 1)
    assert row.job_type_code == "0101"
    row.pk, row.number, row.job_type, row._state.adding = None, "", in_next_edition(), True
    with pytest.raises(IntegrityError, match="exam_application_open_once"), transaction.atomic():
        row.save()
