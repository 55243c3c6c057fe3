from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certification.people import certificates
from certification.people.certificates import Grant, NotIssued
from certification.people.models import Certificate, CertificateState
from certification.people.register import find_or_register_all
from certification.records.models import TransitionLog
from certification.refusals import WrongState
from tests.people.conftest import NOW, TODAY, data

VALUES = {"years": 6, "review_years": 3, "cap_at_retirement": True}


@pytest.fixture
def people(actor):
    return [result.person for result in find_or_register_all([data(n) for n in range(1, 41)], now=NOW, actor=actor)]


@pytest.fixture
def common(actor):
    return {"values": VALUES, "authority": "云岭省应急管理厅", "actor": actor, "now": NOW}


def test_number_and_dates(people, job_types, common):
    made = certificates.issue(person=people[0], job_type=job_types[0], valid_from=TODAY, **common)
    assert made.number == f"T{people[0].document_number}"
    assert (made.first_issued_on, made.valid_from, made.valid_until) == (TODAY, TODAY, date(2032, 11, 22))
    assert made.review_due_on == date(2029, 11, 22)
    assert made.source == Certificate.Source.ISSUED
    assert made.history.get().history_user == common["actor"]
    assert TransitionLog.objects.about(made).get().name == "issue"


@pytest.mark.parametrize(
    ("start", "retires", "until", "review"),
    [
        (date(2024, 2, 29), None, date(2030, 2, 27), date(2027, 2, 27)),
        (TODAY, date(2030, 1, 5), date(2030, 1, 5), date(2029, 11, 22)),
        (TODAY, date(2028, 1, 5), date(2028, 1, 5), None),
        (TODAY, TODAY, TODAY, None),
        (TODAY, date(2050, 1, 1), date(2032, 11, 22), date(2029, 11, 22)),
    ],
)
def test_validity_is_capped_at_retirement(start, retires, until, review):
    period = certificates.validity(start, VALUES, retires)
    assert (period.valid_until, period.review_due_on) == (until, review)


def test_without_cap_and_review_where_the_edition_has_none():
    period = certificates.validity(TODAY, {"years": 6}, date(2028, 1, 5))
    assert (period.valid_until, period.review_due_on) == (date(2032, 11, 22), None)


def test_nothing_left_before_retirement_is_refused():
    with pytest.raises(NotIssued) as refused:
        certificates.validity(TODAY, VALUES, TODAY - timedelta(days=1))
    assert refused.value.code == "retired"


def test_renewal_replaces_and_keeps_the_first_day(people, job_types, common):
    old = certificates.issue(person=people[0], job_type=job_types[0], valid_from=date(2020, 12, 1), **common)
    new = certificates.renew(person=people[0], job_type=job_types[0], valid_from=TODAY, **common)
    old.refresh_from_db()
    assert (old.state, new.state) == (CertificateState.REPLACED, CertificateState.VALID)
    assert new.replaces == old
    assert (new.first_issued_on, new.valid_from) == (date(2020, 12, 1), TODAY)
    assert old.history.count() == 2


@pytest.mark.parametrize(
    ("held_from", "renewal", "code"),
    [
        (date(2022, 1, 1), False, "still_valid"),
        (date(2020, 11, 24), False, "still_valid"),  # its last day is today
        (date(2020, 11, 22), True, "expired"),
        (None, True, "nothing_to_renew"),
    ],
)
def test_refusals(people, job_types, common, held_from, renewal, code):
    if held_from:
        certificates.issue(person=people[0], job_type=job_types[0], valid_from=held_from, **common)
    act = certificates.renew if renewal else certificates.issue
    with pytest.raises(NotIssued) as refused:
        act(person=people[0], job_type=job_types[0], valid_from=TODAY, **common)
    assert refused.value.code == code


def test_a_lapsed_one_is_cancelled_when_a_new_one_is_issued(people, job_types, common):
    old = certificates.issue(person=people[0], job_type=job_types[0], valid_from=date(2020, 11, 20), **common)
    new = certificates.issue(person=people[0], job_type=job_types[0], valid_from=TODAY, **common)
    old.refresh_from_db()
    assert old.state == CertificateState.CANCELLED
    assert new.replaces is None
    assert TransitionLog.objects.about(old).last().reason == "有效期届满未延续"


def test_each_grant_has_its_own_result(people, job_types, common):
    certificates.issue(person=people[1], job_type=job_types[0], valid_from=TODAY, **common)
    grants = [Grant(person, job_types[0], TODAY) for person in people[:3]]
    results = certificates.issue_all(grants, **common)
    assert [result.refusal.code if result.refusal else None for result in results] == [None, "still_valid", None]
    assert results[1].certificate is None
    assert Certificate.objects.count() == 3


def test_forty_need_no_more_queries_than_two(people, job_types, common):
    def count(chosen) -> int:
        with CaptureQueriesContext(connection) as captured:
            certificates.issue_all([Grant(person, job_types[0], TODAY) for person in chosen], **common)
        return len(captured)

    count(people[:1])
    assert count(people[1:3]) == count(people[3:])


def test_reviews_revocation_and_cancellation(people, job_types, common, actor):
    made = certificates.issue(person=people[0], job_type=job_types[0], valid_from=TODAY, **common)
    (noted,) = certificates.record_review(certificates=[made], reviewed_on=TODAY, actor=actor, now=NOW)
    assert (noted.reviewed_on, noted.valid_until) == (TODAY, made.valid_until)
    grounds = {"reason": "提供虚假材料", "clause": "行政许可法第六十九条", "actor": actor, "now": NOW}
    assert certificates.revoke(certificate=made, **grounds).state == CertificateState.REVOKED
    with pytest.raises(WrongState):
        certificates.cancel(certificate=made, **grounds)
    assert certificates.record_review(certificates=[made], reviewed_on=TODAY, actor=actor, now=NOW) == []
