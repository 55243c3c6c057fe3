"""Who invigilates, examines and serves in which room (rules 4, 8)."""

from django.db import IntegrityError, transaction
from django.db.models import Q

from certification import clock
from certification.organisations import access, separation
from certification.organisations.models import OrganisationKind, RoleAssignment
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.people.models import Person
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.workflow import activity, lock, log
from exams.bookings import busy_persons, slots_of
from exams.models import Duty, ExamSession, Part, PersonSlot, RoomUse, StaffAssignment
from exams.seating import locked_session, require_arrangeable

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
def assign_staff(*, actor, now, use_id: int, person_id: int, duty: str) -> StaffAssignment:
    """Give a person a duty in a room.

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
    require_arrangeable(session)
    duty = Duty(duty)
    person = Person.objects.get(pk=person_id)
    _require_qualified(person, duty, use.part.part, session)
    separation.require(person.pk, Capacity.STAFFS, session)
    slots = slots_of(use.part)
    if busy_persons([person.pk], use.part.day, slots):
        raise _busy(person)
    try:
        with transaction.atomic():
            assignment = StaffAssignment.objects.create(
                use=use, person=person, duty=duty, assigned_by=actor, assigned_at=now
            )
            PersonSlot.objects.bulk_create(
                PersonSlot(person=person, day=use.part.day, slot=slot, assignment=assignment) for slot in slots
            )
    except IntegrityError as error:
        raise _busy(person) from error
    detail = {"person": person.pk, "duty": duty.value, "room": use.room.name, "part": use.part.part}
    log([session], "assign_staff", actor=actor, now=now, detail=detail)
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
    require_arrangeable(session)
    (assignment,) = lock(visible.filter(pk=assignment_id))
    if assignment.ended_at is not None:
        raise WrongState("该考务安排已解除。")
    assignment.ended_at = now
    assignment.save(update_fields=["ended_at"])
    PersonSlot.objects.filter(assignment=assignment).delete()
    log([session], "end_assignment", actor=actor, now=now, reason=reason, detail={"person": assignment.person_id})
    return assignment


def qualified(session: ExamSession, duty: str, *, now=None):
    """Persons who may take ``duty`` in the session: with the role, at its organiser, its site or the province."""
    day = (now or clock.now()).date()
    where = Q(user__organisation=session.organiser_id) | Q(user__organisation__kind=OrganisationKind.PROVINCIAL_CENTRE)
    if session.site.operator_id:
        where |= Q(user__organisation=session.site.operator_id)
    roles = RoleAssignment.objects.in_force(day).filter(where, role=ROLE_OF[Duty(duty)], user__is_active=True)
    return Person.objects.filter(accounts__role_assignments__in=roles).distinct().order_by("name", "pk")


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


def _require_qualified(person: Person, duty: Duty, part: str, session: ExamSession) -> None:
    if part not in PARTS_OF[duty]:
        raise Refusal(f"{Part(part).label}考场不设{duty.label}。", code="wrong_duty")
    if not qualified(session, duty).filter(pk=person.pk).exists():
        raise Refusal(
            f"{person}不具备{duty.label}资格，或不属于本考试组织单位、考试点。",
            code="not_qualified",
            clause="方案四（二）",
        )


def _busy(person: Person) -> WrongState:
    return WrongState(f"{person}在该时间已有其他安排。", code="person_busy", clause="规则 8", advice="请改派其他人员。")
