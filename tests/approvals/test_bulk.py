"""Bulk actions are one pass: as many statements for twenty people as for two."""

import pytest

from approvals.licences import deciding
from approvals.reviews.reviewing import review
from tests.approvals.cases import NOW, make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, ids_of, reconciled

pytestmark = pytest.mark.django_db


def queries_of(django_assert_max_num_queries, act) -> int:
    with django_assert_max_num_queries(200) as counted:
        results = act()
    assert all(result.ok for result in results), [result.refusal for result in results]
    return len(counted.captured_queries)


def test_review(world, django_assert_max_num_queries):
    counts = []
    for people in (2, 2, 12):
        group = make_group(world, people)
        counts.append(
            queries_of(
                django_assert_max_num_queries,
                lambda ids=group.ids: review(
                    actor=world.user("shi-shenhe"), now=NOW, application_ids=ids, stage="PRELIMINARY", outcome="PASS"
                ),
            )
        )
    assert counts[1] == counts[2]


def test_grant(world, django_assert_max_num_queries):
    counts = []
    for people in (2, 2, 20):
        group = make_group(world, people, state="CLEARED")
        take_exam(world, group)
        ids = ids_of(reconciled(world, group))
        counts.append(
            queries_of(
                django_assert_max_num_queries,
                lambda ids=ids: deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=ids),
            )
        )
    assert counts[1] == counts[2]
