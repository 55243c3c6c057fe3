"""Files of scores as something that is imported: the clerk's entry, and the checker's second reading of the same part.

Both read the same columns and find the same mistakes. The entry becomes results; the reading only stands beside them,
so that the list of differences is made by the system and not by eye.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256

from django.urls import reverse
from simple_history.utils import bulk_create_with_history

from certification.imports.models import Import
from certification.imports.purposes import Change, Judgement, Purpose, Saved
from certification.imports.purposes import register as register_purpose
from certification.imports.states import OPEN, Standing
from certification.organisations import access, separation
from certification.organisations.separation import Capacity
from certification.records import bulk
from certification.refusals import Incomplete, Problem, Refusal
from certification.spreadsheets.columns import Column, Record
from certification.workflow import activity, lock, log
from exams import standards
from exams.models import Candidate, Part, Result, ResultReading, SessionPart
from exams.scores import results
from exams.scores.columns import score_columns
from exams.scores.rows import Row, differing
from exams.scores.sheets import Sheet
from exams.standards import PartStandard
from exams.states import SessionState

ENTRY, READING = "exam_scores", "exam_score_reading"


def register() -> None:
    """Let scores be imported."""
    common = {
        "unit": "人",
        "columns": _columns,
        "identify": ("ticket", "name"),
        "url": lambda import_: reverse("exams:results", args=[_place(import_).session_id]),
        "closed": lambda import_, now: _closed(_place(import_)),
    }
    register_purpose(
        Purpose(
            code=ENTRY,
            label="考试成绩",
            action="exams.results.enter",
            judge=lambda import_, records, today: _judge(import_, records, reading=False),
            save=_save_entry,
            shown=("ticket", "name", "score", "absent"),
            title=lambda import_: _title(import_, "成绩录入"),
            save_label="录入成绩",
            **common,
        )
    )
    register_purpose(
        Purpose(
            code=READING,
            label="核对成绩",
            action="exams.results.check",
            judge=lambda import_, records, today: _judge(import_, records, reading=True),
            save=_save_reading,
            shown=("ticket", "name", "score", "absent"),
            title=lambda import_: _title(import_, "成绩核对"),
            save_label="与录入成绩比对",
            **common,
        )
    )


def standard_of(place: SessionPart) -> PartStandard:
    """How the part is examined, of the session's job type: by the edition of the candidates in it, else by that of the
    day."""
    candidate = Candidate.objects.filter(session=place.session_id).select_related("application__rule_edition").first()
    edition = candidate.application.rule_edition if candidate else place.day
    return standards.part_standard(place.part, edition, place.session.job_type.code)


def kept(user, place: SessionPart, code: str) -> Import | None:
    """The upload of this part that waits to be saved, if the user's office has one."""
    waiting = Import.objects.visible_to(user).filter(
        purpose=code, subject_id=place.pk, organisation=user.organisation_id, state__in=OPEN
    )
    return waiting.defer("report").order_by("-pk").first()


@activity
def read_second(*, actor, now, session_id: int, part: str, rows: Sequence[Row]) -> list[ResultReading]:
    """Keep the checker's own reading of a part, instead of an earlier one of the same candidates.

    Raises SeparationBreach for who entered any of the scores, Incomplete with every problem of every row.
    """
    access.require(actor, "exams.results.check")
    session = results.held_session(actor, session_id)
    separation.require(actor, Capacity.CHECKS_RESULTS, session)
    part = Part(part)
    rows = [row.with_total() for row in rows]
    sheet = Sheet(session, part, list(Result.objects.filter(candidate__session=session)))
    problems = [
        problem
        for place, row in enumerate(rows, 1)
        for problem in sheet.problems(row.number or place, row, reading=True)
    ]
    if problems:
        raise Incomplete(problems)
    held = lock(ResultReading.objects.filter(candidate__session=session, part=part))
    before = {row.candidate_id: row for row in held}
    new, changed = [], []
    for row in rows:
        kept = before.get(row.candidate_id)
        (changed if kept else new).append(_reading(kept or ResultReading(), row, part, actor, now))
    bulk_create_with_history(new, ResultReading, default_user=actor, default_date=now)
    fields = ["absent", "score", "subscores", "veto", "read_by", "read_at"]
    bulk.change(changed, fields, actor=actor, at=now)
    log([session], "read_results", actor=actor, now=now, detail={"part": part.value, "persons": len(rows)})
    return [*new, *changed]


