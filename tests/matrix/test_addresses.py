"""Role × address × own or another's: each login of the demonstration, at every address of the system."""

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from certification.documents import rendering
from certification.organisations import access, middleware
from certification.organisations.models import User
from certification.organisations.roles import Role
from exams.models import ExamSession
from tests.matrix.addresses import ADDRESSES
from tests.matrix.visiting import NEVER_THERE, address, allowed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built")]

# What an address may answer to whoever is right there: a page, a redirection, a refusal, or "by POST only".
ANSWERED = {200, 302, 400, 403, 405, 409, 422}
# What it answers about another's record: nothing, or "by POST only".
NOT_THERE = {404, 405}
# Answers alike about what is another window's and what does not exist: by a message at the desk.
ANSWERS_AT_THE_DESK = {"approvals:card_request"}


@pytest.fixture(scope="module")
def document():
    return rendering.render("<title>.</title>")


@pytest.fixture
def only_rights(monkeypatch, document):
    """Who gets an answer is asked here some ten thousand times; what refusals and documents look like, elsewhere."""
    monkeypatch.setattr(middleware, "render", lambda *_page, status, **_more: HttpResponse(status=status))
    monkeypatch.setattr(rendering, "render", lambda _html: document)


def _names(resolver: URLResolver, namespace: str = ""):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _names(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}"


def test_every_address_is_in_the_table():
    names = {name for name in _names(get_resolver()) if not name.startswith("admin:")}
    assert names == ADDRESSES.keys()


@pytest.mark.parametrize("name", ADDRESSES)
def test_strangers_are_sent_to_the_login(client, name, logins):
    if access.URLS[name] == access.PUBLIC:
        status = client.get(address(name, logins[Role.AUDITOR], Role.AUDITOR, 0)).status_code
        assert status == (404 if name in NEVER_THERE else 200)
        return
    response = client.get(address(name, logins[Role.AUDITOR], Role.AUDITOR, 0))
    assert response.status_code == 302
    assert response.url.startswith("/login/")


@pytest.mark.parametrize("name", [name for name in ADDRESSES if access.URLS.get(name) != access.PUBLIC])
@pytest.mark.usefixtures("only_rights")
def test_each_role_finds_its_own_and_nobody_elses(name, logins, clients):
    wrong = []
    for role, user in logins.items():
        wrong += [f"{role}: {problem}" for problem in _problems(clients[role], name, user, role)]
    assert wrong == []


def _problems(client, name: str, user: User, role: Role):
    if not allowed(name, role):
        status = client.get(address(name, user, role, 0)).status_code
        if status != 403:
            yield f"may not, but got {status}"
        return
    if own := address(name, user, role, 0, strict=True):
        status = client.get(own).status_code
        if status not in ANSWERED | ({404} if name in NEVER_THERE else set()):
            yield f"own {own} got {status}"
    if name in ANSWERS_AT_THE_DESK:
        return
    if other := address(name, user, role, 1, strict=True):
        statuses = [client.get(other).status_code, client.post(other).status_code]
        if not set(statuses) <= NOT_THERE or statuses == [405, 405]:
            yield f"another's {other} got {statuses}"


@pytest.mark.parametrize("role", Role)
def test_a_refusal_is_a_page_of_its_own(role, clients):
    closed = next(name for name, keys in ADDRESSES.items() if not keys and not allowed(name, role))
    response = clients[role].get(reverse(closed))
    assert response.status_code == 403
    assert "<h1" in response.content.decode()


def test_a_session_next_door_shows_nobody_elses_candidates(clients):
    """The province examines at a site in the city: the city sees the session, not the people of other cities."""
    session = ExamSession.objects.filter(
        state="HELD", organiser__kind="PROVINCIAL_CENTRE", candidates__state="ADMITTED"
    ).exclude(candidates__application__institution__territory__name="青屏市")[0]
    for path in (f"/exams/results/{session.pk}/", f"/exams/sessions/{session.pk}/"):
        page = clients[Role.CITY_EXAM_OFFICER].get(path).content.decode()
        names = session.candidates.values_list("application__person__name", flat=True)
        assert [name for name in names if name in page] == []
