"""Preparing an edition: copying rules, comparing editions, and what an edition lacks before it may come into force.

Pure functions over rows that were read before; who may do it and when stands in
``certification.deadlines.rules.editions``.
"""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass

from certification.refusals import Problem
from certification.rulebook import meaning
from certification.rulebook.models import Rule, RuleEdition

Key = tuple[str, str]

FIELDS = ("title", "clause", "certainty", "explanation")
LABELS = {"title": "名称", "clause": "条款", "certainty": "依据等级", "explanation": "说明"}
KINDS = {bool: "是或否", int: "数字", float: "数字", str: "文字", list: "列表", dict: "表"}


@dataclass(frozen=True)
class FieldChange:
    """One thing of a rule that differs; None where the rule did not have it (or has it no more)."""

    name: str
    before: object
    after: object


@dataclass(frozen=True)
class RuleChange:
    """A rule that differs between two editions; ``before`` is None for a new one, ``after`` for one left out."""

    before: Rule | None
    after: Rule | None
    fields: tuple[FieldChange, ...] = ()

    @property
    def rule(self) -> Rule:
        return self.after or self.before

    @property
    def kind(self) -> str:
        if self.before is None:
            return "新增"
        return "取消" if self.after is None else "修改"


def copies(rules: Iterable[Rule], edition: RuleEdition) -> list[Rule]:
    """Unsaved copies of ``rules`` for ``edition``."""
    return [
        Rule(
            edition=edition,
            area=rule.area,
            code=rule.code,
            values=deepcopy(rule.values),
            **{name: getattr(rule, name) for name in FIELDS},
        )
        for rule in rules
    ]


def difference(before: Iterable[Rule], after: Iterable[Rule]) -> list[RuleChange]:
    """What changed from one edition to another: changed and added rules in the order of ``after``, then those left
    out."""
    old, new = _by_key(before), _by_key(after)
    changes = [_changed(old.get(key), rule) for key, rule in new.items()]
    changes += [RuleChange(rule, None) for key, rule in old.items() if key not in new]
    return [change for change in changes if change is not None]


def missing(reference: Iterable[Rule], draft: Iterable[Rule]) -> list[Rule]:
    """The rules of ``reference`` that ``draft`` has not."""
    present = _by_key(draft)
    return [rule for key, rule in _by_key(reference).items() if key not in present]


def problems(reference: Iterable[Rule], draft: Iterable[Rule]) -> list[Problem]:
    """Everything that keeps ``draft`` from coming into force after ``reference``: rules that are missing, values of
    another shape or of no ``meaning``. All at once, each with its rule."""
    reference, draft = list(reference), list(draft)
    found = [
        Problem(f"缺少“{rule.title}”（{rule.area}.{rule.code}）。", code="missing", field=f"{rule.area}.{rule.code}")
        for rule in missing(reference, draft)
    ]
    shapes = _by_key(reference)
    for key, rule in _by_key(draft).items():
        said = _shape_problems(shapes[key].values, rule.values) if key in shapes else []
        said += [] if said else meaning.problems_of(rule)
        said += _text_problems(rule)
        found += [Problem(f"“{rule.title}”：{text}", code="shape", field=f"{rule.area}.{rule.code}") for text in said]
    return found


def _changed(before: Rule | None, after: Rule) -> RuleChange | None:
    if before is None:
        return RuleChange(None, after)
    fields = [
        FieldChange(LABELS[name], getattr(before, name), getattr(after, name))
        for name in FIELDS
        if getattr(before, name) != getattr(after, name)
    ]
    names = [*before.values, *(name for name in after.values if name not in before.values)]
    fields += [
        FieldChange(name, before.values.get(name), after.values.get(name))
        for name in names
        if before.values.get(name) != after.values.get(name)
    ]
    return RuleChange(before, after, tuple(fields)) if fields else None


def _shape_problems(reference: dict, values: dict) -> list[str]:
    """The names that ``values`` lacks, and those that hold another kind of thing."""
    found = [f"缺少参数 {name}。" for name in reference if name not in values]
    for name, value in values.items():
        if name in reference and _kind(value) != _kind(reference[name]):
            found.append(f"参数 {name} 应为{_kind(reference[name])}，现为{_kind(value)}。")
    return found


def _text_problems(rule: Rule) -> list[str]:
    return [f"缺少{LABELS[name]}。" for name in ("title", "clause", "explanation") if not getattr(rule, name).strip()]


def _kind(value: object) -> str:
    return KINDS.get(type(value), "空")


def _by_key(rules: Iterable[Rule]) -> dict[Key, Rule]:
    return {(rule.area, rule.code): rule for rule in rules}
