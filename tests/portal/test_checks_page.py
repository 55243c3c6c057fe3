"""核验规则: what the machine checks, for a reader from outside."""

import re

import pytest

from certification.people.checks import catalogue
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition

pytestmark = pytest.mark.django_db


def test_every_check_is_there_with_words_clause_mark_and_severity(client_of, world):
    page = client_of("jigou").get("/rules/checks/").content.decode()
    for ruled in catalogue.ruled(RuleEdition.objects.get(code="1")):
        row = page.partition(f'<tr id="{ruled.check.code}">')[2].partition("</tr>")[0]
        assert ruled.rule.title in row
        assert ruled.rule.clause in row
        assert ruled.rule.get_certainty_display() in row
        assert catalogue.LEVELS[ruled.severity] in row
        assert ruled.check.in_words(ruled.check.says) in row
        assert "{" not in row


def test_parameters_lead_to_their_rules(client_of, world):
    page = client_of("jigou").get("/rules/checks/").content.decode()
    assert 'href="/rules/?edition=1#eligibility-retirement"' in page
    assert 'id="eligibility-retirement"' in client_of("jigou").get("/rules/").content.decode()


def test_a_draft_without_checks_says_so(client_of, world):
    page = client_of("jigou").get("/rules/checks/?edition=2026-draft").content.decode()
    assert "此版本没有单列的核验规则" in page


def test_it_is_linked_from_the_plan(client_of, world):
    assert 'href="/rules/checks/"' in client_of("jigou").get("/plan/").content.decode().partition("<main")[2]


def test_what_another_edition_says_is_shown_of_it(client_of, world):
    draft = RuleEdition.objects.get(code="2026-draft")
    rule = lookup.rule("check", "too_young", RuleEdition.objects.get(code="1"))
    rule.pk, rule.edition, rule.values = None, draft, {"severity": "warning"}
    rule.save()
    page = client_of("jigou").get("/rules/checks/?edition=2026-draft").content.decode()
    assert page.count("<tr id=") == 1
    lookup.forget()


def test_codes_stay_out_of_sight(client_of, world):
    page = client_of("jigou").get("/rules/checks/").content.decode().partition("<main")[2]
    read = re.sub(r"<[^>]*>", " ", page)
    assert not [check.code for check in catalogue.checks() if re.search(rf"\b{check.code}\b", read)]
