"""Every problem of every row of a roster in one pass (rules 7), in a constant number of queries.

Problems refuse the roster whole; warnings do not block. What is judged stands in the catalogue of checks
(``certification.people.checks`` and ``class_checks``); here the roster is put before the runner.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from certification.people.checks import running
from certification.people.checks.catalogue import AREA
from certification.people.checks.running import Findings
from certification.people.checks.subject import Subject
from certification.people.models import Certificate
from certification.people.register import Key
from certification.refusals import Problem
from certification.rulebook import lookup
from certification.spreadsheets.columns import Record
from training import claims
from training.class_checks import BOUND, entry_of, subject_of
from training.models import Trainee, TrainingPlan
from training.states import TraineeState


@dataclass
class RosterCheck:
    """What a roster comes to. ``joining``, ``staying`` and ``leaving`` count against who is enrolled now."""

    records: Sequence[Record]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    certificates: dict[Key, Certificate] = field(default_factory=dict)
    enrolled: list[Trainee] = field(default_factory=list)

    @property
    def keys(self) -> set[Key]:
        """The documents on the roster, by type and number."""
        return {record["identity"].key for record in self.records if record["identity"]}

    @property
    def leaving(self) -> list[Trainee]:
        """Trainees enrolled now who are not on this roster."""
        keys = self.keys if self.enrolled else set()
        return [trainee for trainee in self.enrolled if trainee.person.key not in keys]

    @property
    def staying(self) -> int:
        """How many are enrolled now and stay."""
        return len(self.enrolled) - len(self.leaving)

    @property
    def joining(self) -> int:
        """How many are new."""
        return len(self.keys) - self.staying


def check_roster(plan: TrainingPlan, records: Sequence[Record], *, today: date) -> RosterCheck:
    """Check all rows of ``records`` (as ``roster_columns`` parsed them) against the plan's class."""
    check = judge_records(subject_of(plan, today), records)
    check.enrolled = list(
        Trainee.objects.filter(plan=plan, state=TraineeState.ENROLLED).select_related("person").order_by("pk")
    )
    check.problems[:0] = _bound_who_leave(plan, check)
    return check


def judge_records(subject: Subject, records: Sequence[Record]) -> RosterCheck:
    """Check rows for a job type and kind; there need not be a class. What could not be read of a row is a problem of
    it too. Problems and warnings in sheet order, those of the whole roster first."""
    entries = [entry_of(record) for record in records]
    found = running.run(subject, entries)
    check = RosterCheck(records, [problem for record in records for problem in record.problems])
    check.problems += [finding.problem for finding in found.errors]
    check.warnings = [finding.problem for finding in found.warnings]
    check.problems.sort(key=_row)
    check.warnings.sort(key=_row)
    check.certificates = _by_number(found, entries)
    return check


def _row(problem: Problem) -> int:
    return problem.row or 0


def _by_number(found: Findings, entries) -> dict[Key, Certificate]:
    held = found.known.certificates
    return (
        {(entry.document_type, entry.number): held[entry.person_id] for entry in entries if entry.person_id in held}
        if held
        else {}
    )


def _bound_who_leave(plan: TrainingPlan, check: RosterCheck) -> list[Problem]:
    """Nobody drops off a roster who stands in an exam application (check ``bound``)."""
    leaving = {trainee.pk: trainee for trainee in check.leaving}
    if not leaving:
        return []
    words = {"条款": lookup.rule(AREA, BOUND.code, plan.rule_edition).clause}
    return [
        Problem(
            BOUND.says.format_map({**words, "学员": leaving[trainee_id], "原因": why}),
            code=BOUND.code,
            advice=BOUND.remedy.format_map(words),
        )
        for trainee_id, why in claims.bound(list(leaving)).items()
    ]
