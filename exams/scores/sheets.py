"""The sheet of one part: its candidates and their results as they stand, and what may be entered for each."""

from collections.abc import Sequence
from typing import NamedTuple

from certification.refusals import Problem
from exams import standards
from exams.models import Candidate, ExamSession, Part, Result
from exams.scores import day_records
from exams.scores.day_records import Said
from exams.scores.rows import Row
from exams.scores.standing import examinees
from exams.states import ResultState


class _Wrong(NamedTuple):
    """One thing wrong with a row; ``column`` and ``value`` where it is one subject's."""

    code: str
    text: str
    column: str = ""
    value: str = ""


class Sheet:
    """``results`` are those of the session, read (and where something is written, locked) by the caller."""

    def __init__(self, session: ExamSession, part: Part, results: Sequence[Result]):
        self.part = part
        self.job_type = session.job_type.code
        self.candidates = {row.pk: row for row in examinees(session)}
        self.results = {row.candidate_id: row for row in results if row.part == part}
        self.theory = {row.candidate_id: row for row in results if row.part == Part.THEORY}
        self.day = day_records.of(session)

    def cancelled(self, candidate_id: int) -> bool:
        """Whether the decision on an incident cancels this part's score."""
        record = self.day.get((candidate_id, self.part))
        return record is not None and record.said is Said.CANCELLED

    def problems(self, number: int, row: Row, *, reading: bool = False) -> list[Problem]:
        """Everything wrong with one row. A second ``reading`` is only read: the state of the result is no matter."""
        candidate = self.candidates.get(row.candidate_id)
        if candidate is None:
            return [Problem("该考生不在本场次的准考名单中。", code="not_admitted", row=number)]
        said = self._values(candidate, row)
        if not reading:
            said = [*self._standing(candidate), *said, *self._against_the_day(row)]
        name = candidate.application.person.name
        field = f"candidate-{candidate.pk}"
        return [
            Problem(
                f"{name}：{one.text}",
                code=one.code,
                row=number,
                field=field,
                column=one.column or self.part.label,
                value=one.value,
            )
            for one in said
        ]

    def _standing(self, candidate: Candidate) -> list[_Wrong]:
        found = []
        application = candidate.application
        if self.part not in standards.parts_for(application.kind, application.rule_edition):
            found.append(_Wrong("no_such_part", f"{application.get_kind_display()}不考{self.part.label}。"))
        result = self.results.get(candidate.pk)
        if result is not None and result.state != ResultState.ENTERED:
            found.append(_Wrong("already_checked", "成绩已复核，如需更正请复核人退回。"))
        if self.part == Part.PRACTICAL and not self._theory_passed(candidate):
            found.append(_Wrong("theory_first", "理论成绩合格并复核后方可录入实操成绩。"))
        return found

    def _theory_passed(self, candidate: Candidate) -> bool:
        theory = self.theory.get(candidate.pk)
        return theory is not None and theory.passed and theory.state != ResultState.ENTERED

    def _against_the_day(self, row: Row) -> list[_Wrong]:
        """Against who signed in and who did not."""
        record = self.day.get((row.candidate_id, self.part))
        if record is None:
            return []
        if record.said is Said.PRESENT and row.absent:
            return [_Wrong("signed_in", "签到登记为已到，不能录为缺考；登记有误的，请考试组织单位更正签到。")]
        if record.said is Said.ABSENT and not row.absent:
            return [_Wrong("not_in_room", f"签到登记为{record.reason or record.said.value}，应录为缺考，不应有成绩。")]
        return []

    def _values(self, candidate: Candidate, row: Row) -> list[_Wrong]:
        if row.absent:
            return [_Wrong("absent_with_score", "缺考不应有成绩。")] if row.score is not None or row.veto else []
        standard = standards.part_standard(self.part, candidate.application.rule_edition, self.job_type)
        if row.score is None:
            return [] if self.cancelled(candidate.pk) else [_Wrong("missing", "请录入成绩或勾选缺考。")]
        found = []
        if not 0 <= row.score <= standard.total or row.score != round(row.score, 1):
            found.append(_Wrong("out_of_range", f"成绩应在 0 至 {standard.total} 之间，最多一位小数。"))
        codes = [subject.code for subject in standard.subjects]
        if codes and row.subscores and set(row.subscores) != set(codes):
            found.append(_Wrong("subscores_incomplete", f"请录入全部分项成绩（{'、'.join(codes)}）。"))
        if codes and not row.subscores:
            found.append(_Wrong("subscores_missing", f"请录入分项成绩（{'、'.join(codes)}）。"))
        if any(value < 0 for value in row.subscores.values()):
            found.append(_Wrong("out_of_range", "分项成绩不能为负数。"))
        found += self._above_points(row, standard)
        if row.subscores and sum(row.subscores.values()) != row.score:
            found.append(_Wrong("sum", "分项成绩之和与总成绩不一致。"))
        if row.veto and not standard.veto:
            found.append(_Wrong("no_veto", "该科目不设否决项。"))
        return found

    def _above_points(self, row: Row, standard: standards.PartStandard) -> list[_Wrong]:
        points = {subject.code: subject.points for subject in standard.subjects if subject.binding}
        return [
            _Wrong("above_points", f"{code} 为 {value:f} 分，超过该科目的 {points[code]} 分。", code, f"{value:f}")
            for code, value in row.subscores.items()
            if code in points and value > points[code]
        ]
