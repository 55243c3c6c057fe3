"""Separation of duties (rules 4.1 to 4.4): one table, persons and not accounts."""

from itertools import combinations_with_replacement

import pytest

from certification.organisations import separation
from certification.organisations.models import Organisation
from certification.organisations.separation import Capacity
from certification.refusals import SeparationBreach

NO_OFFICE = {
    *(Capacity.IS_CANDIDATE, Capacity.TRAINS, Capacity.CONFLICTED),
    *(Capacity.ASKS_ADMISSION, Capacity.REPORTS_INCIDENT, Capacity.DECLARES_DELAY),
    *(Capacity.DRAFTS_RULES, Capacity.ACTIVATES_RULES),
}
FORBIDDEN = {
    # 4.1 whoever trains does nothing else on these candidates
    frozenset({Capacity.TRAINS, Capacity.STAFFS}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.REVIEWS_FIRST}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.REVIEWS}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.ENTERS_RESULTS}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.CHECKS_RESULTS}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.DECIDES}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.ADMITS}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.INSPECTS}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.EXTENDS}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.ASSIGNS}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.NOTES}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.TAKES_OVER}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.PROPOSES_BAR}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.IMPOSES_BAR}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.PROPOSES_PENALTY}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.DECIDES_PENALTY}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.REVIEWS_PENALTY}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.INVESTIGATES_RECHECK}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.ANSWERS_RECHECK}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.ACCEPTS}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.RECONCILES}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.DRAFTS}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.CONFIRMS}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.PROPOSES_EXTENSION}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.PROPOSES_ENDING}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.DECIDES_ENDING}): "4.1",
    frozenset({Capacity.TRAINS, Capacity.EXTENDS_VALIDITY}): "4.1",
    # 4.2 whoever staffs a session neither reviews nor decides
    frozenset({Capacity.STAFFS, Capacity.TAKES_OVER}): "4.2",
    frozenset({Capacity.STAFFS, Capacity.REVIEWS_FIRST}): "4.2",
    frozenset({Capacity.STAFFS, Capacity.REVIEWS}): "4.2",
    frozenset({Capacity.STAFFS, Capacity.DECIDES}): "4.2",
    frozenset({Capacity.STAFFS, Capacity.ADMITS}): "4.2",
    frozenset({Capacity.STAFFS, Capacity.EXTENDS}): "4.2",
    frozenset({Capacity.STAFFS, Capacity.IMPOSES_BAR}): "4.2",
    frozenset({Capacity.STAFFS, Capacity.DECIDES_PENALTY}): "4.2",
    frozenset({Capacity.STAFFS, Capacity.REVIEWS_PENALTY}): "4.2",
    frozenset({Capacity.STAFFS, Capacity.DRAFTS}): "4.2",
    frozenset({Capacity.STAFFS, Capacity.CONFIRMS}): "4.2",
    frozenset({Capacity.STAFFS, Capacity.DECIDES_ENDING}): "4.2",
    # 4.3 two tiers, two people
    frozenset({Capacity.REVIEWS_FIRST, Capacity.REVIEWS}): "4.3",
    frozenset({Capacity.DECIDES, Capacity.REVIEWS_FIRST}): "4.3",
    frozenset({Capacity.DECIDES, Capacity.REVIEWS}): "4.3",
    frozenset({Capacity.CHECKS_RESULTS, Capacity.ENTERS_RESULTS}): "4.3",
    frozenset({Capacity.CHECKS_RESULTS, Capacity.INVESTIGATES_RECHECK}): "4.3",
    frozenset({Capacity.ANSWERS_RECHECK, Capacity.ENTERS_RESULTS}): "4.3",
    frozenset({Capacity.ANSWERS_RECHECK, Capacity.INVESTIGATES_RECHECK}): "4.3",
    frozenset({Capacity.DECIDES_PENALTY, Capacity.REPORTS_INCIDENT}): "4.3",
    frozenset({Capacity.REVIEWS_PENALTY, Capacity.DECIDES_PENALTY}): "4.3",
    frozenset({Capacity.ADMITS, Capacity.ASKS_ADMISSION}): "4.3",
    frozenset({Capacity.DRAFTS, Capacity.REVIEWS_FIRST}): "4.3",
    frozenset({Capacity.DRAFTS, Capacity.REVIEWS}): "4.3",
    frozenset({Capacity.CONFIRMS, Capacity.REVIEWS_FIRST}): "4.3",
    frozenset({Capacity.CONFIRMS, Capacity.REVIEWS}): "4.3",
    frozenset({Capacity.CONFIRMS, Capacity.DRAFTS}): "4.3",
    frozenset({Capacity.DECIDES_ENDING, Capacity.REVIEWS_FIRST}): "4.3",
    frozenset({Capacity.DECIDES_ENDING, Capacity.REVIEWS}): "4.3",
    frozenset({Capacity.DECIDES_ENDING, Capacity.PROPOSES_ENDING}): "4.3",
    frozenset({Capacity.EXTENDS_VALIDITY, Capacity.DECLARES_DELAY}): "4.3",
    frozenset({Capacity.RECONCILES, Capacity.DRAFTS}): "4.3",
    frozenset({Capacity.RECONCILES, Capacity.CONFIRMS}): "4.3",
    frozenset({Capacity.RECONCILES, Capacity.DECIDES}): "4.3",
    # 4a the head never prepares what the head approves
    frozenset({Capacity.EXTENDS, Capacity.REVIEWS_FIRST}): "4a",
    frozenset({Capacity.EXTENDS, Capacity.REVIEWS}): "4a",
    frozenset({Capacity.EXTENDS, Capacity.DECIDES}): "4a",
    frozenset({Capacity.EXTENDS, Capacity.PROPOSES_EXTENSION}): "4a",
    frozenset({Capacity.EXTENDS, Capacity.ACCEPTS}): "4a",
    frozenset({Capacity.EXTENDS, Capacity.RECONCILES}): "4a",
    frozenset({Capacity.IMPOSES_BAR, Capacity.PROPOSES_BAR}): "4a",
    frozenset({Capacity.IMPOSES_BAR, Capacity.REVIEWS_FIRST}): "4a",
    frozenset({Capacity.IMPOSES_BAR, Capacity.REVIEWS}): "4a",
    frozenset({Capacity.DECIDES_PENALTY, Capacity.PROPOSES_PENALTY}): "4a",
    frozenset({Capacity.REVIEWS_PENALTY, Capacity.PROPOSES_PENALTY}): "4a",
    frozenset({Capacity.ACTIVATES_RULES, Capacity.DRAFTS_RULES}): "4a",
    # 4.4 nobody judges their own; asking, reporting and the rules themselves are no judgement of anybody
    **{frozenset({Capacity.IS_CANDIDATE, other}): "4.4" for other in Capacity if other not in NO_OFFICE},
    **{frozenset({Capacity.CONFLICTED, other}): "4.4" for other in Capacity if other not in NO_OFFICE},
}


