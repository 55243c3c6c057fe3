"""Reading rules: by area and code, in the edition that a case began under or that is in force on a day.

The rules of an active edition never change, so that they are kept in memory by the edition's id; which edition
is in force is asked of the database every time.
"""

from collections.abc import Iterable
from copy import deepcopy
from datetime import date

from django.db.models import Exists, OuterRef

from certification.rulebook.models import Rule, RuleEdition

_by_edition: dict[int, dict[tuple[str, str], Rule]] = {}
_by_id: dict[int, Rule] = {}


class UnknownRule(LookupError):
    """No such rule in the edition."""


def edition_on(day: date) -> RuleEdition:
    """The active edition in force on ``day``; raises RuleEdition.DoesNotExist before the first."""
    return RuleEdition.objects.in_force(day)


def edition_on_or_first(day: date) -> RuleEdition:
    """As ``edition_on``; what is older than the first edition is judged by that one."""
    return edition_on(max(day, RuleEdition.objects.filter(active=True).order_by("valid_from")[0].valid_from))


def editions_on(days: Iterable[date]) -> dict[date, RuleEdition]:
    """The edition of each day, as ``edition_on``; one query for any number of days."""
    active = list(RuleEdition.objects.filter(active=True).order_by("-valid_from"))
    found = {day: next((one for one in active if one.valid_from <= day), None) for day in set(days)}
    return {day: edition or edition_on(day) for day, edition in found.items()}


def rule(area: str, code: str, edition: RuleEdition | date) -> Rule:
    """One rule of an edition (or of the one in force on a day); raises UnknownRule."""
    edition = _edition(edition)
    found = _rules_of(edition).get((area, code))
    if found is None:
        raise UnknownRule(f"规则版本“{edition}”中没有规则 {area}.{code}。")
    return found


def values(area: str, code: str, edition: RuleEdition | date) -> dict:
    """The parameters of one rule, as a copy that the caller may change; raises UnknownRule."""
    return deepcopy(rule(area, code, edition).values)


def holds(area: str, code: str, name: str, day: str) -> Exists:
    """A condition on rows whose day stands in the column ``day``: the edition in force on it says of the rule that the
    value ``name`` is true. For what is asked of many rows of different days at once; no query of its own."""
    later = RuleEdition.objects.filter(
        active=True, valid_from__lte=OuterRef(OuterRef(day)), valid_from__gt=OuterRef("edition__valid_from")
    )
    said = Rule.objects.filter(
        area=area, code=code, edition__active=True, edition__valid_from__lte=OuterRef(day), **{f"values__{name}": True}
    )
    return Exists(said.exclude(Exists(later)))


def rules(edition: RuleEdition | date, area: str = "") -> list[Rule]:
    """All rules of an edition, or those of one area, in the order in which they were shipped."""
    return [rule for rule in _rules_of(_edition(edition)).values() if area in ("", rule.area)]


def by_id(rule_id: int) -> Rule:
    """A rule by its key, with its edition; from memory where an active edition was read before."""
    if rule_id not in _by_id:
        found = Rule.objects.select_related("edition").get(pk=rule_id)
        _rules_of(found.edition)
        return _by_id.get(rule_id, found)
    return _by_id[rule_id]


def forget() -> None:
    """Drop what is kept in memory; after loading."""
    _by_edition.clear()
    _by_id.clear()


def _edition(edition: RuleEdition | date) -> RuleEdition:
    return edition if isinstance(edition, RuleEdition) else edition_on(edition)


def _rules_of(edition: RuleEdition) -> dict[tuple[str, str], Rule]:
    kept = _by_edition.get(edition.pk)
    if kept is None:
        found = Rule.objects.filter(edition=edition).select_related("edition").order_by("pk")
        kept = {(rule.area, rule.code): rule for rule in found}
        if edition.active:
            _by_edition[edition.pk] = kept
            _by_id.update((rule.pk, rule) for rule in found)
    return kept
