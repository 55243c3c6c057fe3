"""The one runner: every entry by every check that the edition has in force, in one pass without a query."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from certification.people.checks import catalogue
from certification.people.checks.catalogue import Check, Ruled, Scope, nothing
from certification.people.checks.known import Known, know
from certification.people.checks.subject import Entry, Subject
from certification.people.models import Education, Sex
from certification.people.retiring import Retirements
from certification.refusals import Problem
from certification.rulebook import lookup

COLUMNS = {"identity": "身份证号码", "education": "文化程度", "job_type": "操作项目", "sex": "性别", "name": "姓名"}


class Finding(NamedTuple):
    """What one check says against one entry (None: against all of them together)."""

    entry: Entry | None
    ruled: Ruled
    problem: Problem


@dataclass
class Judging:
    """What checks are prepared with: for what, by which rules, and what is known of the people."""

    subject: Subject
    known: Known

    def values(self, code: str, area: str = "eligibility") -> dict[str, Any]:
        """The parameters of a rule of the subject's edition."""
        return lookup.values(area, code, self.subject.edition)

    def retires(self, entry: Entry) -> date:
        """When somebody retires; reckoned once for each entry."""
        if entry.retires is None:
            entry.retires = self.retirements.day(
                entry.birth_date, entry.own_sex, entry.female_class, entry.delay_months
            )
        return entry.retires

    def working_beyond(self, day: date) -> dict[str, date]:
        """By sex: who is born after this is certainly not retired on ``day``, whatever they declare."""
        return self.retirements.working_beyond(day)

    @cached_property
    def retirements(self) -> Retirements:
        """Retirement by the subject's edition."""
        return Retirements(self.subject.edition)


class Findings(NamedTuple):
    """Everything that was found, errors apart from warnings, and what it was judged with."""

    errors: list[Finding]
    warnings: list[Finding]
    judging: Judging
    judged: list[Ruled]
    entries: list[Entry]

    @property
    def known(self) -> Known:
        """What the province knew of the people."""
        return self.judging.known


def run(subject: Subject, entries: Iterable[Entry], known: Known | None = None) -> Findings:
    """Judge ``entries``: queries for what is known (unless given), then one pass.

    Raises UnknownRule where the subject's edition lacks a rule.
    """
    entries = list(entries)
    judging = Judging(subject, know(subject, entries) if known is None else known)
    prepared = _prepared(judging)
    found = [*_judge_each(prepared, entries), *_judge_whole(prepared, entries)]
    judged = [ruled for ruled, _judge in prepared]
    errors = [finding for finding in found if finding.ruled.severity == "error"]
    warnings = [finding for finding in found if finding.ruled.severity != "error"]
    return Findings(errors, warnings, judging, judged, entries)


def _prepared(judging: Judging) -> list[tuple[Ruled, Any]]:
    prepared = []
    for ruled in catalogue.ruled(judging.subject.edition):
        check = ruled.check
        if ruled.severity == "off" or (check.kinds and judging.subject.kind not in check.kinds):
            continue
        if check.scope == Scope.READING:
            prepared.append((ruled, None))
        elif check.prepare and (judge := check.prepare(judging)):
            prepared.append((ruled, judge))
    return prepared


def _judge_each(prepared: Sequence[tuple[Ruled, Any]], entries: list[Entry]) -> list[Finding]:
    """Check after check over all entries: the loop is short, for there may be ten thousand."""
    people = [entry for entry in entries if entry.birth_date is not None]
    refused = [entry for entry in entries if entry.refusal is not None]
    found = []
    for ruled, judge in prepared:
        scope = ruled.check.scope
        if scope == Scope.READING:
            found += [_refused(ruled, entry) for entry in refused if entry.refusal.code == ruled.check.code]
        elif scope in (Scope.ROW, Scope.PERSON) and judge is not nothing:
            asked = entries if scope == Scope.ROW else people
            said = [(entry, words) for entry in asked if (words := judge(entry)) is not None]
            found += [_finding(ruled, entry, words) for entry, words in said]
    return found


def _judge_whole(prepared: Sequence[tuple[Ruled, Any]], entries: list[Entry]) -> list[Finding]:
    whole = [(ruled, judge(entries)) for ruled, judge in prepared if ruled.check.scope == Scope.WHOLE]
    return [_finding(ruled, None, words) for ruled, words in whole if words is not None]


def _refused(ruled: Ruled, entry: Entry) -> Finding:
    refusal = entry.refusal
    return Finding(entry, ruled, _problem(ruled.check, entry, refusal.message, refusal.advice))


def _finding(ruled: Ruled, entry: Entry | None, words) -> Finding:
    words = {"条款": ruled.rule.clause, **words}
    check = ruled.check
    return Finding(entry, ruled, _problem(check, entry, check.says.format_map(words), check.remedy.format_map(words)))


def _problem(check: Check, entry: Entry | None, message: str, advice: str) -> Problem:
    return Problem(
        message,
        code=check.code,
        field=check.field,
        row=entry.row if entry else None,
        column=COLUMNS.get(check.field, ""),
        value=_written(entry, check.field) if entry else "",
        advice=advice,
    )


def _written(entry: Entry, name: str) -> str:
    """What the row says in the column of a finding."""
    if name == "identity":
        return entry.number
    if name == "education":
        return Education(entry.education).label
    if name == "sex":
        return Sex(entry.sex).label
    return getattr(entry, name, "")
