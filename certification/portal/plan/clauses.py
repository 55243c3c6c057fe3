"""The plan's clauses, and the rules and screens that carry each out."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from certification.portal.plan.wording import AREAS
from certification.rulebook.models import Rule, RuleEdition

_TEXT = Path(__file__).parent / "clauses.toml"
_SEPARATORS = re.compile(r"[；;，,、]")
_WIDTHS = str.maketrans("（）", "()")
_LAST_LINE = {"四(末款)": "四(末)", "末款": "四(末)", "四末款": "四(末)"}


@dataclass(frozen=True)
class Clause:
    """One clause; ``code`` as rules cite it, e.g. 三(二)1."""

    code: str
    title: str
    text: str


@dataclass(frozen=True)
class Part:
    """One of the sections 一 to 四."""

    number: str
    title: str
    clauses: tuple[Clause, ...]


@cache
def parts() -> tuple[Part, ...]:
    """The sections in the order of the plan."""
    content = tomllib.loads(_TEXT.read_text("utf-8"))
    return tuple(
        Part(
            part["number"],
            part["title"],
            tuple(Clause(row["code"], row.get("title", ""), row["text"]) for row in part["clause"]),
        )
        for part in content["part"]
    )


@cache
def codes() -> frozenset[str]:
    """All clause codes, and the numbers of the sections for what concerns a section as a whole."""
    return frozenset(clause.code for part in parts() for clause in part.clauses) | {part.number for part in parts()}


def cited(clause: str) -> list[str]:
    """The clause codes that a rule's ``clause`` column names: "方案三（二）1；三（三）" gives 三(二)1 and 三(三).

    A citation of a whole item (三(二)) stands for the clauses below it (三(二)1, 三(二)2).
    """
    found: list[str] = []
    for part in _SEPARATORS.split(clause.translate(_WIDTHS)):
        code = "".join(part.split()).removeprefix("方案").strip("[]")
        code = _LAST_LINE.get(code, code)
        if code in codes():
            found.append(code)
        elif code:
            found.extend(sorted(known for known in codes() if re.fullmatch(rf"{re.escape(code)}\d", known)))
    return found


def rules_by_clause() -> dict[str, list[Rule]]:
    """The rules of all editions beside the clauses that they cite, oldest edition first; one query."""
    rules = Rule.objects.select_related("edition").order_by("edition__valid_from", "area", "pk")
    beside: dict[str, list[Rule]] = {code: [] for code in codes()}
    for rule in rules:
        for code in dict.fromkeys(cited(rule.clause)):
            beside[code].append(rule)
    return beside


def rules_by_area(edition: RuleEdition) -> dict[str, list[Rule]]:
    """The rules of one edition by area (in the order of ``AREAS``), as they were shipped; one query."""
    grouped: dict[str, list[Rule]] = {area: [] for area in AREAS}
    for rule in edition.rules.order_by("pk"):
        grouped.setdefault(rule.area, []).append(rule)
    return {area: found for area, found in grouped.items() if found}
