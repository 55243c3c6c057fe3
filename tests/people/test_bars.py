from datetime import date, timedelta

import pytest

from certification.people import bars
from certification.people.models import Bar
from certification.people.register import find_or_register_all
from certification.refusals import Incomplete
from tests.people.conftest import NOW, TODAY, data


@pytest.fixture
def people(actor):
    return [result.person for result in find_or_register_all([data(1), data(2)], now=NOW, actor=actor)]


def impose(actor, person, **changes):
    entry = {"ground": Bar.Ground.FALSE_MATERIAL, "reason": "学历证书系伪造", "months": 12, **changes}
    return bars.impose(actor=actor, now=NOW, person=person, **entry)


def test_a_bar_holds_from_its_first_to_its_last_day(actor, people):
    bar = impose(actor, people[0])
    assert (bar.barred_from, bar.barred_until) == (TODAY, date(2027, 11, 22))
    ids = [person.pk for person in people]
    assert bars.in_force(ids, TODAY - timedelta(days=1)) == {}
    assert bars.in_force(ids, TODAY) == {people[0].pk: bar}
    assert bars.in_force(ids, date(2027, 11, 22)) == {people[0].pk: bar}
    assert bars.in_force(ids, date(2027, 11, 23)) == {}
    assert bar.history.get().history_user == actor


def test_of_several_the_one_that_ends_last_counts_until_it_is_lifted(actor, people, django_assert_num_queries):
    short = impose(actor, people[0])
    long = impose(actor, people[0], ground=Bar.Ground.FRAUD, months=36)
    with django_assert_num_queries(1):
        assert bars.in_force([people[0].pk], TODAY) == {people[0].pk: long}
    bars.lift(actor=actor, now=NOW, bar=long, reason="复议撤销")
    assert bars.in_force([people[0].pk], TODAY) == {people[0].pk: short}


def test_facts_and_reasons_are_needed(actor, people):
    with pytest.raises(Incomplete):
        impose(actor, people[0], reason=" ")
    bar = impose(actor, people[0])
    with pytest.raises(Incomplete):
        bars.lift(actor=actor, now=NOW, bar=bar, reason="")