def _reading(reading: ResultReading, row: Row, part: Part, actor, now) -> ResultReading:
    reading.candidate_id, reading.part = row.candidate_id, part
    row.put_into(reading)
    reading.read_by, reading.read_at = actor, now
    return reading


def _place(import_: Import) -> SessionPart:
    return SessionPart.objects.select_related("session__job_type").get(pk=import_.subject_id)


def _title(import_: Import, what: str) -> str:
    place = _place(import_)
    return f"场次{place.session.number}{place.get_part_display()}{what}"


def _closed(place: SessionPart) -> Refusal | None:
    if place.session.state == SessionState.HELD:
        return None
    return Refusal(f"场次{place.session.number}{place.session.get_state_display()}，不能再办理成绩。", code="closed")


def _columns(import_: Import, today: date) -> list[Column]:
    place = _place(import_)
    return score_columns(place.part, standard_of(place))


class _File:
    """The rows of a file beside the sheet of their part."""

    def __init__(self, place: SessionPart, records: Sequence[Record]):
        self.held = list(Result.objects.filter(candidate__session=place.session_id).order_by("pk"))
        self.sheet = Sheet(place.session, Part(place.part), self.held)
        self.standard = standard_of(place)
        self.by_ticket = {row.ticket_number: row for row in self.sheet.candidates.values()}
        self.often = Counter(record["ticket"] for record in records if record["ticket"])
        self.problems: list[Problem] = []
        self.rows: list[Row] = []
        for record in records:
            self._take(record)

    @property
    def stamp(self) -> str:
        """What the results of the part are now, to notice that somebody was quicker."""
        said = [(row.pk, row.state, row.entered_at.isoformat()) for row in self.held]
        return sha256(repr(said).encode()).hexdigest()

    def _take(self, record: Record) -> None:
        self.problems += record.problems
        ticket = record["ticket"]
        if not ticket:
            return
        candidate = self.by_ticket.get(ticket)
        if candidate is None:
            self._refuse(record, "ticket", "本场次没有这个准考证号。", "请与准考名单核对。")
            return
        if self.often[ticket] > 1:
            self._refuse(record, "ticket", "同一准考证号在文件中出现多次。", "请只保留一行。")
        person = candidate.application.person
        if record["name"] and record["name"] != person.name:
            self._refuse(record, "name", f"与准考证号对应的考生“{person.name}”不一致。", "请核对准考证号和姓名。")
        if record["identity"] and record["identity"] != person.document_number:
            self._refuse(record, "identity", "与准考证号对应考生的证件号码不一致。", "请核对准考证号和证件号码。")
        if record.ok:
            self.rows.append(self._row(record, candidate.pk))

    def _row(self, record: Record, candidate_id: int) -> Row:
        codes = [subject.code for subject in self.standard.subjects]
        subscores = {code: record[code] for code in codes if record[code] is not None}
        row = Row(
            candidate_id,
            absent=bool(record["absent"]),
            score=record["score"],
            subscores=subscores,
            veto=bool(record["veto"]),
            drawn=(record["drawn"] or "")[:200],
            number=record.row,
        )
        return row.with_total()

    def _refuse(self, record: Record, key: str, message: str, advice: str) -> None:
        column = {"ticket": "准考证号", "name": "姓名", "identity": "证件号码"}[key]
        value = "" if key == "identity" else str(record[key] or "")
        self.problems.append(Problem(message, field=key, row=record.row, column=column, value=value, advice=advice))

    def changed(self) -> list[Row]:
        """The rows that are not on record just so."""
        return [row for row in self.rows if not self.same(row)]

    def same(self, row: Row) -> bool:
        held = self.sheet.results.get(row.candidate_id)
        return held is not None and row.says_what(held) and held.cancelled == self.sheet.cancelled(row.candidate_id)

    def warnings(self) -> list[Problem]:
        """Subscores above the usual share of their subject, where the job type's own is not known: no mistake."""
        usual = {subject.code: subject.points for subject in self.standard.subjects if not subject.binding}
        return [
            Problem(
                f"超过该科目通常的 {usual[code]} 分。",
                code="above_usual",
                field=code,
                row=row.number,
                column=code,
                value=f"{value:f}",
                advice="本操作项目的分值确实不同的，不必更改。",
            )
            for row in self.rows
            for code, value in row.subscores.items()
            if code in usual and value > usual[code]
        ]

    def missing(self) -> list[str]:
        """Who neither stands in the file nor has a score."""
        named = {row.candidate_id for row in self.rows}
        return [
            str(candidate)
            for pk, candidate in self.sheet.candidates.items()
            if pk not in named and pk not in self.sheet.results and self._due(candidate)
        ]

    def _due(self, candidate: Candidate) -> bool:
        theory = self.sheet.theory.get(candidate.pk)
        return self.sheet.part == Part.THEORY or (theory is not None and theory.passed)


