"""师资和场地: the teachers and venues that an institution teaches with; plans and lessons choose from them."""

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction
from simple_history.utils import bulk_create_with_history

from certification.organisations import access
from certification.organisations.models import Organisation
from certification.people.identity import InvalidIdentityNumber, check_identity_number
from certification.people.models import Person
from certification.people.register import PersonData, find_or_register_all
from certification.records import bulk
from certification.refusals import Incomplete, Problem, WrongState
from certification.workflow import activity, lock, log
from training.cases import NotFound
from training.models import Lesson, Teacher, Venue

MANAGE = "training.manage_resources"


@activity
def list_teacher(
    *,
    actor,
    now,
    name: str,
    number: str,
    qualification: str = "",
    valid_until: date | None = None,
    subjects: str = "",
) -> Teacher:
    """Add a teacher to the actor's institution, by identity number; who has left and comes back is listed again.

    Raises NotPermitted, Incomplete (wrong number, listed already).
    """
    access.require(actor, MANAGE)
    try:
        identity = check_identity_number(number, today=now.date())
    except InvalidIdentityNumber as refusal:
        raise Incomplete([Problem(refusal.message, field="number", advice=refusal.advice)]) from refusal
    (registered,) = find_or_register_all([PersonData.from_identity(identity, name=name)], now=now, actor=actor)
    said = {"qualification": qualification, "valid_until": valid_until, "subjects": subjects}
    before = lock(Teacher.objects.filter(institution=actor.organisation, person=registered.person))
    if before and before[0].left_at is None:
        raise Incomplete([Problem(f"{registered.person.name}已在师资中。", code="duplicate", field="number")])
    teacher = before[0] if before else Teacher(institution=actor.organisation, person=registered.person, listed_at=now)
    return _save(teacher, {**said, "left_at": None}, now)


@activity
def change_teacher(*, actor, now, teacher_id: int, **said) -> Teacher:
    """Bring qualification, its validity and subjects up to date. Raises NotPermitted, NotFound."""
    access.require(actor, MANAGE)
    teacher = _own(Teacher, actor, teacher_id, "没有找到该教师。")
    return _save(
        teacher, {name: said[name] for name in ("qualification", "valid_until", "subjects") if name in said}, now
    )


@activity
def end_teacher(*, actor, now, teacher_id: int) -> Teacher:
    """The teacher has left. Raises WrongState while lessons from today on are theirs, NotPermitted, NotFound."""
    access.require(actor, MANAGE)
    teacher = _own(Teacher, actor, teacher_id, "没有找到该教师。")
    ahead = Lesson.objects.standing().filter(
        plan__institution=teacher.institution_id, teacher=teacher.person_id, day__gte=now.date()
    )
    if count := ahead.count():
        raise WrongState(f"{teacher}还有 {count} 次课。", advice="请先调整课程表。")
    _save(teacher, {"left_at": now}, now)
    log([teacher], "leave", actor=actor, now=now)
    return teacher


def list_all(institution: Organisation, persons: Iterable[Person], *, actor, now) -> None:
    """Who is filed as teacher of a class stands in the institution's list, without a qualification until it is
    entered there; part of the filing that calls."""
    persons = list(persons)
    known = {row.person_id: row for row in lock(Teacher.objects.filter(institution=institution, person__in=persons))}
    back = [row for row in known.values() if row.left_at is not None]
    for row in back:
        row.left_at = None
    if back:
        bulk.change(back, ["left_at"], actor=actor, at=now)
    added = [
        Teacher(institution=institution, person=person, listed_at=now) for person in persons if person.pk not in known
    ]
    if added:
        bulk_create_with_history(added, Teacher, default_user=actor, default_date=now)


@activity
def save_venue(*, actor, now, venue_id: int | None = None, **said) -> Venue:
    """Add a venue of the actor's institution, or change one: ``name``, ``address``, ``capacity``, ``active``.

    Raises NotPermitted, NotFound, Incomplete where the name is taken.
    """
    access.require(actor, MANAGE)
    venue = _own(Venue, actor, venue_id, "没有找到该场地。") if venue_id else Venue(institution=actor.organisation)
    try:
        with transaction.atomic():
            return _save(venue, said, now)
    except IntegrityError:
        problem = Problem(f"已有名为“{said['name']}”的场地。", code="duplicate", field="name")
        raise Incomplete([problem]) from None


def _own(model, actor, pk: int, missing: str):
    rows = lock(model.objects.visible_to(actor).filter(pk=pk).select_related("institution"))
    if not rows:
        raise NotFound(missing)
    access.require_own(actor, rows[0].institution_id)
    return rows[0]


def _save(row, said: dict, now):
    for name, value in said.items():
        setattr(row, name, value)
    row._history_date = now
    row.save()
    return row
