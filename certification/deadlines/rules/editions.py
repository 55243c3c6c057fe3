"""A changed rule is a new edition with a from-date (rules 1.4, 4a): administrators prepare it, the provincial head
puts it into force. An edition in force never changes, and cases keep the edition that they began under.
"""

from datetime import date

from django.db.models import Q
from simple_history.utils import bulk_create_with_history

from certification.organisations import access, separation
from certification.organisations.separation import Capacity
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.rulebook import drafting, lookup, meaning
from certification.rulebook.models import Rule, RuleEdition
from certification.workdays.wording import full_day
from certification.workflow import activity, log

PREPARE = "rules.prepare"
ACTIVATE = "rules.activate"
VIEW = "rules.view_editions"

STEPS = {
    "draft_edition": "起草",
    "copy_missing": "照录所缺规则",
    "change_rule": lambda detail: f"修改规则：{detail.get('title', '')}",
    "activate_edition": "启用",
}
CLAUSE = "规则 1.4"
ACTIVATION = "activate_edition"


@activity
def draft_edition(*, actor, now, code: str, name: str, source: str, note: str = "") -> RuleEdition:
    """A draft with every rule of the latest edition in force or to come. Raises Incomplete for a code that is taken
    or a text that is missing."""
    access.require(actor, PREPARE)
    problems = [
        Problem(f"请填写“{label}”。", field=field)
        for field, label, text in (("code", "版本代码", code), ("name", "名称", name), ("source", "依据", source))
        if not text.strip()
    ]
    if RuleEdition.objects.filter(code=code.strip()).exists():
        problems.append(Problem("此版本代码已有，请另取。", field="code"))
    if problems:
        raise Incomplete(problems)
    before = latest()
    edition = RuleEdition.objects.create(
        code=code.strip(), name=name.strip(), source=source.strip(), note=note.strip(), valid_from=now.date()
    )
    _add(drafting.copies(rules_of(before), edition))
    log([edition], "draft_edition", actor=actor, now=now, reason=f"自“{before}”照录", detail={"from": before.code})
    return edition


@activity
def copy_missing(*, actor, now, edition_id: int) -> list[Rule]:
    """Copy into a draft what it lacks of the latest edition; returns what was added."""
    access.require(actor, PREPARE)
    edition = _locked_draft(edition_id)
    added = drafting.copies(drafting.missing(rules_of(latest()), rules_of(edition)), edition)
    _add(added)
    log([edition], "copy_missing", actor=actor, now=now, detail={"rules": [f"{one.area}.{one.code}" for one in added]})
    return added


@activity
def change_rule(*, actor, now, rule_id: int, texts: dict[str, str], values: dict) -> Rule:
    """Change the texts and values of one rule of a draft. ``values`` replaces those that it names.

    Raises WrongState for an edition in force, Incomplete where the changed rule would mean nothing.
    """
    access.require(actor, PREPARE)
    rule = Rule.objects.select_related("edition").get(pk=rule_id)
    edition = _locked_draft(rule.edition_id)
    rule = Rule.objects.select_for_update(of=("self",)).get(pk=rule_id)
    for name in drafting.FIELDS:
        setattr(rule, name, texts.get(name, getattr(rule, name)))
    rule.values = {**rule.values, **values}
    if said := meaning.problems_of(rule):
        raise Incomplete([Problem(text) for text in said])
    rule.full_clean(exclude=["edition"])
    rule.save()
    lookup.forget()
    log(
        [edition], "change_rule", actor=actor, now=now, detail={"rule": f"{rule.area}.{rule.code}", "title": rule.title}
    )
    return rule


@activity
def activate_edition(*, actor, now, edition_id: int, valid_from: date) -> RuleEdition:
    """Put a draft into force from ``valid_from`` on.

    Raises WrongState for an edition that is in force already, SeparationBreach for whoever prepared it, Refusal for
    a day that is not after today and after the latest edition's, Incomplete with everything that is missing.
    """
    access.require(actor, ACTIVATE)
    # All editions are locked, so that two activations at once follow each other.
    list(RuleEdition.objects.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    edition = _locked_draft(edition_id)
    separation.require(actor, Capacity.ACTIVATES_RULES, edition)
    before = latest()
    _require_later(valid_from, before, now.date())
    if problems := problems_of(edition):
        raise Incomplete(problems, clause=CLAUSE)
    edition.valid_from, edition.active = valid_from, True
    edition.save()
    lookup.forget()
    log([edition], ACTIVATION, actor=actor, now=now, reason=f"自{full_day(valid_from)}起施行")
    return edition


def latest() -> RuleEdition:
    """The active edition with the last from-date, in force or to come: what a draft starts from and follows."""
    return RuleEdition.objects.filter(active=True).order_by("-valid_from").first()


def rules_of(edition: RuleEdition) -> list[Rule]:
    """The rules of an edition in the order in which they were added, read freshly."""
    return list(edition.rules.select_related("edition").order_by("pk"))


def problems_of(edition: RuleEdition) -> list[Problem]:
    """Everything that keeps a draft from coming into force."""
    return drafting.problems(rules_of(latest()), rules_of(edition))


def register_signatures() -> None:
    """Tell the one place of separation who worked on an edition and who put it into force; called when the app is
    ready. Both stand in the log alone, for every step of a draft."""
    for capacity, lines in (
        (Capacity.DRAFTS_RULES, Q(name__in=set(STEPS) - {ACTIVATION})),
        (Capacity.ACTIVATES_RULES, Q(name=ACTIVATION)),
    ):
        separation.register_source(RuleEdition, capacity, separation.logged(RuleEdition, lines))


def _add(rules: list[Rule]) -> None:
    if rules:
        bulk_create_with_history(rules, Rule)
    lookup.forget()


def _locked_draft(edition_id: int) -> RuleEdition:
    edition = RuleEdition.objects.select_for_update(of=("self",)).get(pk=edition_id)
    if edition.active:
        raise WrongState(
            f"“{edition}”已经启用，不能再改。", clause=CLAUSE, advice="请另拟一个新版本，自新的施行日期起适用。"
        )
    return edition


def _require_later(valid_from: date, before: RuleEdition, today: date) -> None:
    if valid_from <= today:
        raise Refusal("施行日期须在今天之后，已经开始的事项不受影响。", code="valid_from", clause=CLAUSE)
    if valid_from <= before.valid_from:
        raise Refusal(
            f"施行日期须在“{before}”的施行日期（{full_day(before.valid_from)}）之后。", code="valid_from", clause=CLAUSE
        )
