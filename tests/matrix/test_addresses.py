"""Role × address × own or another's: each login of the demonstration, at every address of the system."""

from operator import attrgetter

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from certification.organisations import access
from certification.organisations.models import RoleAssignment, User
from certification.organisations.roles import Role
from exams.models import ExamSession
from tests.matrix.addresses import ADDRESSES
from tests.matrix.belongings import FILE, NOTICE, Kind, own_and_other
from tests.matrix.duties import ACTS, APPROVES, FOR_THEMSELVES, READS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built")]

TABLE = ACTS | APPROVES | FOR_THEMSELVES | READS
# What an address may answer to whoever is right there: a page, a redirection, a refusal, or "by POST only".
ANSWERED = {200, 302, 400, 403, 405, 409, 422}
# What it answers about another's record: nothing, or "by POST only".
NOT_THERE = {404, 405}
# Which is asked by an upload that nobody made, by a secret that nobody was given, by what only tests declare.
NEVER_THERE = {
    "feeds:calendar",
    "portal:conflict-end",
    "portal:deputy-end",
    *(f"imports:{name}" for name in ("detail", "columns", "correct", "drop", "save", "discard", "workbook")),
}
# Answers alike about what is another window's and what does not exist: by a message at the desk.
ANSWERS_AT_THE_DESK = {"approvals:card_request"}
ONE_OF_EACH = ("jigou", "chuangkou", "kaodian")


def _names(resolver: URLResolver, namespace: str = ""):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _names(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}"


def test_every_address_is_in_the_table():
    names = {name for name in _names(get_resolver()) if not name.startswith("admin:")}
    assert names == ADDRESSES.keys()


@pytest.fixture(scope="module")
def logins(built) -> dict[Role, User]:
    """One account per role, of the first city or the province."""
    found = {}
    for assignment in RoleAssignment.objects.select_related("user__organisation").order_by("pk"):
        user, role = assignment.user, Role(assignment.role)
        first_city = user.username in ONE_OF_EACH or user.username.startswith(("shi-", "sheng-"))
        if role not in found and (first_city or role in (Role.AUDITOR, Role.ADMINISTRATOR)):
            found[role] = user
    return found


@pytest.fixture(scope="module")
def clients(logins, django_db_blocker) -> dict[Role, Client]:
    """A browser for each role, logged in once."""
    found = {role: Client() for role in logins}
    with django_db_blocker.unblock():
        for role, client in found.items():
            client.force_login(logins[role])
    return found


@pytest.mark.parametrize("name", ADDRESSES)
def test_strangers_are_sent_to_the_login(client, name, logins):
    if access.URLS[name] == access.PUBLIC:
        status = client.get(_address(name, logins[Role.AUDITOR], Role.AUDITOR, 0)).status_code
        assert status == (404 if name in NEVER_THERE else 200)
        return
    response = client.get(_address(name, logins[Role.AUDITOR], Role.AUDITOR, 0))
    assert response.status_code == 302
    assert response.url.startswith("/login/")


@pytest.mark.parametrize("name", [name for name in ADDRESSES if access.URLS.get(name) != access.PUBLIC])
def test_each_role_finds_its_own_and_nobody_elses(name, logins, clients):
    wrong = []
    for role, user in logins.items():
        wrong += [f"{role}: {problem}" for problem in _problems(clients[role], name, user, role)]
    assert wrong == []


def _problems(client, name: str, user: User, role: Role):
    if not _allowed(name, role):
        status = client.get(_address(name, user, role, 0)).status_code
        if status != 403:
            yield f"may not, but got {status}"
        return
    if own := _address(name, user, role, 0, strict=True):
        status = client.get(own).status_code
        if status not in ANSWERED | ({404} if name in NEVER_THERE else set()):
            yield f"own {own} got {status}"
    if name in ANSWERS_AT_THE_DESK:
        return
    if other := _address(name, user, role, 1, strict=True):
        statuses = [client.get(other).status_code, client.post(other).status_code]
        if not set(statuses) <= NOT_THERE or statuses == [405, 405]:
            yield f"another's {other} got {statuses}"


def _allowed(name: str, role: Role) -> bool:
    code = access.URLS[name]
    return code in (access.PUBLIC, access.ANY_ACCOUNT) or role in TABLE[code]


def _address(name: str, user: User, role: Role, which: int, *, strict: bool = False) -> str:
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


def _records(kind: Kind, user: User, role: Role, acts: bool):
    if kind is NOTICE:
        rows = kind.model.objects.order_by("-pk")
        return rows.filter(recipient=user).first(), rows.exclude(recipient=user).first()
    if kind is FILE:
        return None, None
    return own_and_other(kind, user, role, acts=acts)


def _any(key: str):
    return "00000000-0000-4000-8000-000000000000" if key == "uuid" else 1


def test_a_session_next_door_shows_nobody_elses_candidates(clients):
    """The province examines at a site in the city: the city sees the session, not the people of other cities."""
    session = ExamSession.objects.filter(
        state="HELD", organiser__kind="PROVINCIAL_CENTRE", candidates__state="ADMITTED"
    ).exclude(candidates__application__institution__territory__name="青屏市")[0]
    for address in (f"/exams/results/{session.pk}/", f"/exams/sessions/{session.pk}/"):
        page = clients[Role.CITY_EXAM_OFFICER].get(address).content.decode()
        names = session.candidates.values_list("application__person__name", flat=True)
        assert [name for name in names if name in page] == []
