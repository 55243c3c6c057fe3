"""Every page of the system in Chromium, once for each template, as somebody who may open it: axe finds nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from certification.organisations.roles import Role
from tests.chromium import run_axe
from tests.matrix.addresses import ADDRESSES
from tests.matrix.visiting import address, allowed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built"), pytest.mark.browser]

HOST, STATIC = "http://pages.test", "/static/"
# Who only looks on sees fewer fields and buttons than who acts.
LAST = (Role.AUDITOR, Role.ADMINISTRATOR)
# Answers machines, and waits for others in a way that Chromium's event loop in this thread forbids.
NO_PAGE = {"portal:health"}
# One row of a table is built as the next.
SHORTEN = (
    "() => document.querySelectorAll('tbody').forEach(body => [...body.rows].slice(6).forEach(row => row.remove()))"
)


@dataclass(frozen=True)
class Shown:
    """A page as it was answered: to which role, under which address, made from which template."""

    name: str
    role: Role
    path: str
    template: str
    html: str


def _pages(clients, logins) -> Iterator[Shown]:
    """The first page of each template."""
    seen = set()
    for name in ADDRESSES:
        page = None if name in NO_PAGE else _page(name, clients, logins)
        if page and page.template not in seen:
            seen.add(page.template)
            yield page


def _page(name: str, clients, logins) -> Shown | None:
    """What the address shows to the first role that gets a page there; None where it has none to show by itself."""
    for role in sorted(logins, key=LAST.__contains__):
        path = allowed(name, role) and address(name, logins[role], role, 0, strict=True)
        if not path:
            continue
        response = clients[role].get(path)
        if response.status_code == 405:
            return None
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            return Shown(name, role, path, response.templates[0].name, response.content.decode())
    return None


@pytest.fixture(scope="module")
def pages(clients, logins, django_db_blocker) -> list[Shown]:
    """All are asked for before Chromium starts: beside its event loop Django has another connection, which does not
    see what ``built`` has not committed."""
    with django_db_blocker.unblock():
        return list(_pages(clients, logins))


@pytest.fixture
def show(pages, browser):
    """``show(page)``: the document in Chromium, with our own styles and scripts; no server is asked."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    tab, documents = context.new_page(), {}

    def answer(route):
        path = route.request.url.removeprefix(HOST)
        found = finders.find(path.removeprefix(STATIC).partition("?")[0]) if path.startswith(STATIC) else None
        if found:
            route.fulfill(body=Path(found).read_bytes(), content_type=guess_type(found)[0])
        elif route.request.is_navigation_request():
            route.fulfill(body=documents[path], content_type="text/html; charset=utf-8")
        else:
            route.abort()

    context.route("**/*", answer)

    def open_page(path: str, html: str):
        documents[path] = html
        tab.goto(HOST + path)
        tab.evaluate(SHORTEN)
        return tab

    yield open_page
    context.close()


def test_axe_finds_nothing_on_any_page(pages, show):
    assert run_axe(show("/", "<html><title>.</title><img src='x.png'></html>"))
    found = {}
    for page in pages:
        if wrong := run_axe(show(page.path, page.html)):
            found[f"{page.name}, {page.role}, {page.template}"] = wrong
    assert found == {}
    assert len(pages) > 120
