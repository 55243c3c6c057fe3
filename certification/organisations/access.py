"""The one way to check a right: actions that roles may do, and the action that every URL needs.

Each app declares both in its ``access.py`` and registers them in ``AppConfig.ready``. The middleware asks the
URL map, activities ask ``require``, templates ask ``may``: all the same table.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q

from certification import clock
from certification.organisations.models import ActingFor, Organisation, RoleAssignment, User
from certification.organisations.roles import Role
from certification.refusals import NotPermitted

# In place of an action: who needs no role.
PUBLIC = "PUBLIC"
ANY_ACCOUNT = "ANY_ACCOUNT"


@dataclass(frozen=True)
class Action:
    """Something that people do, by its code, its Chinese name, and the roles that may."""

    code: str
    label: str
    roles: frozenset[Role]


ACTIONS: dict[str, Action] = {}
URLS: dict[str, str] = {}


def register(actions: Iterable[tuple[str, str, Iterable[Role]]], urls: dict[str, str]) -> None:
    """Add an app's actions (code, label, roles) and its URL map (view name → action code, PUBLIC or ANY_ACCOUNT)."""
    for code, label, roles in actions:
        ACTIONS[code] = Action(code, label, frozenset(roles))
    for view_name, code in urls.items():
        if code not in (PUBLIC, ANY_ACCOUNT) and code not in ACTIONS:
            raise LookupError(f"URL {view_name} names the unknown action {code}")
        URLS[view_name] = code


def may(user: User, code: str) -> bool:
    """Whether ``user`` holds a role today that may do ``code``. Jobs' own account may do everything."""
    if not getattr(user, "pk", None):
        return False
    if user.is_system:
        return True
    return user.is_active and bool(ACTIONS[code].roles & user.roles_on(clock.today()))


def require(user: User, code: str) -> None:
    """Refuse with the action's name and the roles that may, unless ``user`` may do it."""
    if may(user, code):
        return
    action = ACTIONS[code]
    roles = "、".join(sorted(role.label for role in action.roles))
    raise NotPermitted(f"您没有“{action.label}”的权限。", advice=f"此项由{roles}办理。")


def require_own(user: User, organisation: Organisation | int) -> None:
    """Refuse unless ``user`` belongs to ``organisation`` (whose duty the thing is); jobs' own account passes."""
    organisation_id = getattr(organisation, "pk", organisation)
    if not user.is_system and user.organisation_id != organisation_id:
        raise NotPermitted("此事项不由您所在的单位办理。", advice="如需办理，请联系承办单位。")


def users_with(role: Role, organisation: Organisation, day) -> list[User]:
    """The active accounts of ``organisation`` that hold ``role`` on ``day`` or act in it for who is absent: whom a
    notice reaches."""
    return users_at([role], [organisation.pk], day)[organisation.pk]


def users_at(roles: Collection[Role], organisation_ids: Collection[int], day) -> dict[int, list[User]]:
    """The same for several roles at many organisations, everybody once: organisation id → accounts. One query."""
    held = RoleAssignment.objects.in_force(day).filter(role__in=roles).values("user")
    acted_in = ActingFor.objects.in_force(day).filter(role__in=roles).values("deputy")
    of_role = Q(pk__in=held) | Q(pk__in=acted_in)
    found: dict[int, list[User]] = {organisation_id: [] for organisation_id in organisation_ids}
    for user in User.objects.filter(of_role, is_active=True, organisation__in=found).order_by("pk"):
        found[user.organisation_id].append(user)
    return found
