"""代办: appointing who acts for an absent colleague, ending it early, and acting (rules 4.5).

It has a period and a scope (roles), ends by itself, does not chain. Whoever acts for somebody acts in the roles handed
over and in no other, and what excludes either of the two excludes the act.
"""

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction
from simple_history.utils import bulk_create_with_history

from certification import clock
from certification.organisations import access
from certification.organisations.models import ActingFor, User
from certification.organisations.roles import REACH, Reach, Role
from certification.organisations.separation import require_role_allowed
from certification.refusals import Incomplete, NotPermitted, Problem, WrongState
from certification.workflow import activity, log

APPOINT = "organisations.appoint_deputies"
CLAUSE = "规则 4.5"


@activity
def appoint(
    *,
    actor: User,
    now,
    absent_id: int,
    deputy_id: int,
    roles: Iterable[str],
    valid_from: date,
    valid_until: date,
    reason: str,
) -> list[ActingFor]:
    """Let ``deputy`` act for ``absent`` in ``roles`` from ``valid_from`` to ``valid_until``, both included.

    Both belong to the actor's organisation, the absent person holds the roles, and the deputy may hold them beside
    their own (4.1). Duties of an exam day are not handed over: the session names who does them. Raises Incomplete,
    NotPermitted, SeparationBreach, WrongState where the same is in force already.
    """
    if actor.acting_for is not None:
        raise NotPermitted("代办期间不能再指定他人代办。", clause=f"{CLAUSE}：代办不得转委托")
    access.require(actor, APPOINT)
    absent, deputy = _colleagues(actor, absent_id, deputy_id)
    roles = list(dict.fromkeys(Role(role) for role in roles))
    problems = list(_problems(absent, deputy, roles, valid_from, valid_until, reason, clock.day_of(now)))
    if problems:
        raise Incomplete(problems)
    for role in roles:
        require_role_allowed(deputy, role, valid_from)
    rows = [
        ActingFor(
            absent=absent,
            deputy=deputy,
            role=role,
            valid_from=valid_from,
            valid_until=valid_until,
            reason=reason.strip(),
            granted_by=actor,
            granted_at=now,
        )
        for role in roles
    ]
    _require_new(rows)
    try:
        with transaction.atomic():
            rows = bulk_create_with_history(rows, ActingFor, default_user=actor, default_date=now)
    except IntegrityError:
        raise WrongState("该代办已经指定。", advice="请刷新后查看。") from None
    detail = {"deputy": deputy.pk, "roles": [role.value for role in roles], "until": valid_until.isoformat()}
    log([absent], "appoint_deputy", actor=actor, now=now, reason=reason.strip(), detail=detail)
    return rows


@activity
def end(*, actor: User, now, acting_id: int) -> ActingFor:
    """End it before its last day: by the absent person, who is back, or by whoever appoints. Twice is once."""
    row = ActingFor.objects.for_display().select_for_update(of=("self",)).get(pk=acting_id)
    if row.absent_id != actor.pk:
        access.require(actor, APPOINT)
        access.require_own(actor, row.absent.organisation_id)
    if row.ended_at is None:
        row.ended_at, row.ended_by = now, actor
        row._history_date = now
        row.save(update_fields=["ended_at", "ended_by"])
        log([row.absent], "end_deputy", actor=actor, now=now, detail={"deputy": row.deputy_id, "role": row.role})
    return row


def absentees(user: User, day: date) -> list[User]:
    """For whom ``user`` may act on ``day``, in whichever role, by name."""
    rows = ActingFor.objects.in_force(day).filter(deputy=user, absent__is_active=True)
    found = User.objects.filter(pk__in=rows.values("absent")).select_related("person", "organisation")
    return sorted(found, key=str)


def act_for(user: User, absent_id: int, day: date) -> bool:
    """Let ``user``, for as long as this object lives (a request), act for ``absent``; False where that does not hold
    on ``day``: nothing was handed over, it has ended, or the absent person does not hold the role any more."""
    absent = next((one for one in absentees(user, day) if one.pk == absent_id), None)
    if absent is None:
        return False
    user.acting_for = absent
    user.__dict__.pop("_roles", None)
    if user.roles_on(day):
        return True
    user.acting_for = None
    user.__dict__.pop("_roles", None)
    return False


def _colleagues(actor: User, *ids: int) -> list[User]:
    found = User.objects.select_related("person", "organisation").in_bulk(ids)
    for pk in ids:
        if pk not in found or not found[pk].is_active or found[pk].organisation_id != actor.organisation_id:
            raise NotPermitted("代办只能在本单位人员之间指定。", clause=CLAUSE)
    return [found[pk] for pk in ids]


def _problems(absent, deputy, roles, valid_from, valid_until, reason, today: date):
    if absent.pk == deputy.pk or absent.person_id == deputy.person_id:
        yield Problem("代办人不能是被代办人本人。", field="deputy")
    if not roles:
        yield Problem("请选择代办的角色。", field="roles")
    held = absent.own_roles_on(max(valid_from, today))
    for role in roles:
        if role not in held:
            yield Problem(f"{absent}在起始日期没有{role.label}的角色，不能由他人代办。", field="roles")
        elif REACH[role] is Reach.SESSION:
            yield Problem(f"{role.label}的工作按场次安排，不能代办。", field="roles", advice="请在场次中更换人员。")
    if valid_until < valid_from:
        yield Problem("截止日期早于起始日期。", field="valid_until")
    elif valid_until < today:
        yield Problem("截止日期已过。", field="valid_until")
    if not reason.strip():
        yield Problem("请填写代办的事由。", field="reason")


def _require_new(rows: list[ActingFor]) -> None:
    """A period that overlaps one in force for the same two and the same role is refused."""
    first = rows[0]
    same = ActingFor.objects.filter(
        absent=first.absent,
        deputy=first.deputy,
        role__in=[row.role for row in rows],
        valid_from__lte=first.valid_until,
        valid_until__gte=first.valid_from,
        ended_at__isnull=True,
    ).first()
    if same:
        raise WrongState(
            f"{same.deputy}在此期间已经代 {same.absent} 办理{same.get_role_display()}的工作。", clause=CLAUSE
        )
