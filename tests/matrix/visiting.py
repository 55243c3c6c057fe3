"""Which address of the system a role may open, and the address of a record of its own or of another's."""

from functools import cache
from operator import attrgetter

from django.urls import reverse

from certification.organisations import access
from certification.organisations.models import User
from certification.organisations.roles import Role
from tests.matrix.addresses import ADDRESSES
from tests.matrix.belongings import FILE, NOTICE, Kind, own_and_other
from tests.matrix.duties import ACTS, APPROVES, EITHER, FOR_THEMSELVES, READS

TABLE = ACTS | APPROVES | EITHER | FOR_THEMSELVES | READS
# Which is asked by an upload that nobody made, by a secret that nobody was given, by what only tests declare.
NEVER_THERE = {
    "feeds:calendar",
    "approvals:view_change",
    "portal:conflict-end",
    # Shown to who proved by name and number that it is theirs, and to no account.
    *(f"public:{name}" for name in ("ticket", "acceptance", "letter", "sign", "receipt")),
    *(f"public:ending_{name}" for name in ("letter", "sign", "receipt")),
    "portal:deputy-end",
    *(f"imports:{name}" for name in ("detail", "columns", "correct", "drop", "save", "discard", "workbook")),
}


def allowed(name: str, role: Role) -> bool:
    """Whether the role may open the address, by the table of rules 4a."""
    code = access.URLS[name]
    return code in (access.PUBLIC, access.ANY_ACCOUNT) or role in TABLE[code]


def address(name: str, user: User, role: Role, which: int, *, strict: bool = False) -> str:
    """The address with the user's own (0) or another's (1) records; "" where there is none to name.

    Without ``strict`` any number stands in: the right is asked before the record is looked for.
    """
    arguments, named = {}, False
    acts = access.URLS[name] in ACTS
    for key, value in ADDRESSES[name].items():
        kind, attribute = value if isinstance(value, tuple) else (value, "uuid" if key == "uuid" else "pk")
        if not isinstance(kind, Kind):
            arguments[key] = value
            continue
        named = True
        record = _records(kind, user, role, acts)[which]
        if record is None and strict:
            return ""
        arguments[key] = attrgetter(attribute)(record) if record else _any(key)
    return "" if strict and which and not named else reverse(name, kwargs=arguments)


@cache
def _records(kind: Kind, user: User, role: Role, acts: bool):
    if kind is NOTICE:
        rows = kind.model.objects.order_by("-pk")
        return rows.filter(recipient=user).first(), rows.exclude(recipient=user).first()
    if kind is FILE:
        return None, None
    return own_and_other(kind, user, role, acts=acts)


def _any(key: str):
    return "00000000-0000-4000-8000-000000000000" if key == "uuid" else 1
