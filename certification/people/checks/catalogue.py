"""The catalogue of checks, and what an edition of the rules says of each.

A check is code: what is judged, what is said, what to do. The edition has a rule of area ``check`` for it: title,
clause, mark of certainty, and ``values`` {severity: error, warning or off}. Numbers stand in the rules that the check
names in ``parameters``. Apps add their own from ``AppConfig.ready``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from certification.catalogue.models import ApplicationKind
from certification.people.checks.subject import Entry
from certification.rulebook import lookup
from certification.rulebook.models import Rule, RuleEdition

if TYPE_CHECKING:
    from certification.people.checks.running import Judging

AREA = "check"
_BRACES = re.compile(r" ?\{(.+?)\} ?")
LEVELS = {"error": "错误", "warning": "提示", "off": "停用"}

# Words for the braces in the message, by name; None where there is nothing to say.
Words = Mapping[str, Any] | None
Judge = Callable[[Entry], Words]
# Made once for all entries of a run; None where the check does not apply to the subject, ``nothing`` where it applies
# and nobody is known of whom it could say something.
Prepare = Callable[["Judging"], Judge | None]
# Judges all entries together.
JudgeAll = Callable[[list[Entry]], Words]


def nothing(_entry: Entry) -> None:
    """The judge of a check that cannot find anything in this run; it is not asked."""


class Topic(StrEnum):
    """Under which heading a reader finds it."""

    NUMBER = "证件号码"
    PERSON = "人员条件"
    CERTIFICATE = "所持操作证"
    ROSTER = "名单和班级"
    HOURS = "实修学时"


class Scope(StrEnum):
    """What a check looks at."""

    READING = "READING"  # the number itself, when it is read
    ROW = "ROW"  # what is said of a person, whether or not the number could be read
    PERSON = "PERSON"  # the person whom the number names
    WHOLE = "WHOLE"  # the roster as a whole
    ELSEWHERE = "ELSEWHERE"  # judged by the activity that it belongs to


@dataclass(frozen=True)
class Check:
    """One check. ``says`` and ``remedy`` are sentences with {words} to fill in, of which {条款} is always there.

    ``field`` is the key of the column, ``holds`` says what a reviewer reads where there is nothing to say against.
    ``kinds`` are the kinds of application for which it is judged, none for all; ``when`` says in words where it is
    judged, if not everywhere.
    """

    code: str
    topic: Topic
    scope: Scope
    says: str
    remedy: str
    prepare: Callable[["Judging"], Any] | None = None
    field: str = ""
    kinds: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    holds: Callable[["Judging", Entry], str] | None = None
    when: str = ""

    def in_words(self, text: str) -> str:
        """``says`` or ``remedy`` for a reader, with the words that are filled in marked: 未满〔岁数〕周岁."""
        return _BRACES.sub("〔\\1〕", text)

    @property
    def kind_words(self) -> str:
        """For which kinds it is judged, in words."""
        return "、".join(ApplicationKind(kind).label for kind in self.kinds) or "全部"


@dataclass(frozen=True)
class Ruled:
    """A check with what one edition says of it."""

    check: Check
    rule: Rule

    @property
    def severity(self) -> str:
        """error, warning or off."""
        return self.rule.values["severity"]


_CHECKS: dict[str, Check] = {}


def register(checks: Iterable[Check]) -> None:
    """Add checks; those registered first are judged first. Raises ValueError for a code that stands for another."""
    for check in checks:
        if _CHECKS.setdefault(check.code, check) is not check:
            raise ValueError(f"two checks have the code {check.code}")


def checks() -> list[Check]:
    """All checks, in the order in which they are judged."""
    return list(_CHECKS.values())


def ruled(edition: RuleEdition) -> list[Ruled]:
    """All checks as ``edition`` has them. Raises UnknownRule where it lacks one."""
    return [Ruled(check, lookup.rule(AREA, check.code, edition)) for check in checks()]


def rule_problems(rule: Rule) -> list[str]:
    """What is wrong with the values of a rule of area check, in sentences; asked before its edition is in force."""
    check = _CHECKS.get(rule.code)
    severity = rule.values.get("severity")
    if check is None:
        return ["没有此代码的核验。"]
    if severity not in LEVELS:
        return [f"参数 severity 应为 {'、'.join(LEVELS)} 之一。"]
    if check.scope == Scope.READING and severity != "error":
        return ["号码本身的核验不能停用或者降为提示：没有正确的号码就不能登记人员。"]
    return []
