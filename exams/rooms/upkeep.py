"""What changes about a site and its rooms over time: levels reached, equipment with its validity, maintenance that
takes a room out of use (rules 8, [四(三)]). Rule values: ``examination.site_upkeep``."""

from collections.abc import Iterable
from datetime import date

from certification import clock
from certification.catalogue.models import JobType
from certification.organisations import access
from certification.refusals import Incomplete, Problem, WrongState
from certification.rulebook import lookup
from certification.workflow import activity, lock, log
from exams import standards
from exams.models import ExamRoom, ExamSite, RoomEquipment, RoomMaintenance, RoomTime, SiteUpgrade
from exams.rooms import seated
from exams.rooms.room_times import Span, conflicts, take, words

MANAGE = "exams.site.manage"
CLAUSE = "方案四（三）"


@activity
def record_upgrade(*, actor, now, site_id: int, level: str, since: date, document: str, changes: str) -> SiteUpgrade:
    """The site reached ``level`` on ``since``. Raises Incomplete: a day to come, one that has an entry already, a level
    that the edition in force does not know, no paper or no word of what was done."""
    access.require(actor, MANAGE)
    site = _own(ExamSite, actor, site_id, "organiser_id")
    problems = _missing({"document": document, "changes": changes})
    levels = standards.site_levels(lookup.edition_on(clock.day_of(now)))
    if since > clock.day_of(now):
        problems.append(Problem("达到该等级的日期不能晚于今天。", field="since"))
    if level not in levels:
        problems.append(Problem("请选择等级。", code="required", field="level"))
    if site.upgrades.filter(since=since).exists():
        problems.append(Problem("该日已登记过等级。", field="since", code="twice"))
    if problems:
        raise Incomplete(problems, clause=CLAUSE)
    row = SiteUpgrade.objects.create(
        site=site,
        level=level,
        since=since,
        document=document.strip(),
        changes=changes.strip(),
        recorded_by=actor,
        recorded_at=now,
    )
    log([site], "upgrade", actor=actor, now=now, detail={"level": levels[level]})
    return row


@activity
def equip(
    *, actor, now, room_id: int, job_types: Iterable[JobType], basis: str, valid_from: date, valid_until: date | None
) -> list[RoomEquipment]:
    """The room is equipped for ``job_types`` from a day on. Raises Incomplete, also for what is recorded from that day
    already; WrongState ``room_in_use`` where candidates sit there for a job type that it would not be equipped for."""
    access.require(actor, MANAGE)
    room, job_types = _own_room(actor, room_id), list(job_types)
    problems = _missing({"basis": basis}) + _wrong_days(valid_from, valid_until)
    if not job_types:
        problems.append(Problem("请选择操作项目。", code="required", field="job_types"))
    for row in room.equipment.filter(job_type__in=job_types, valid_from=valid_from).select_related("job_type"):
        problems.append(Problem(f"“{row.job_type}”自该日起的设备已登记。", field="valid_from", code="twice"))
    if problems:
        raise Incomplete(problems, clause=CLAUSE)
    with seated.kept(room, now=now):
        rows = [
            RoomEquipment.objects.create(
                room=room, job_type=job_type, basis=basis.strip(), valid_from=valid_from, valid_until=valid_until
            )
            for job_type in job_types
        ]
    log([room], "equip", actor=actor, now=now, detail={"job_types": [row.job_type.code for row in rows]})
    return rows


@activity
def change_equipment(*, actor, now, equipment_id: int, basis: str, valid_until: date | None) -> RoomEquipment:
    """A new end of the validity, and by what; what it was stays in history. Sessions that it no longer covers are
    refused their seats in the room. Raises Incomplete; WrongState ``room_in_use`` where candidates sit there already.
    """
    access.require(actor, MANAGE)
    row = _own(RoomEquipment, actor, equipment_id, "room__site__organiser_id")
    problems = _missing({"basis": basis}) + _wrong_days(row.valid_from, valid_until)
    if problems:
        raise Incomplete(problems, clause=CLAUSE)
    row.basis, row.valid_until = basis.strip(), valid_until
    with seated.kept(row.room, now=now):
        row.save(update_fields=["basis", "valid_until"])
    log([row.room], "equip", actor=actor, now=now, detail={"job_types": [row.job_type.code]})
    return row


