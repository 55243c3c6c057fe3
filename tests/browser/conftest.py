"""Real pages in Debian's Chromium: ``page``, ``new_page``, ``login_as``, ``axe_violations``, beside ``live_server``.

A page that logs an error, or asks another host for anything, fails its test.
"""

import os
from pathlib import Path

import axe_playwright_python
import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import sync_playwright

from tests.browser.walking import Walk
from tests.factories import BUILT_AT

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# Answers that a test may well provoke; Chromium logs them as errors of the console.
ANSWERS = "Failed to load resource: the server responded with a status of 4"


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser():
    # Playwright's synchronous API runs an event loop in this thread; the ORM is used between its calls, never in them.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def new_page(browser, live_server):
    """``new_page(viewport=PHONE)``: a page in a context of its own (its own login), addressed relative to the site."""
    contexts, wrong = [], []

    def make(viewport: dict = DESKTOP, **options):
        context = browser.new_context(base_url=live_server.url, viewport=viewport, locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: _note_error(message, wrong))
        page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
        page.on("request", lambda request: _note_foreign(request, live_server.url, wrong))
        return page

    yield make
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def page(new_page):
    """One page at desktop width."""
    return new_page()


@pytest.fixture
def login_as(live_server, page):
    """``login_as(user)`` (or ``login_as(user, other_page)``): a session as the login form would make it."""

    def login(user, on=None):
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        target = on or page
        target.context.clear_cookies()
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": live_server.url}
        target.context.add_cookies([cookie])
        return target

    return login


@pytest.fixture
def axe_violations():
    """``axe_violations(page)``: what WCAG 2.1 A and AA find wrong, one line each; empty where nothing is."""
    return run_axe


def run_axe(page) -> list[str]:
    # Through the debugger's own connection: the content security policy lets no page run a foreign script.
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    answer = session.send(
        "Runtime.evaluate",
        {
            "expression": f"axe.run({{runOnly: {STANDARD!r}}}).then(r => r.violations.map("
            "v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 200)).join(' | ')))",
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    session.detach()
    return answer["result"]["value"]


@pytest.fixture
def walk(new_page, axe_violations):
    """A walk in which time is moved; see ``tests.browser.walking``."""
    with time_machine.travel(BUILT_AT, tick=True) as traveller:
        yield Walk(new_page, axe_violations, traveller)


@pytest.fixture
def staff_names(world) -> dict[str, str]:
    """The names of all people with accounts, by username."""
    return {username: user.person.name for username, user in world.users.items()}


def _note_error(message, wrong: list[str]) -> None:
    if message.type == "error" and not message.text.startswith(ANSWERS):
        wrong.append(f"console: {message.text}")


def _note_foreign(request, own: str, wrong: list[str]) -> None:
    if not request.url.startswith((own, "data:", "blob:", "about:")):
        wrong.append(f"outside host: {request.url}")
