"""Every page of the system in Chromium, once for each template, as somebody who may open it: axe finds nothing, on a
desk and on a phone, where no page is wider than the screen. Pages that only answer a POST are among them."""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.db import transaction
from django.urls import resolve

from certification.organisations.roles import Role
from tests.chromium import run_axe
from tests.matrix.addresses import ADDRESSES
from tests.matrix.sent_forms import forms_of
from tests.matrix.visiting import address, allowed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built"), pytest.mark.browser]

HOST = "http://pages.test/"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LINKED = re.compile(
    r'<link rel="stylesheet" href="/static/(?P<style>[^"]+)">'
    r'|<script src="/static/(?P<script>[^"]+)"[^>]*></script>'
)
# By which a page is known to stand in the frame of who is logged in, and what that frame is.
FRAME = '<nav class="side"'
FRAMING = (".skip-link", ".bar", ".demonstration", ".menu", ".side")
# Who only looks on sees fewer fields and buttons than who acts.
LAST = (Role.AUDITOR, Role.ADMINISTRATOR)
# Answers machines, and waits for others in a way that Chromium's event loop in this thread forbids.
NO_PAGE = {"portal:health"}
# The session of the client that is used on, and the clock of all.
NOT_SENT = {"portal:logout", "portal:login", "portal:clock-step", "portal:password", "portal:act-for"}
# No colour depends on the width, and contrast is most of what axe's time goes into.
AS_AT_A_DESK = ("color-contrast",)
# One row of a table is built as the next.
SHORTEN = (
    "() => document.querySelectorAll('tbody').forEach(body => [...body.rows].slice(3).forEach(row => row.remove()))"
)


@dataclass(frozen=True)
class Shown:
    """A page as it was answered: at which address, to which role, made from which template, ``posted`` to a form that
    was sent."""

    name: str
    role: Role
    path: str
    template: str
    html: str
    posted: bool = False


def _pages(clients, logins) -> Iterator[Shown]:
    """The first page of each template, and the first that answers a form sent as it stands."""
    seen = set()
    sent = set()
    for name in ADDRESSES:
        page = None if name in NO_PAGE else _page(name, clients, logins)
        if page is None:
            continue
        if page.template not in seen:
            seen.add(page.template)
            yield page
        for answer in _answers(page, clients[page.role], sent):
            if (answer.template, True) not in seen:
                seen.add((answer.template, True))
                yield answer


def _page(name: str, clients, logins) -> Shown | None:
    """What the address shows to the first role that gets a page there; None where it has none to show by itself."""
    for role in sorted(logins, key=LAST.__contains__):
        path = allowed(name, role) and address(name, logins[role], role, 0, strict=True)
        if not path:
            continue
        response = clients[role].get(path)
        if response.status_code == 405:
            return None
        if _is_page(response):
            return Shown(name, role, path, response.templates[0].name, response.content.decode())
    return None


def _answers(page: Shown, client, sent: set) -> Iterator[Shown]:
    """What each form of the page answers with a page of its own; nothing of it stays done."""
    for form in forms_of(page.html, page.path):
        name = resolve(urlsplit(form.action).path).view_name
        button, value = form.pressed
        way = (name, button, "" if value.isdigit() else value)
        if name in NOT_SENT or way in sent:
            continue
        sent.add(way)
        with transaction.atomic():
            response = client.post(form.action, form.data)
            transaction.set_rollback(True)
        if _is_page(response):
            yield Shown(name, page.role, form.action, response.templates[0].name, response.content.decode(), True)


def _is_page(response) -> bool:
    """A page, or a form with its errors, not a refusal that is alike everywhere."""
    shown = response.status_code in (200, 409, 422) and response["Content-Type"].startswith("text/html")
    return shown and bool(response.templates)


@pytest.fixture(scope="module")
def pages(clients, logins, django_db_blocker) -> list[Shown]:
    """All are asked for before Chromium starts: beside its event loop Django has another connection, which does not
    see what ``built`` has not committed."""
    with django_db_blocker.unblock():
        return list(_pages(clients, logins))


@pytest.fixture
def show(pages, browser):
    """``show(html)``: the document in Chromium, with our own styles and scripts; no server is asked."""
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    tab, document = context.new_page(), {}

    def answer(route):
        if route.request.is_navigation_request():
            route.fulfill(body=document["html"], content_type="text/html; charset=utf-8")
        else:
            route.abort()

    context.route("**/*", answer)

    def open_page(html: str):
        document["html"] = LINKED.sub(_inside, html)
        tab.set_viewport_size(DESK)
        tab.goto(HOST)
        tab.evaluate(SHORTEN)
        return tab

    yield open_page
    context.close()


def _inside(linked: re.Match) -> str:
    """A style or script of ours in the page itself, which asks for nothing more."""
    if linked["style"]:
        return f"<style>{_static(linked['style'])}</style>"
    source = b64encode(_static(linked["script"]).encode()).decode()
    return f'<script src="data:text/javascript;base64,{source}" defer></script>'


@cache
def _static(path: str) -> str:
    return Path(finders.find(path)).read_text("utf-8")


def _wrong(tab, *, but: Sequence[str]) -> Iterator[str]:
    """What is wrong at a desk, then on a phone."""
    yield from run_axe(tab, but=but)
    tab.set_viewport_size(PHONE)
    yield from (f"phone: {line}" for line in run_axe(tab, but=but, without=AS_AT_A_DESK))
    if (width := tab.evaluate("document.documentElement.scrollWidth")) > PHONE["width"]:
        yield f"phone: {width} px wide"


def test_axe_finds_nothing_on_any_page(pages, show):
    assert run_axe(show("<html><title>.</title><img src='x.png'></html>"))
    found, framed = {}, False
    for page in pages:
        # What stands around every page is looked at once.
        inside = FRAME in page.html
        if wrong := list(_wrong(show(page.html), but=FRAMING if inside and framed else ())):
            found[f"{page.name}, {page.role}, {page.template}{', posted' if page.posted else ''}"] = wrong
        framed = framed or inside
    assert found == {}
    assert sum(not page.posted for page in pages) > 120
    assert sum(page.posted for page in pages) > 40