@activity
def plan_maintenance(*, actor, now, room_id: int, starts_on: date, ends_on: date, reason: str) -> RoomMaintenance:
    """Take the room out of use for whole days. Raises Incomplete, and WrongState ``room_taken`` with the session that
    has it then: its candidates are first moved elsewhere, nobody is silently unseated."""
    access.require(actor, MANAGE)
    room = _own_room(actor, room_id)
    problems = _missing({"reason": reason})
    if starts_on < clock.day_of(now):
        problems.append(Problem("维护不能从过去的日期开始。", field="starts_on"))
    if ends_on < starts_on:
        problems.append(Problem("维护结束日期不能早于开始日期。", field="ends_on"))
    if problems:
        raise Incomplete(problems, clause=CLAUSE)
    span = Span.of_days(starts_on, ends_on)
    _require_free(room, span)
    row = RoomMaintenance.objects.create(
        room=room, starts_on=starts_on, ends_on=ends_on, reason=reason.strip(), planned_by=actor, planned_at=now
    )
    take([RoomTime(room=room, starts_at=span.starts_at, ends_at=span.ends_at, maintenance=row)])
    log(
        [room], "maintain", actor=actor, now=now, reason=reason.strip(), detail={"days": [f"{starts_on}", f"{ends_on}"]}
    )
    return row


@activity
def end_maintenance(*, actor, now, maintenance_id: int) -> RoomMaintenance:
    """The room may be used again, before the planned end or instead of the whole. Twice is once. Raises WrongState once
    the planned end has passed."""
    access.require(actor, MANAGE)
    row = _own(RoomMaintenance, actor, maintenance_id, "room__site__organiser_id")
    if row.ended_at is not None:
        return row
    if row.ends_on < clock.day_of(now):
        raise WrongState("维护已按计划结束。")
    row.ended_at, row.ended_by = now, actor
    row.save(update_fields=["ended_at", "ended_by"])
    _free_from(now, row)
    log([row.room], "maintained", actor=actor, now=now)
    return row


def _free_from(now, row: RoomMaintenance) -> None:
    times = RoomTime.objects.filter(maintenance=row)
    if now <= Span.of_days(row.starts_on, row.ends_on).starts_at:
        times.delete()
    else:
        times.update(ends_at=now)


def _require_free(room: ExamRoom, span: Span) -> None:
    for stands in conflicts({room.pk: span}).values():
        advice = "请调整维护日期。" if stands.maintenance_id else "请先将该场次改到其他考场或者改期。"
        code = "room_in_maintenance" if stands.maintenance_id else "room_taken"
        raise WrongState(f"考场“{room.name}”{words(stands)}。", code=code, clause="规则 8", advice=advice)


def _missing(said: dict[str, str]) -> list[Problem]:
    labels = {"document": "验收文号", "changes": "建设、升级内容", "basis": "验收、检验依据", "reason": "维护事由"}
    return [
        Problem(f"请填写{labels[field]}。", code="required", field=field)
        for field, text in said.items()
        if not text.strip()
    ]


def _wrong_days(valid_from: date, valid_until: date | None) -> list[Problem]:
    if valid_until is not None and valid_until < valid_from:
        return [Problem("有效期至不能早于有效期从。", field="valid_until")]
    return []


def _own_room(actor, room_id: int) -> ExamRoom:
    return _own(ExamRoom, actor, room_id, "site__organiser_id")


def _own(model, actor, pk: int, organiser: str):
    """The row, locked, of the actor's own organisation; raises DoesNotExist, NotPermitted."""
    found = lock(model.objects.visible_to(actor).filter(pk=pk))
    if not found:
        raise model.DoesNotExist
    holder = found[0]
    for name in organiser.split("__"):
        holder = getattr(holder, name)
    access.require_own(actor, holder)
    return found[0]
