"""Loads the shipped rules: editions from ``editions.toml``, rules from every installed app's ``rules.toml``.

A rules file holds ``[[rule]]`` tables: ``edition`` (default "1"), ``area``, ``code``, ``title``, ``clause``,
``certainty``, ``explanation`` and a table ``values``. Loading again changes nothing: editions and rules that are
in the database stay as they are there, because cases were decided by them; only what is missing is added, to the
editions that were prepared here as well.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.apps import apps
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from certification.rulebook import lookup, meaning
from certification.rulebook.drafting import copies, missing
from certification.rulebook.models import Certainty, Rule, RuleEdition

EDITIONS = Path(__file__).parent / "editions.toml"
FIRST_EDITION = "1"
TEXT_FIELDS = ("title", "clause", "certainty", "explanation")


class BadRuleFile(ValueError):
    """A shipped rules file is wrong; the message names file and rule."""


@dataclass
class Loaded:
    """What a run did: rules added, and stored rules that differ from the shipped ones and were left alone."""

    added: list[Rule] = field(default_factory=list)
    differing: list[Rule] = field(default_factory=list)


@transaction.atomic
def load_rules() -> Loaded:
    """Add the shipped editions and rules that the database does not hold yet. Raises BadRuleFile."""
    editions = {content["code"]: _edition(content) for content in _toml(EDITIONS)["edition"]}
    stored = {
        (rule.edition_id, rule.area, rule.code): rule
        for rule in Rule.objects.filter(edition__in=editions.values()).order_by("pk")
    }
    loaded = Loaded()
    for rule in _shipped(editions):
        before = stored.get((rule.edition_id, rule.area, rule.code))
        if before is None:
            loaded.added.append(rule)
        elif _differs(before, rule):
            loaded.differing.append(before)
    _add(loaded.added)
    carried = _carried_on()
    _add(carried)
    loaded.added += carried
    lookup.forget()
    return loaded


def rule_files() -> list[Path]:
    """Every installed app's rules file, in the order of the settings."""
    files = (Path(config.path) / "rules.toml" for config in apps.get_app_configs())
    return [path for path in files if path.exists()]


def _carried_on() -> list[Rule]:
    """For every edition in force copies of the rules that only the one before it has: an edition that somebody prepared
    and put in force before the program read a rule reads it as it was until then."""
    carried, before = [], []
    for edition in RuleEdition.objects.filter(active=True).order_by("valid_from"):
        rules = list(Rule.objects.filter(edition=edition).order_by("pk"))
        new = copies(missing(before, rules), edition)
        carried += new
        before = [*rules, *new]
    return carried


def _add(rules: list[Rule]) -> None:
    if rules:
        bulk_create_with_history(rules, Rule)


def _edition(content: dict) -> RuleEdition:
    edition, _created = RuleEdition.objects.get_or_create(code=content["code"], defaults=content)
    return edition


def _shipped(editions: dict[str, RuleEdition]) -> Iterator[Rule]:
    seen = set()
    for path in rule_files():
        for content in _toml(path).get("rule", []):
            rule = _rule(path, content, editions)
            key = (rule.edition_id, rule.area, rule.code)
            if key in seen:
                raise BadRuleFile(f"{path}: {rule.area}.{rule.code} stands twice")
            seen.add(key)
            yield rule


def _rule(path: Path, content: dict, editions: dict[str, RuleEdition]) -> Rule:
    content = dict(content)
    try:
        edition = editions[content.pop("edition", FIRST_EDITION)]
        rule = Rule(edition=edition, values=content.pop("values", {}), **content)
        Certainty(rule.certainty)
        if said := meaning.problems_of(rule):
            raise ValueError("".join(said))
    except (KeyError, TypeError, ValueError) as error:
        raise BadRuleFile(f"{path}: {content.get('area')}.{content.get('code')}: {error}") from error
    return rule


def _differs(stored: Rule, shipped: Rule) -> bool:
    fields = (*TEXT_FIELDS, "values")
    return any(getattr(stored, name) != getattr(shipped, name) for name in fields)


def _toml(path: Path) -> dict:
    return tomllib.loads(path.read_text("utf-8"))
