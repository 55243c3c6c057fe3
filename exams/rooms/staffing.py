"""Who invigilates, examines and serves in which room (rules 4, 8)."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q

from certification import clock
from certification.organisations import access, separation
from certification.organisations.models import OrganisationKind, RoleAssignment
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.people.models import Person
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.rulebook import lookup
from certification.workflow import activity, apply_one, lock, log
from exams import standards
from exams.day_states import STAFF, RecordState, StaffState
from exams.models import Duty, ExamSession, Part, PersonSlot, RoomRecord, RoomUse, SessionPart, StaffAssignment
from exams.rooms.bookings import busy_persons, slots_of
from exams.rooms.seating import locked_session, require_arrangeable
from exams.staff import pool
from exams.staff.telling import tell_invited, tell_released
from exams.states import SessionState

ROLE_OF = {
    Duty.INVIGILATOR: Role.INVIGILATOR,
    Duty.EXAMINER: Role.EXAMINER,
    Duty.SITE_STAFF: Role.SITE_STAFF,
}
# A theory room is invigilated, practical work is examined; site staff serve in both.
PARTS_OF = {
    Duty.INVIGILATOR: (Part.THEORY, Part.PRACTICAL),
    Duty.EXAMINER: (Part.PRACTICAL,),
    Duty.SITE_STAFF: (Part.THEORY, Part.PRACTICAL),
}

# Whose number is prescribed in a room of each part.
DUTY_OF = {Part.THEORY: Duty.INVIGILATOR, Part.PRACTICAL: Duty.EXAMINER}


@activity
def assign_staff(
    *, actor, now, use_id: int, person_id: int, duty: str, replaces_id: int | None = None
) -> StaffAssignment:
    """Ask a person to take a duty in a room; they accept or decline. ``replaces_id`` names the duty of somebody who
    declined or was released, which this one takes over. On the day itself too, until the room's record is signed.

    Raises SeparationBreach where the person trains candidates of the session, reviews them or is one (rules 4.1,
    4.2, 4.4), Refusal ``not_qualified`` without the role, WrongState ``person_busy`` where the time is taken.
    """
    access.require(actor, "exams.session.arrange")
    use = (
        RoomUse.objects.in_force()
        .select_related("part__session", "room")
        .get(pk=use_id, part__session__in=ExamSession.objects.visible_to(actor))
    )
    session = locked_session(actor, use.part.session_id)
    require_staffable(session, use.pk)
    replaced = _replaced(session, replaces_id)
    duty = Duty(duty)
    person = Person.objects.get(pk=person_id)
    _require_qualified(person, duty, use.part, session)
    separation.require(person.pk, Capacity.STAFFS, session)
    slots = slots_of(use.part)
    if busy_persons([person.pk], use.part.day, slots):
        raise _busy(person)
    try:
        with transaction.atomic():
            assignment = StaffAssignment.objects.create(
                use=use, person=person, duty=duty, assigned_by=actor, assigned_at=now, replaces=replaced
            )
            PersonSlot.objects.bulk_create(
                PersonSlot(person=person, day=use.part.day, slot=slot, assignment=assignment) for slot in slots
            )
    except IntegrityError as error:
        raise _busy(person) from error
    detail = {"person": person.pk, "duty": duty.value, "room": use.room.name, "part": use.part.part}
    if replaced:
        detail["replaces"] = replaced.person_id
    log([session], "assign_staff", actor=actor, now=now, detail=detail)
    tell_invited(assignment, now=now)
    return assignment


@activity
def end_assignment(*, actor, now, assignment_id: int, reason: str) -> StaffAssignment:
    """Release somebody from a duty before the exam; the assignment stays on the record, the time is free again."""
    access.require(actor, "exams.session.arrange")
    if not reason.strip():
        raise Incomplete([Problem("请填写解除原因。", field="reason")])
    visible = StaffAssignment.objects.visible_to(actor)
    session_id = visible.values_list("use__part__session", flat=True).get(pk=assignment_id)
    session = locked_session(actor, session_id)
    (assignment,) = lock(visible.filter(pk=assignment_id).select_related("person"))
    require_staffable(session, assignment.use_id)
    if assignment.ended_at is not None:
        raise WrongState("该考务安排已解除。")
    leave("end", assignment, actor=actor, now=now, reason=reason)
    log([session], "end_assignment", actor=actor, now=now, reason=reason, detail={"person": assignment.person_id})
    tell_released(assignment, reason.strip(), now=now)
    return assignment


def leave(name: str, assignment: StaffAssignment, *, actor, now, reason: str) -> None:
    """The locked duty ends by transition ``name``; the time is free again."""

    def change(row: StaffAssignment) -> None:
        row.ended_at, row.reason = now, reason.strip()[:200]
        if name == "decline":
            row.answered_at = now

    fields = ("ended_at", "reason", "answered_at")
    apply_one(STAFF, name, assignment, actor=actor, now=now, reason=reason.strip(), change=change, fields=fields)
    PersonSlot.objects.filter(assignment=assignment).delete()


def require_staffable(session: ExamSession, use_id: int) -> None:
    """Raise once nobody's duty in the room can change any more: on the day it still may, until its record is signed."""
    if session.state != SessionState.HELD:
        require_arrangeable(session)
    elif RoomRecord.objects.filter(use=use_id, state=RecordState.SIGNED).exists():
        raise WrongState("本考场的考场记录已签名，不能再调整考务人员。")


