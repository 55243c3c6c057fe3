"""考场记录: the record of one room in one part, with the lines that the edition asks for, signed by its invigilators or
examiners (rules 8). A change takes back the signatures given; once all have signed it stands.

Rule values: ``exam_day.room_record``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from certification.documents.rendering import render_pdf
from certification.organisations import access
from certification.refusals import Incomplete, NotPermitted, Problem, WrongState
from certification.rulebook import lookup
from certification.workflow import activity, apply_one, log
from exams.day_states import ROOM_RECORD, RecordState
from exams.exam_day.signing_in import locked_use, record_of
from exams.exam_day.standing import AREA, Place, places, signers
from exams.models import Attendance, RecordSignature, RoomRecord, RoomUse, StaffAssignment

RECORD = "exams.day.record"
DOCUMENT = "exams/documents/room_record.html"


@dataclass(frozen=True)
class Line:
    """One line of the record. ``ordinary`` is the answer where nothing is amiss; any other asks for a remark."""

    code: str
    text: str
    ordinary: str
    other: str


def lines(edition) -> list[Line]:
    """The lines that the edition asks for."""
    return [Line(**one) for one in lookup.values(AREA, "room_record", edition)["lines"]]


@activity
def write(
    *,
    actor,
    now,
    use_id: int,
    started_at: time | None,
    ended_at: time | None,
    answers: Mapping[str, tuple[str, str]],
    remarks: str = "",
) -> RoomRecord:
    """Fill in the record: ``answers`` maps the code of a line to its answer and a remark.

    Raises NotPermitted (not on duty here, or not who signs), WrongState before sign-in is closed or once all have
    signed, Incomplete with every line that lacks something.
    """
    access.require(actor, RECORD)
    use = locked_use(actor, use_id)
    _require_signer(actor, use)
    record = record_of(use)
    asked = lines(lookup.edition_on(use.part.day))
    problems = [*_time_problems(started_at, ended_at), *_line_problems(asked, answers)]
    if problems:
        raise Incomplete(problems, clause="规则 8")
    written = [
        {"code": line.code, "text": line.text, "answer": answers[line.code][0], "remark": answers[line.code][1].strip()}
        for line in asked
    ]

    def change(row: RoomRecord) -> None:
        row.started_at, row.ended_at = started_at, ended_at
        row.lines, row.remarks = written, remarks.strip()
        row.written_by, row.written_at = actor, now

    fields = ("started_at", "ended_at", "lines", "remarks", "written_by", "written_at")
    apply_one(ROOM_RECORD, "write", record, actor=actor, now=now, change=change, fields=fields)
    for given in record.signatures.filter(withdrawn_at__isnull=True):
        given.withdrawn_at = now
        given.save(update_fields=["withdrawn_at"])
    return record


@activity
def sign(*, actor, now, use_id: int, as_read: str) -> RoomRecord:
    """Sign the record as it was read (``as_read`` is its ``fingerprint``). The last signature completes it; a second
    one of the same person is the first.

    Raises NotPermitted, WrongState: nothing written yet, changed meanwhile.
    """
    access.require(actor, RECORD)
    use = locked_use(actor, use_id)
    duty = _require_signer(actor, use)
    record = record_of(use)
    if record.signatures.filter(person=actor.person_id, withdrawn_at__isnull=True).exists():
        return record
    if record.written_at is None:
        raise WrongState("考场记录还没有填写，不能签名。", code="not_written")
    if as_read != fingerprint(record):
        raise WrongState("考场记录刚刚由他人更改。", code="changed", advice="请重新阅读后签名。")
    apply_one(ROOM_RECORD, "sign", record, actor=actor, now=now)
    signature = RecordSignature(
        record=record, person_id=actor.person_id, duty=duty.duty, signed_by=actor, signed_at=now
    )
    signature._history_date = now
    signature.save(force_insert=True)
    signed = set(record.signatures.filter(withdrawn_at__isnull=True).values_list("person", flat=True))
    if all(row.person_id in signed for row in signers(use.pk)):
        apply_one(ROOM_RECORD, "complete", record, actor=actor, now=now)
        log([use.part.session], "room_recorded", actor=actor, now=now, detail={"room": use.room.name})
    return record


def fingerprint(record: RoomRecord) -> str:
    """Which writing of the record somebody has before their eyes."""
    return record.written_at.isoformat() if record.written_at else ""


@dataclass(frozen=True)
class Tally:
    """How many were due, came (late ones among them), were not let in, were absent."""

    due: int
    came: int
    late: int
    refused: int
    absent: int


def tally(found: list[Place]) -> Tally:
    """The numbers of a room, from its seats."""
    outcomes = [place.sign_in.outcome for place in found if place.sign_in]
    late = outcomes.count(Attendance.LATE)
    return Tally(
        due=len(found),
        came=outcomes.count(Attendance.PRESENT) + late,
        late=late,
        refused=outcomes.count(Attendance.REFUSED),
        absent=outcomes.count(Attendance.ABSENT),
    )


def document(use: RoomUse, record: RoomRecord) -> bytes:
    """The record as PDF: room, numbers, who did not sit, lines, incidents, signatures."""
    found = places(use)
    context = {
        "use": use,
        "part": use.part,
        "session": use.part.session,
        "record": record,
        "tally": tally(found),
        "not_sitting": [place for place in found if place.sign_in and not place.sign_in.came],
        "incidents": list(use.incidents.select_related("candidate__application__person").order_by("happened_at", "pk")),
        "signatures": list(record.signatures.filter(withdrawn_at__isnull=True).select_related("person").order_by("pk")),
        "waiting": record.state != RecordState.SIGNED,
        "title": "考场记录",
    }
    return render_pdf(DOCUMENT, context)


def _require_signer(actor, use: RoomUse) -> StaffAssignment:
    for row in signers(use.pk):
        if row.person_id == actor.person_id:
            return row
    raise NotPermitted("考场记录由本考场的监考员、考评员填写和签名。")


def _time_problems(started_at: time | None, ended_at: time | None) -> list[Problem]:
    problems = []
    if started_at is None:
        problems.append(Problem("请填写实际开始时间。", code="required", field="started_at"))
    if ended_at is None:
        problems.append(Problem("请填写实际结束时间。", code="required", field="ended_at"))
    if started_at and ended_at and ended_at <= started_at:
        problems.append(Problem("实际结束时间应晚于开始时间。", field="ended_at"))
    return problems


def _line_problems(asked: list[Line], answers: Mapping[str, tuple[str, str]]) -> list[Problem]:
    problems = []
    for line in asked:
        answer, remark = answers.get(line.code, ("", ""))
        if answer not in (line.ordinary, line.other):
            problems.append(Problem(f"请填写：{line.text}。", code="required", field=f"answer_{line.code}"))
        elif answer == line.other and not remark.strip():
            problems.append(Problem("请写明情况。", code="required", field=f"remark_{line.code}"))
    return problems
