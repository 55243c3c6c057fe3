"""Accounts: granting roles, checked against separation (rules 4.1) and the place of work."""

from certification.organisations.models import RoleAssignment, User
from certification.organisations.roles import REACH, WORKS_AT, Role
from certification.organisations.separation import require_role_allowed
from certification.refusals import NotPermitted
from certification.workflow import activity


@activity
def grant_role(*, actor: User, now, user: User, role: Role) -> RoleAssignment:
    """Give ``role`` to ``user`` from today on; a role already held is returned unchanged.

    Raises SeparationBreach where the person holds an excluding role, NotPermitted where the role does not
    belong to the account's kind of organisation.
    """
    user = User.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=user.pk)
    day = now.date()
    held = RoleAssignment.objects.in_force(day).filter(user=user, role=role).first()
    if held:
        return held
    if user.organisation is None or user.organisation.kind not in WORKS_AT[REACH[role]]:
        raise NotPermitted(f"{role.label}不能授予{user.organisation or '无机构'}的账号。", clause="规则 4a")
    require_role_allowed(user, role, day)
    return RoleAssignment.objects.create(user=user, role=role, valid_from=day, granted_by=actor)