@dataclass(frozen=True)
class Shortage:
    """A room that has fewer of its prescribed staff than the setting asks for; ``unanswered`` of those it has have not
    answered."""

    use: RoomUse
    needed: int
    assigned: int
    unanswered: int

    def __str__(self) -> str:
        duty = DUTY_OF[Part(self.use.part.part)].label
        waiting = f"，其中 {self.unanswered} 人未答复" if self.unanswered else ""
        return (
            f"{self.use.part.get_part_display()}{self.use.room.name}：{duty}应有 {self.needed} 人，"
            f"已安排 {self.assigned} 人{waiting}"
        )


def shortages(session_ids) -> dict[int, list[Shortage]]:
    """The rooms of sessions that are short of staff: session id → rooms. Three queries."""
    uses = RoomUse.objects.in_force().filter(part__session__in=list(session_ids)).select_related("part", "room")
    uses = list(uses.order_by("part__day", "part__first_slot", "room__name", "pk"))
    serving: dict[int, list[StaffAssignment]] = defaultdict(list)
    for row in StaffAssignment.objects.filter(use__in=uses, ended_at__isnull=True):
        serving[row.use_id].append(row)
    editions = lookup.editions_on(use.part.day for use in uses)
    found: dict[int, list[Shortage]] = defaultdict(list)
    for use in uses:
        duty = DUTY_OF[Part(use.part.part)]
        own = [row for row in serving[use.pk] if row.duty == duty]
        unanswered = sum(row.state == StaffState.INVITED for row in own)
        needed = standards.staff_per_room(use.part.part, editions[use.part.day])
        if len(own) < needed or unanswered:
            found[use.part.session_id].append(Shortage(use, needed, len(own), unanswered))
    return found


def require_staffed(session: ExamSession) -> None:
    """Raise ``short_staffed`` where the setting lets no exam begin with too few staff."""
    if lookup.values("examination", "staff_pool", lookup.edition_on(session.starts_on))["short_staffed"] != "error":
        return
    short = [one for one in shortages([session.pk]).get(session.pk, []) if one.assigned < one.needed]
    if short:
        raise Refusal("；".join(map(str, short)) + "。", code="short_staffed", clause="方案四（二）")


def _replaced(session: ExamSession, assignment_id: int | None) -> StaffAssignment | None:
    if assignment_id is None:
        return None
    rows = StaffAssignment.objects.filter(use__part__session=session, ended_at__isnull=False, replacement=None)
    found = rows.filter(pk=assignment_id).first()
    if found is None:
        raise WrongState("该考务安排没有空缺，或者已有人接替。", code="not_vacant")
    return found


def qualified(session: ExamSession, duty: str, *, now=None, on=None):
    """Persons who may take ``duty`` in the session: with the role, at its organiser, its site or the province, and
    where the setting asks it with an entry of the pool for the job type that is good on the day ``on`` of the exam."""
    day = (now or clock.now()).date()
    where = Q(user__organisation=session.organiser_id) | Q(user__organisation__kind=OrganisationKind.PROVINCIAL_CENTRE)
    if session.site.operator_id:
        where |= Q(user__organisation=session.site.operator_id)
    roles = RoleAssignment.objects.in_force(day).filter(where, role=ROLE_OF[Duty(duty)], user__is_active=True)
    persons = Person.objects.filter(pk__in=roles.values("user__person"))
    exam_day = on or session.starts_on
    if duty in pool.pooled_duties(exam_day):
        persons = persons.filter(pool.qualified_in(session, duty, exam_day))
    return persons.order_by("name", "pk")


def in_breach(session: ExamSession) -> dict[int, separation.SeparationBreach]:
    """Staff who may not serve any more because of candidates who came later: person id → breach."""
    serving = StaffAssignment.objects.filter(use__part__session=session, ended_at__isnull=True)
    persons = set(serving.values_list("person_id", flat=True))
    excluding = (pair for pair in separation.PAIRS if Capacity.STAFFS in (pair.one, pair.other))
    others = [pair.other if pair.one is Capacity.STAFFS else pair.one for pair in excluding]
    suspects = set()
    for capacity in others if persons else ():
        suspects |= persons & separation.acted(ExamSession, capacity, [session.pk]).get(session.pk, set())
    return {
        person_id: breach
        for person_id in sorted(suspects)
        for breach in separation.breaches(person_id, Capacity.STAFFS, [session]).values()
    }


def _require_qualified(person: Person, duty: Duty, place: SessionPart, session: ExamSession) -> None:
    if place.part not in PARTS_OF[duty]:
        raise Refusal(f"{Part(place.part).label}考场不设{duty.label}。", code="wrong_duty")
    if not qualified(session, duty, on=place.day).filter(pk=person.pk).exists():
        raise Refusal(
            f"{person}在考试当日不具备该操作项目的{duty.label}资格，或不属于本考试组织单位、考试点。",
            code="not_qualified",
            clause="方案四（二）",
            advice="请在考务人员库中核对资格、有效期和操作项目。",
        )


def _busy(person: Person) -> WrongState:
    return WrongState(f"{person}在该时间已有其他安排。", code="person_busy", clause="规则 8", advice="请改派其他人员。")
