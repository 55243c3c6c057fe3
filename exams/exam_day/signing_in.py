"""Sign-in at the door (rules 8): who came, compared with card and photograph; late, not let in, absent.

Two desks and a double tap meet at the locked room: the same again is the same, another outcome is told to the second.
Rule values: ``exam_day.sign_in``; how late is too late is ``examination.late_entry``.
"""

from django.db import IntegrityError, transaction

from certification.clock import SHANGHAI
from certification.organisations import access
from certification.people import bars
from certification.refusals import Incomplete, NotPermitted, Problem, Refusal, WrongState
from certification.rulebook import lookup
from certification.workflow import activity, apply_one, lock, log
from exams.day_states import ROOM_RECORD, RecordState
from exams.exam_day.standing import AREA, missing, places, times
from exams.models import Attendance, Candidate, RoomRecord, RoomUse, Seat, SignIn, StaffAssignment
from exams.states import CandidateState, SessionState

SIGN_IN = "exams.day.sign_in"
CORRECT = "exams.day.correct"


class AlreadySigned(WrongState):
    """Another desk was faster, with another outcome."""

    code = "already_signed"


def causes(edition) -> dict[str, str]:
    """Why somebody may not be let in: code → words, by the edition."""
    return {one["code"]: one["text"] for one in lookup.values(AREA, "sign_in", edition)["refusals"]}


@activity
def sign_in(
    *, actor, now, seat_id: int, number: str = "", number_compared: bool = False, identity_compared: bool = False
) -> SignIn:
    """Let a candidate in: the number read off the card (or compared by eye), card and photograph compared with the
    person. Late within the limit is noted as late.

    Raises NotPermitted (not on duty in this room), WrongState before the door opens, once it is shut or after sign-in
    was closed, Incomplete with what was not compared or does not agree, Refusal ``barred``, AlreadySigned.
    """
    access.require(actor, SIGN_IN)
    seat = _locked_seat(actor, seat_id)
    problems = _identity_problems(seat.candidate, number, number_compared, identity_compared)
    if problems:
        raise Incomplete(problems, clause="方案四（二）")
    if before := _signed(seat):
        return _same(before, (Attendance.PRESENT, Attendance.LATE))
    _require_open(seat.use, now)
    if seat.candidate.application.person_id in bars.in_force([seat.candidate.application.person_id], seat.part.day):
        raise Refusal("该考生在禁考期内，不得入场。", code="barred", clause="方案四（二）", advice="请登记拒绝入场。")
    door = times(seat.part)
    if now > door.shuts:
        raise WrongState(
            f"已超过迟到时限（{door.shuts:%H:%M}），不得入场。",
            code="too_late",
            clause="准考证须知",
            advice="结束签到时登记为缺考。",
        )
    outcome = Attendance.LATE if now > door.starts else Attendance.PRESENT
    row = SignIn(outcome=outcome, number_read=bool(number.strip()), identity_compared=True)
    return _write(row, seat, actor=actor, now=now)


@activity
def refuse_entry(*, actor, now, seat_id: int, cause: str, note: str = "") -> SignIn:
    """Do not let a candidate in, for a cause of the edition's list; it counts as absent. Raises as ``sign_in``."""
    access.require(actor, SIGN_IN)
    seat = _locked_seat(actor, seat_id)
    known = causes(lookup.edition_on(seat.part.day))
    problems = [] if cause in known else [Problem("请选择不得入场的情形。", code="required", field="cause")]
    if cause == "OTHER" and not note.strip():
        problems.append(Problem("请写明情形。", code="required", field="note"))
    if problems:
        raise Incomplete(problems)
    if before := _signed(seat):
        return _same(before, (Attendance.REFUSED,))
    _require_open(seat.use, now)
    row = SignIn(outcome=Attendance.REFUSED, cause=cause, note=note.strip() or known[cause])
    return _write(row, seat, actor=actor, now=now)


@activity
def close_sign_in(*, actor, now, use_id: int) -> RoomRecord:
    """Whoever did not come is absent. Not before the door is shut. Twice is once.

    Raises NotPermitted, WrongState ``too_early``.
    """
    access.require(actor, SIGN_IN)
    use = locked_use(actor, use_id)
    record = record_of(use)
    if record.state != RecordState.SIGNING_IN:
        return record
    _require_held(use)
    door = times(use.part)
    if now <= door.shuts:
        raise WrongState(
            f"迟到的考生在 {door.shuts:%H:%M} 前仍可入场，尚不能结束签到。", code="too_early", clause="准考证须知"
        )
    absent = missing(places(use), use.part.part)
    for place in absent:
        _write(SignIn(outcome=Attendance.ABSENT), place.seat, actor=actor, now=now)

    def change(row: RoomRecord) -> None:
        row.closed_by, row.closed_at = actor, now

    apply_one(
        ROOM_RECORD,
        "close_sign_in",
        record,
        actor=actor,
        now=now,
        change=change,
        fields=("closed_by", "closed_at"),
        detail={"absent": len(absent)},
    )
    return record


