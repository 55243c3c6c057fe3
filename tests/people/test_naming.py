"""One person, several names: noted where they differ, settled by somebody, kept with source and date."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certification.people import naming
from certification.people.models import NameStanding, Person, PersonName
from certification.people.register import find_or_register_all
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, WrongState
from tests.people.conftest import NOW, data


@pytest.fixture
def person(actor):
    (found,) = find_or_register_all([data(1)], now=NOW, actor=actor)
    return found.person


def test_a_different_name_is_noted_once_with_its_source(person, actor):
    for _each in range(2):
        find_or_register_all([data(1, name="王玖")], now=NOW, actor=actor, source="学员名单")
    noted = PersonName.objects.get()
    assert (noted.name, noted.standing, noted.source) == ("王玖", NameStanding.OPEN, "学员名单")
    assert (noted.noted_by, noted.noted_at) == (actor, NOW)
    assert noted.history.get().history_user == actor
    assert Person.objects.get().name == "王001", "nothing is taken over by itself"


def test_blanks_and_width_make_no_other_name(person, actor):
    find_or_register_all([data(1, name="王 ００1\u200b")], now=NOW, actor=actor)
    assert not PersonName.objects.exists()


def test_a_corrected_name_leaves_the_former_one(person, actor):
    find_or_register_all([data(1, name="王玖")], now=NOW, actor=actor)
    naming.correct_name(person=person, name="王玖", reason="户口簿曾用名栏", actor=actor, now=NOW)
    assert Person.objects.get().name == "王玖"
    assert dict(PersonName.objects.values_list("name", "standing")) == {"王玖": "CURRENT", "王001": "FORMER"}
    former = PersonName.objects.get(standing="FORMER")
    assert (former.reason, former.settled_by, former.settled_at) == ("户口簿曾用名栏", actor, NOW)
    noted, corrected = TransitionLog.objects.about(person)
    assert (noted.name, noted.detail["names"]) == ("note_name", ["王玖"])
    assert corrected.detail == {"before": "王001", "now": "王玖"}
    find_or_register_all([data(1)], now=NOW, actor=actor)
    assert PersonName.objects.count() == 2, "the former name is known and needs no second look"


def test_and_back_again(person, actor):
    naming.correct_name(person=person, name="王玖", reason="户口簿", actor=actor, now=NOW)
    naming.correct_name(person=person, name="王001", reason="改回", actor=actor, now=NOW)
    assert dict(PersonName.objects.values_list("name", "standing")) == {"王玖": "FORMER", "王001": "CURRENT"}


@pytest.mark.parametrize(("name", "reason"), [("王玖", " "), ("王001", "同名"), ("", "空")])
def test_a_correction_needs_a_new_name_and_a_reason(person, actor, name, reason):
    with pytest.raises(Incomplete):
        naming.correct_name(person=person, name=name, reason=reason, actor=actor, now=NOW)


def test_a_slip_is_dismissed_once(person, actor):
    find_or_register_all([data(1, name="王玖")], now=NOW, actor=actor)
    noted = PersonName.objects.get()
    naming.dismiss_name(noted=noted, reason="名单打字错误", actor=actor, now=NOW)
    assert PersonName.objects.get().standing == NameStanding.DISMISSED
    with pytest.raises(WrongState):
        naming.dismiss_name(noted=noted, reason="再次", actor=actor, now=NOW)


def test_noting_costs_the_same_for_one_and_many(actor):
    find_or_register_all([data(number) for number in range(1, 60)], now=NOW, actor=actor)

    def queries(numbers):
        people = list(Person.objects.order_by("pk"))
        with CaptureQueriesContext(connection) as captured:
            naming.note_different([(people[n], "别名") for n in numbers], source="", actor=actor, now=NOW)
        return len(captured)

    assert queries([0]) == queries(range(1, 50))