@pytest.fixture
def case(organisations, monkeypatch):
    """A case of a model with sources of its own, so that the mechanism is tested apart from the apps."""
    monkeypatch.setattr(separation, "_sources", separation.defaultdict(list))
    return organisations["school"]


@pytest.mark.parametrize(("first", "second"), list(combinations_with_replacement(Capacity, 2)))
def test_the_table_of_pairs_both_ways_round(case, person, first, second):
    somebody = person()
    rule = FORBIDDEN.get(frozenset({first, second}))
    for acted_as, wants in ((first, second), (second, first)):
        separation._sources.clear()
        separation.register_source(Organisation, acted_as, lambda ids: {case_id: {somebody.pk} for case_id in ids})
        if rule is None:
            separation.require(somebody.pk, wants, case)
        else:
            with pytest.raises(SeparationBreach) as refusal:
                separation.require(somebody.pk, wants, case)
            assert rule in refusal.value.clause


def test_somebody_else_may(case, person):
    acted, other = person(), person()
    separation.register_source(Organisation, Capacity.REVIEWS_FIRST, lambda ids: {i: {acted.pk} for i in ids})
    separation.require(other.pk, Capacity.REVIEWS, case)


def test_sources_add_up(case, person):
    one, two = person(), person()
    separation.register_source(Organisation, Capacity.STAFFS, lambda ids: {i: {one.pk} for i in ids})
    separation.register_source(Organisation, Capacity.STAFFS, lambda ids: {i: {two.pk} for i in ids})
    for somebody in (one, two):
        with pytest.raises(SeparationBreach):
            separation.require(somebody.pk, Capacity.DECIDES, case)


def test_an_account_without_a_person_cannot_be_compared_and_is_refused(case):
    with pytest.raises(SeparationBreach):
        separation.require(None, Capacity.REVIEWS, case)


def test_bulk_asks_each_source_once_whatever_the_number_of_cases(organisations, person, monkeypatch):
    monkeypatch.setattr(separation, "_sources", separation.defaultdict(list))
    somebody, calls = person(), []

    def source(ids):
        calls.append(ids)
        return {ids[0]: {somebody.pk}}

    separation.register_source(Organisation, Capacity.REVIEWS_FIRST, source)
    cases = list(organisations.values())
    found = separation.breaches(somebody.pk, Capacity.REVIEWS, cases)
    assert set(found) == {cases[0].pk}
    assert len(calls) == 1