@activity
def correct(*, actor, now, sign_in_id: int, outcome: str, reason: str) -> SignIn:
    """The organiser's officer corrects what was written at the door, with a reason; until results are entered.

    What was written before stays in history. Raises NotPermitted, Incomplete, WrongState.
    """
    access.require(actor, CORRECT)
    problems = [] if reason.strip() else [Problem("请填写更正原因。", code="required", field="reason")]
    if outcome not in (Attendance.PRESENT, Attendance.LATE, Attendance.ABSENT):
        problems.append(Problem("请选择更正后的签到情况。", code="required", field="outcome"))
    if problems:
        raise Incomplete(problems)
    found = lock(SignIn.objects.visible_to(actor).filter(pk=sign_in_id).select_related("part__session"))
    if not found:
        raise SignIn.DoesNotExist
    (row,) = found
    access.require_own(actor, row.part.session.organiser_id)
    if row.outcome == outcome:
        return row
    if row.candidate.results.filter(part=row.part.part, carried_from__isnull=True).exists():
        raise WrongState("该科成绩已经录入，不能再更正签到。", advice="请先由复核人退回，更正成绩。")
    detail = {"from": row.outcome, "to": outcome, "candidate": row.candidate_id}
    row.outcome, row.note = outcome, f"更正：{reason.strip()}"[:300]
    row.identity_compared = outcome != Attendance.ABSENT
    row.cause = ""
    row._history_user, row._history_date, row._change_reason = actor, now, reason.strip()[:100]
    row.save()
    log([row.candidate], "correct_sign_in", actor=actor, now=now, reason=reason.strip(), detail=detail)
    return row


def locked_use(actor, use_id: int) -> RoomUse:
    """The room in its part, locked, for whoever is on duty in it; raises DoesNotExist (not visible), NotPermitted."""
    rows = RoomUse.objects.in_force().filter(pk=use_id).select_related("part__session", "room__site")
    found = lock(rows)
    if not found:
        raise RoomUse.DoesNotExist
    require_on_duty(actor, found[0])
    return found[0]


def require_on_duty(actor, use: RoomUse) -> None:
    """Only who is on duty in this room acts at its door; whoever declined or was released is not."""
    serving = StaffAssignment.objects.filter(use=use, person=actor.person_id, ended_at__isnull=True)
    if actor.person_id is None or not serving.exists():
        raise NotPermitted("您不在本考场的考务人员中。")


def record_of(use: RoomUse) -> RoomRecord:
    """The record of a locked room; begun where there is none."""
    return RoomRecord.objects.filter(use=use).select_for_update(of=("self",)).first() or RoomRecord.objects.create(
        use=use
    )


def _locked_seat(actor, seat_id: int) -> Seat:
    """The seat, locked behind its room: the desks of a room take turns, as with who closes the sign-in."""
    use = locked_use(actor, Seat.objects.values_list("use", flat=True).get(pk=seat_id))
    found = lock(
        Seat.objects.filter(pk=seat_id, use=use).select_related("part__session", "candidate__application__person")
    )
    if not found:
        raise Seat.DoesNotExist
    (seat,) = found
    seat.use = use
    if seat.candidate.state != CandidateState.ADMITTED:
        raise WrongState(f"{seat.candidate}当前状态为“{seat.candidate.get_state_display()}”，不能签到。")
    return seat


def _signed(seat: Seat) -> SignIn | None:
    return SignIn.objects.filter(candidate=seat.candidate, part=seat.part).select_related("recorded_by").first()


def _require_held(use: RoomUse) -> None:
    if use.part.session.state != SessionState.HELD:
        raise WrongState(
            f"场次{use.part.session.number}当前状态为“{use.part.session.get_state_display()}”，不能签到。",
            advice="请考试组织单位先办理开考登记。",
        )


def _require_open(use: RoomUse, now) -> None:
    _require_held(use)
    if record_of(use).state != RecordState.SIGNING_IN:
        raise WrongState("本考场已结束签到。", advice="登记有误的，请考试组织单位更正。")
    if now < (door := times(use.part)).opens:
        raise WrongState(f"{door.opens:%m月%d日 %H:%M} 起方可签到。", code="too_early")


def _identity_problems(
    candidate: Candidate, number: str, number_compared: bool, identity_compared: bool
) -> list[Problem]:
    problems = []
    given = number.strip().replace(" ", "").upper()
    if given and given != candidate.application.person.document_number.upper():
        problems.append(
            Problem(
                "读取的证件号码与准考名单不一致。",
                code="number_differs",
                field="number",
                advice="请核对是否本人；确属他人的，登记拒绝入场并报告异常情况。",
            )
        )
    elif not given and not number_compared:
        problems.append(Problem("请读取证件号码，或者核对后勾选“号码一致”。", code="required", field="number_compared"))
    if not identity_compared:
        problems.append(Problem("请核对证件、照片与本人。", code="required", field="identity_compared"))
    return problems


def _same(before: SignIn, outcomes) -> SignIn:
    if before.outcome in outcomes:
        return before
    when = before.recorded_at.astimezone(SHANGHAI)
    raise AlreadySigned(
        f"{before.recorded_by}已于 {when:%H:%M} 登记为“{before.get_outcome_display()}”。",
        advice="登记有误的，请考试组织单位更正。",
    )


def _write(row: SignIn, seat: Seat, *, actor, now) -> SignIn:
    row.candidate, row.part, row.use = seat.candidate, seat.part, seat.use
    row.recorded_by, row.recorded_at = actor, now
    row._history_user, row._history_date = actor, now
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadySigned("该考生刚刚由他人登记，请刷新后查看。") from error
    log([seat.candidate], "sign_in", actor=actor, now=now, detail={"part": seat.part.part, "outcome": row.outcome})
    return row
