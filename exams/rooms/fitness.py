"""Whether a room can serve for a job type on a day: kept for the part, in use, equipped and valid on that day, not in
maintenance, not taken (rules 8). Whoever is refused is told why, room by room."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Case, Exists, OuterRef, Q, When

from certification.catalogue.models import JobType
from certification.refusals import Problem, Refusal
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.workdays.wording import plain_day
from exams import standards
from exams.models import ExamRoom, ExamSession, ExamSite, Part, RoomEquipment, SessionPart
from exams.rooms.room_times import Span, conflicts, refusal_of

CLAUSE = "方案四（三）、规则 8"


def valid_on(day) -> Q:
    """A condition on equipment: valid on ``day``, a date or the column that holds it."""
    return Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gte=day))


def usable() -> Case:
    """Whether a room that was given to a part of a session can still be used on its day: of ``RoomUse``."""
    own = RoomEquipment.objects.filter(room=OuterRef("room"))
    valid = own.filter(valid_on(OuterRef("part__day")), job_type__code=OuterRef("part__session__job_type__code"))
    required = Q()
    for part in Part:
        said = lookup.holds(
            standards.EXAMINATION, standards.ROOM_EQUIPMENT, standards.record_required(part), "part__day"
        )
        required |= Q(part__part=part) & said
    fit = Q(room__active=True) & (Exists(valid) | ~Exists(own) & ~required)
    return Case(When(fit, then=True), default=False)


def unequipped(rooms: Iterable[ExamRoom], job_type: JobType, days: Mapping[int, date]) -> dict[int, Refusal]:
    """Which rooms are not equipped for the job type on their day, and why: room id → refusal. Whether
    one with nothing on record serves for all is said by the edition of the day (``room_equipment``). Two queries."""
    rooms = list(rooms)
    editions = lookup.editions_on(days[room.pk] for room in rooms)
    recorded: dict[int, list[RoomEquipment]] = defaultdict(list)
    for row in RoomEquipment.objects.filter(room__in=rooms).select_related("job_type").order_by("valid_from", "pk"):
        recorded[row.room_id].append(row)
    found = {}
    for room in rooms:
        day = days[room.pk]
        if refusal := _why_unequipped(room, recorded[room.pk], job_type, day, editions[day]):
            found[room.pk] = refusal
    return found


def unfit(rooms: Iterable[ExamRoom], session: ExamSession, part: str, time) -> dict[int, Refusal]:
    """Which rooms cannot be given to ``part`` of ``session`` at ``time`` (the part itself, or a time that it is to
    have), and why: room id → refusal. Three queries."""
    rooms = list(rooms)
    span = Span.of(time)
    taken = conflicts({room.pk: span for room in rooms}, but_session=session.pk)
    found = {room.pk: refusal_of(room, taken[room.pk]) for room in rooms if room.pk in taken}
    found |= unequipped(rooms, session.job_type, {room.pk: time.day for room in rooms})
    for room in rooms:
        if refusal := _why_wrong(room, session, part):
            found[room.pk] = refusal
    return found


def require_fit(rooms: Iterable[ExamRoom], session: ExamSession, place: SessionPart) -> None:
    """Raise why rooms cannot be given to the part: all of them at once, with the code of the first."""
    refusals = list(unfit(rooms, session, place.part, place).values())
    if refusals:
        raise _together(refusals)


def site_problems(site: ExamSite, job_type: JobType, times: Mapping) -> list[Problem]:
    """The parts for which the site has no room that is equipped and not in maintenance at that time (whatever sessions
    take rooms, which are given later). Five queries at most."""
    problems = []
    rooms = list(ExamRoom.objects.filter(site=site, active=True).order_by("name", "pk"))
    for part, time in times.items():
        own = [room for room in rooms if room.part == part]
        out = {pk: row for pk, row in conflicts({room.pk: Span.of(time) for room in own}).items() if row.maintenance_id}
        why = {room.pk: refusal_of(room, out[room.pk]) for room in own if room.pk in out}
        why |= unequipped(own, job_type, {room.pk: time.day for room in own})
        if len(why) == len(own):
            problems.append(_no_room(site, job_type, Part(part), time.day, list(why.values())))
    return problems


def _why_wrong(room: ExamRoom, session: ExamSession, part: str) -> Refusal | None:
    if room.site_id != session.site_id:
        return _unfit(f"考场“{room.name}”不属于考试点“{session.site}”。")
    if room.part != part:
        return _unfit(f"考场“{room.name}”是{room.get_part_display()}考场，不能用于{Part(part).label}考试。")
    if not room.active:
        return _unfit(f"考场“{room.name}”已停用。")
    return None


def _why_unequipped(
    room: ExamRoom, recorded: list[RoomEquipment], job_type: JobType, day: date, edition: RuleEdition
) -> Refusal | None:
    if not recorded:
        serves = standards.unrecorded_serves(room.part, edition)
        return None if serves else _unfit(f"考场“{room.name}”没有登记考试设备，不能安排考试。")
    own = [row for row in recorded if row.job_type.code == job_type.code]
    if any(row.valid_from <= day and (row.valid_until or day) >= day for row in own):
        return None
    if not own:
        return _unfit(f"考场“{room.name}”没有配备“{job_type}”的考试设备。")
    before = [row for row in own if row.valid_from <= day]
    if not before:
        return _expired(f"考场“{room.name}”的“{job_type}”设备自{plain_day(own[0].valid_from)}起才有效，", day)
    until = max(row.valid_until for row in before)
    return _expired(f"考场“{room.name}”的“{job_type}”设备有效期至{plain_day(until)}，", day)


def _expired(said: str, day: date) -> Refusal:
    return Refusal(
        f"{said}考试当日（{plain_day(day)}）无效。",
        code="equipment_expired",
        clause=CLAUSE,
        advice="请改用其他考场，或者检验合格后登记新的有效期。",
    )


def _unfit(said: str) -> Refusal:
    return Refusal(said, code="room_unfit", clause=CLAUSE, advice="请改用其他考场。")


def _together(refusals: list[Refusal]) -> Refusal:
    first = refusals[0]
    message = "".join(one.message for one in refusals)
    return type(first)(message, code=first.code, clause=first.clause, advice=first.advice)


def _no_room(site: ExamSite, job_type: JobType, part: Part, day: date, why: list[Refusal]) -> Problem:
    reasons = "".join(one.message for one in why) or "考试点没有启用的考场。"
    return Problem(
        f"考试点“{site}”{plain_day(day)}没有可考“{job_type}”的{part.label}考场：{reasons}",
        field="site",
        code="no_fit_room",
    )
