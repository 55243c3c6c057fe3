"""Loading rules from TOML, and looking them up."""

from datetime import date

import pytest

from certification.rulebook import lookup
from certification.rulebook.drafting import copies
from certification.rulebook.loading import BadRuleFile, load_rules, rule_files
from certification.rulebook.models import Certainty, Rule, RuleEdition

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded():
    return load_rules()


def test_loading_twice_changes_nothing(loaded):
    before = (Rule.objects.count(), Rule.history.count(), RuleEdition.history.count())
    assert loaded.added
    again = load_rules()
    assert (again.added, again.differing) == ([], [])
    assert (Rule.objects.count(), Rule.history.count(), RuleEdition.history.count()) == before


def test_a_stored_rule_is_never_overwritten(loaded):
    rule = Rule.objects.get(edition__code="1", area="training", code="class_capacity")
    rule.values = {**rule.values, "maximum": 60}
    rule.save()
    assert load_rules().differing == [rule]
    rule.refresh_from_db()
    assert rule.values["maximum"] == 60


def test_an_edition_that_was_put_in_force_here_gets_the_rules_that_are_new(loaded):
    first = RuleEdition.objects.get(code="1")
    own = RuleEdition.objects.create(code="own", name="本省修订", valid_from=date(2026, 1, 1), active=True)
    Rule.objects.bulk_create(copies(Rule.objects.filter(edition=first), own))
    new = {"area": "training", "code": "class_capacity"}
    Rule.objects.filter(**new).delete()
    assert [rule.edition.code for rule in load_rules().added] == ["1", "own"]
    assert lookup.values("training", "class_capacity", own) == lookup.values("training", "class_capacity", first)
    assert load_rules().added == []


def test_edition_1_is_in_force_from_its_day_and_the_draft_never(loaded):
    assert lookup.edition_on(date(2023, 4, 1)).code == "1"
    assert lookup.edition_on(date(2030, 1, 1)).code == "1"
    with pytest.raises(RuleEdition.DoesNotExist):
        lookup.edition_on(date(2023, 3, 31))


def test_the_draft_holds_only_confirmed_differences_and_says_what_is_missing(loaded):
    draft = RuleEdition.objects.get(code="2026-draft")
    assert not draft.active
    assert "全文" in draft.note
    rules = lookup.rules(draft)
    assert rules
    assert {rule.certainty for rule in rules} == {Certainty.CONFIRMED}
    assert "PERIODIC_REVIEW" not in lookup.values("examination", "kinds", draft)["kinds"]


def test_values_are_copies(loaded):
    edition = lookup.edition_on(date(2026, 1, 1))
    lookup.values("eligibility", "education_minimum", edition)["groups"].clear()
    assert lookup.values("eligibility", "education_minimum", edition)["groups"]


def test_an_unknown_rule_says_so(loaded):
    with pytest.raises(lookup.UnknownRule, match="nonsense"):
        lookup.values("deadline", "nonsense", date(2026, 1, 1))


def test_rules_of_an_active_edition_are_read_once(loaded, django_assert_num_queries):
    edition = lookup.edition_on(date(2026, 1, 1))
    rule = lookup.rule("deadline", "decision", edition)
    with django_assert_num_queries(0):
        assert lookup.rule("deadline", "roster", edition).code == "roster"
        assert lookup.by_id(rule.pk) is rule


def test_every_rule_has_title_clause_and_explanation_in_chinese(loaded):
    for rule in Rule.objects.all():
        assert rule.title, rule.code
        assert rule.clause, rule.code
        assert rule.explanation.endswith("。"), rule.code
        assert not set("，。；：（）").isdisjoint(rule.explanation), rule.code
        assert not set(",;()") & set(rule.explanation), rule.code


def test_values_that_the_facts_fix(loaded):
    edition = lookup.edition_on(date(2026, 1, 1))
    assert lookup.values("eligibility", "age_minimum", edition) == {"years": 18}
    theory = lookup.values("examination", "theory", edition)
    assert (theory["minutes"], theory["total"], theory["pass"]) == (120, 100, 80)
    assert lookup.values("examination", "part_validity", edition) == {"months": 12}
    assert lookup.values("examination", "parts", edition)["RENEWAL"] == ["THEORY"]
    assert [one["code"] for one in lookup.values("examination", "practical", edition)["subjects"]] == [
        "K1",
        "K2",
        "K3",
        "K4",
    ]
    assert lookup.values("certificate", "validity", edition)["years"] == 6
    assert lookup.values("certificate", "review", edition)["years"] == 3
    education = lookup.values("eligibility", "education_minimum", edition)
    assert education["default"] == "JUNIOR_HIGH"
    assert education["groups"]["09"] == "SENIOR_HIGH"


def test_a_wrong_file_is_named(monkeypatch, tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text('[[rule]]\narea = "deadline"\ncode = "x"\ntitle = "某"\ncertainty = "GUESS"\n', "utf-8")
    monkeypatch.setattr("certification.rulebook.loading.rule_files", lambda: [path])
    with pytest.raises(BadRuleFile, match="rules.toml: deadline.x"):
        load_rules()
    assert not Rule.objects.exists()


def test_a_rule_that_means_nothing_to_its_readers_is_named(monkeypatch, tmp_path):
    path = tmp_path / "rules.toml"
    rule = """[[rule]]
area = "examination"
code = "practical"
title = "某"
certainty = "KNOWN"
[rule.values]
total = 100
subjects = [{ code = "K1", name = "科目一", points = 99 }]
"""
    path.write_text(rule, "utf-8")
    monkeypatch.setattr("certification.rulebook.loading.rule_files", lambda: [path])
    with pytest.raises(BadRuleFile, match="rules.toml: examination.practical: 各科目分值之和与总分不一致"):
        load_rules()
    assert not Rule.objects.exists()


def test_rules_stand_beside_the_code_that_reads_them():
    assert {path.parent.name for path in rule_files()} >= {"deadlines", "people", "training", "exams", "approvals"}
