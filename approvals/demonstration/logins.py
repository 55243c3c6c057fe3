"""The listed logins of the demonstration: as a table for the terminal, as a file for the login page."""

import json
from unicodedata import east_asian_width

from django.conf import settings

from approvals.demonstration.accounts import LISTED, PASSWORD, require_demonstration
from certification.organisations.models import RoleAssignment
from certification.organisations.roles import Role

FILE = settings.VAR_DIR / "demonstration-logins.json"
COLUMNS = (("role", "角色"), ("organisation", "单位"), ("name", "姓名"), ("username", "用户名"), ("password", "密码"))


def rows() -> list[dict[str, str]]:
    """One row per listed login, in the order of the roles: role, organisation, name, username, password."""
    require_demonstration()
    assignments = RoleAssignment.objects.filter(user__username__in=LISTED).select_related(
        "user__organisation", "user__person"
    )
    order = {role: place for place, role in enumerate(Role)}
    place = {username: place for place, username in enumerate(LISTED)}
    listed = sorted(assignments, key=lambda one: (order[Role(one.role)], place[one.user.username]))
    return [
        {
            "role": one.get_role_display(),
            "organisation": one.user.organisation.name,
            "name": one.user.person.name,
            "username": one.user.username,
            "password": PASSWORD,
        }
        for one in listed
    ]


def as_table() -> str:
    """The logins as a table in columns of equal width on a terminal, where a Chinese character takes two places."""
    lines = [dict(COLUMNS), *rows()]
    widths = {key: max(_width(line[key]) for line in lines) for key, _heading in COLUMNS}
    return "\n".join("  ".join(_padded(line[key], widths[key]) for key, _heading in COLUMNS).rstrip() for line in lines)


def write_file() -> None:
    """Write the logins where the login page reads them (certification.portal.demonstration_logins)."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(rows(), ensure_ascii=False, indent=1), encoding="utf-8")


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
