"""签到: who was at a lesson. The whole class is there unless somebody is marked otherwise; a correction is a new
version of the sheet, with its reason [四(一)]."""

from collections.abc import Mapping
from dataclasses import dataclass

from simple_history.utils import bulk_create_with_history

from certification import clock
from certification.organisations import access
from certification.records import bulk
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.workflow import activity, lock, log
from training.cases import NotFound
from training.lessons.attendance_window import require_open
from training.models import Attendance, Lesson, LessonMode, Presence, SignInSheet, Trainee
from training.states import LessonState, TraineeState

RECORD = "training.record_attendance"
THERE = (Presence.PRESENT, Presence.LATE)


@dataclass(frozen=True)
class Mark:
    """How one trainee stood, and a remark."""

    presence: str = Presence.PRESENT
    note: str = ""


class ChangedMeanwhile(Refusal):
    """Somebody else has recorded this sign-in since the page was opened."""

    code = "changed_meanwhile"


class NothingChanged(Refusal):
    """The sheet says already what was sent."""

    code = "nothing_changed"


@activity
def sign_in(
    *, actor, now, lesson_id: int, marks: Mapping[int, Mark], seen_version: int = 0, reason: str = ""
) -> SignInSheet:
    """Record the sign-in of a lesson: ``marks`` by trainee; whoever of the class is not among them was there.

    ``seen_version`` is the sheet's version that the actor saw (0: none yet). Raises ChangedMeanwhile where there is a
    later one by somebody else, NothingChanged, Incomplete (a correction without a reason, somebody who is not in the
    class), TooLate once attendance is closed, WrongState (not on site, cancelled, not yet that day), NotPermitted,
    NotFound.
    """
    access.require(actor, RECORD)
    lesson = _locked(actor, lesson_id)
    today = clock.day_of(now)
    _require_signable(lesson, today)
    before = lesson.sheets.select_related("recorded_by__person").order_by("-version").first()
    trainees = trainees_of(lesson)
    _require_in_class(marks, trainees)
    standing = {row.trainee_id: row for row in lock(Attendance.objects.filter(lesson=lesson))}
    wanted = {trainee.pk: marks.get(trainee.pk, Mark()) for trainee in trainees}
    changes = _changes(standing, wanted)
    if before is not None:
        _require_correction(before, seen_version, changes, reason)
    sheet = _write_sheet(lesson, before, wanted, changes, reason.strip(), actor=actor, now=now)
    _write_marks(sheet, standing, wanted, actor=actor, now=now)
    name = "correct_attendance" if before else "sign_in"
    detail = {"lesson": str(lesson), "present": sheet.present, "expected": sheet.expected, "version": sheet.version}
    log([lesson], name, actor=actor, now=now, reason=sheet.reason, detail=detail)
    if before is not None:
        log([lesson.plan], name, actor=actor, now=now, reason=sheet.reason, detail=detail)
    return sheet


def trainees_of(lesson: Lesson) -> list[Trainee]:
    """Who signs in at a lesson: everybody who is in the class now, in the order of the roster."""
    rows = Trainee.objects.filter(plan=lesson.plan_id, state=TraineeState.ENROLLED)
    return list(rows.select_related("person").order_by("pk"))


def _locked(actor, lesson_id: int) -> Lesson:
    rows = Lesson.objects.visible_to(actor).filter(pk=lesson_id)
    found = lock(rows.select_related("plan__institution", "plan__job_type", "plan__rule_edition"))
    if not found:
        raise NotFound("没有找到该课程。")
    access.require_own(actor, found[0].plan.institution_id)
    return found[0]


def _require_signable(lesson: Lesson, today) -> None:
    if lesson.state != LessonState.PLANNED:
        raise WrongState(f"“{lesson}”已取消，不签到。")
    if lesson.mode != LessonMode.ONSITE:
        raise WrongState(f"“{lesson}”是线上课程，学时由学习平台导入。")
    if lesson.day > today:
        raise WrongState(f"“{lesson}”还没有到上课日期，不能签到。")
    require_open(lesson.plan, today=today)


def _require_in_class(marks: Mapping[int, Mark], trainees: list[Trainee]) -> None:
    known = {trainee.pk for trainee in trainees}
    if strangers := [pk for pk in marks if pk not in known]:
        raise Incomplete(
            [Problem(f"有 {len(strangers)} 人不在本班名单中。", code="not_in_class", advice="请刷新后重新登记。")]
        )
    if not trainees:
        raise WrongState("本班还没有学员，不能签到。", advice="请先报送学员名单。")


def _require_correction(before: SignInSheet, seen_version: int, changes: list, reason: str) -> None:
    if before.version != seen_version:
        at = before.recorded_at.astimezone(clock.SHANGHAI)
        raise ChangedMeanwhile(
            f"{before.recorded_by}已于 {at:%H:%M} 登记了第 {before.version} 版签到（实到 {before.present} 人）。",
            advice="请核对现在的签到，如需更正请写明原因。",
        )
    if not changes:
        raise NothingChanged("签到没有变化，没有重复登记。")
    if not reason.strip():
        raise Incomplete([Problem("更正签到请写明原因。", code="required", field="reason")])


def _changes(standing: dict[int, Attendance], wanted: dict[int, Mark]) -> list[list]:
    """Trainee, from, to of each mark that differs from what stands."""
    changes = []
    for pk, mark in wanted.items():
        row = standing.get(pk)
        if row is None or (row.presence, row.note) != (mark.presence, mark.note):
            changes.append([pk, row.presence if row else "", str(mark.presence)])
    return changes


def _write_sheet(lesson, before, wanted, changes, reason: str, *, actor, now) -> SignInSheet:
    sheet = SignInSheet(
        lesson=lesson,
        version=before.version + 1 if before else 1,
        expected=len(wanted),
        present=sum(mark.presence in THERE for mark in wanted.values()),
        recorded_by=actor,
        recorded_at=now,
        reason=reason if before else "",
        changes=changes if before else [],
    )
    sheet._history_date = now
    sheet.save(force_insert=True)
    return sheet


def _write_marks(sheet: SignInSheet, standing, wanted: dict[int, Mark], *, actor, now) -> None:
    changed, added = [], []
    for pk, mark in wanted.items():
        row = standing.get(pk)
        if row is None:
            added.append(
                Attendance(lesson=sheet.lesson, trainee_id=pk, presence=mark.presence, note=mark.note, sheet=sheet)
            )
        elif (row.presence, row.note) != (mark.presence, mark.note):
            row.presence, row.note, row.sheet = mark.presence, mark.note, sheet
            changed.append(row)
    if changed:
        fields = ["presence", "note", "sheet"]
        bulk.change(changed, fields, actor=actor, at=now, reason=sheet.reason[:100])
    if added:
        bulk_create_with_history(added, Attendance, default_user=actor, default_date=now)