def _judge(import_: Import, records: Sequence[Record], *, reading: bool) -> Judgement:
    file = _File(_place(import_), records)
    standings, changes, found = {}, {}, list(file.problems)
    for row in file.rows:
        held = file.sheet.results.get(row.candidate_id)
        if not reading and file.same(row):
            standings[row.number] = Standing.SAME
            continue
        found += [_in_file(problem) for problem in file.sheet.problems(row.number, row, reading=reading)]
        if held is not None:
            standings[row.number] = Standing.CHANGED if differing(held, row) else Standing.SAME
            changes[row.number] = [Change(*each) for each in differing(held, row)]
    notes = []
    if missing := file.missing():
        shown = "、".join(missing[:10]) + ("等" if len(missing) > 10 else "")
        notes.append(f"文件中没有、也尚无成绩的考生 {len(missing)} 人：{shown}。")
    if reading and changes:
        notes.append("“变更”是与已录入成绩不同之处：前为录入，后为本文件。比对后列入差异清单，不改变录入的成绩。")
    return Judgement(
        problems=found,
        warnings=file.warnings(),
        standings=standings,
        changes=changes,
        notes=notes,
        basis={"stamp": file.stamp},
    )


def _in_file(problem: Problem) -> Problem:
    """A problem of the sheet as one of the file: it names the row, not the field of a form."""
    return replace(problem, field="")


def _checked(import_: Import, records: Sequence[Record]) -> _File:
    """The rows as they were judged. Raises Incomplete where they are wrong now, or the results are others."""
    file = _File(_place(import_), records)
    if file.problems:
        raise Incomplete(file.problems)
    if import_.basis.get("stamp") != file.stamp:
        raise Incomplete([Problem("核对之后，有成绩被录入、更正或者复核。", code="overtaken")])
    return file


def _save_entry(import_: Import, records: Sequence[Record], *, actor, now) -> Saved:
    place = _place(import_)
    rows = _checked(import_, records).changed()
    results.enter_results(actor=actor, now=now, session_id=place.session_id, part=place.part, rows=rows)
    log([place.session], "import_results", actor=actor, now=now, detail={"part": place.part, "persons": len(rows)})
    url = reverse("exams:results", args=[place.session_id])
    return Saved(
        f"已录入 {len(rows)} 人的{place.get_part_display()}成绩，请由另一人复核。", url, {"persons": len(rows)}
    )


def _save_reading(import_: Import, records: Sequence[Record], *, actor, now) -> Saved:
    place = _place(import_)
    file = _checked(import_, records)
    read_second(actor=actor, now=now, session_id=place.session_id, part=place.part, rows=file.rows)
    held = file.sheet.results
    apart = sum(bool(differing(held[row.candidate_id], row)) for row in file.rows if row.candidate_id in held)
    sentence = f"已核对 {len(file.rows)} 人的{place.get_part_display()}成绩，与录入不同的 {apart} 人，列入差异清单。"
    url = reverse("exams:results", args=[place.session_id])
    return Saved(sentence, url, {"persons": len(file.rows), "different": apart})
