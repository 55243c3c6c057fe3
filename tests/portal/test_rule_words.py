"""Parameters of rules are shown in words: on the page of the rules and where editions are compared."""

import re
from itertools import chain

import pytest

from certification.portal.plan.wording import values_in_words
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition


@pytest.mark.django_db
def test_every_parameter_of_the_shipped_rules_has_a_name(world):
    editions = RuleEdition.objects.all()
    rules = chain.from_iterable(lookup.rules(edition) for edition in editions)
    unnamed = {
        f"{rule.area}.{rule.code}: {name}"
        for rule in rules
        for name, _value in values_in_words(rule.values)
        if re.search(r"[a-z]{2,}", name)
    }
    assert unnamed == set()
