"""The demonstration's logins, as its maker wrote them down: the kernel knows neither names nor passwords."""

import json
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class DemonstrationLogin:
    """One line of the login page's table."""

    role: str
    username: str
    password: str
    organisation: str
    name: str


def demonstration_logins() -> dict[str, list[DemonstrationLogin]]:
    """Logins by role in the order of ``var/demonstration-logins.json``; empty where no demonstration runs.

    The file is a list of objects with role, username, password, organisation, name; the command that makes the
    demonstration province writes it.
    """
    path = settings.VAR_DIR / "demonstration-logins.json"
    if not settings.CLOCK_MAY_MOVE or not path.exists():
        return {}
    grouped: dict[str, list[DemonstrationLogin]] = {}
    for row in json.loads(path.read_text(encoding="utf-8")):
        login = DemonstrationLogin(**row)
        grouped.setdefault(login.role, []).append(login)
    return grouped
