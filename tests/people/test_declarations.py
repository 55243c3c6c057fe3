"""What persons declare of their retirement counts from the last word on, and stays on the record."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from certification.people import declarations
from certification.people.declarations import Declared, declared
from certification.people.models import Declaration
from certification.people.register import find_or_register_all
from certification.people.retiring import Retirements
from certification.refusals import Incomplete
from certification.rulebook import lookup
from certification.rulebook.loading import load_rules
from tests.people.conftest import NOW, TODAY, data


@pytest.fixture
def people(actor):
    return [one.person for one in find_or_register_all([data(n) for n in range(1, 31)], now=NOW, actor=actor)]


@pytest.fixture
def woman(people):
    return next(person for person in people if person.sex == "F")


@pytest.fixture
def man(people):
    return next(person for person in people if person.sex == "M")


@pytest.fixture
def said(actor):
    return {"actor": actor, "now": NOW, "source": "本人申报"}


def test_the_last_word_counts(woman, said):
    declarations.declare_female_class(person=woman, female_class="F50", **said)
    declarations.declare_female_class(person=woman, female_class="F55", **said)
    declarations.declare_delay(person=woman, months=12, limit=36, proof="承诺书 2026-11-01", **said)
    assert declared([woman.pk]) == {woman.pk: Declared("F55", 12)}
    declarations.declare_delay(person=woman, months=0, limit=36, proof="", **said)
    assert declared([woman.pk]) == {woman.pk: Declared("F55", 0)}
    assert Declaration.objects.count() == Declaration.history.count() == 4
    assert {row.declared_by for row in Declaration.objects.all()} == {said["actor"]}


def test_who_declared_nothing_is_not_there(man):
    assert declared([man.pk]) == {}


def test_classes_from_a_filing(people, woman, man, said):
    classes = {person.pk: "F50" for person in people} | {people[3].pk: ""}
    made = declarations.declare_female_classes(classes, **said)
    assert made
    assert {row.person.sex for row in made} == {"F"}
    assert declared([woman.pk])[woman.pk].female_class == "F50"
    assert declarations.declare_female_classes(classes, **said) == [], "the same again is no news"


def test_a_filing_costs_the_same_for_one_and_many(people, said):
    women = [person.pk for person in people if person.sex == "F"]

    def queries(ids):
        with CaptureQueriesContext(connection) as captured:
            declarations.declare_female_classes(dict.fromkeys(ids, "F50"), **said)
        return len(captured)

    assert queries(women[:1]) == queries(women[1:])


def test_what_is_refused(woman, man, said):
    with pytest.raises(Incomplete):
        declarations.declare_female_class(person=man, female_class="F50", **said)
    with pytest.raises(Incomplete):
        declarations.declare_female_class(person=woman, female_class="", **said)
    with pytest.raises(Incomplete):
        declarations.declare_delay(person=man, months=37, limit=36, proof="承诺书", **said)
    with pytest.raises(Incomplete):
        declarations.declare_delay(person=man, months=3, limit=36, proof=" ", **said)


@pytest.mark.parametrize("wrong", [{"fact": "DELAY", "months": 3}, {"fact": "FEMALE_CLASS"}, {"fact": "OTHER"}])
def test_the_database_refuses_half_a_fact(woman, said, wrong):
    row = Declaration(person=woman, source="", declared_by=said["actor"], declared_at=NOW, **wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_delay_moves_the_retirement_day_as_far_as_the_rule_lets_it(db):
    load_rules()
    retirements = Retirements(lookup.edition_on(TODAY))
    born = date(1966, 1, 31)
    assert retirements.day(born, "M", "", 0) == date(2026, 5, 31)
    assert retirements.day(born, "M", "", 9) == date(2027, 2, 28)
    assert retirements.day(born, "M", "", 1) == date(2026, 6, 30)
    assert retirements.day(born, "M", "", 99) == date(2029, 5, 31)
