"""Real pages in Debian's Chromium: ``page``, ``new_page``, ``login_as``, ``faults_of``, beside ``live_server``.

A page that logs an error, or asks another host for anything, fails its test.
"""

import os
import time
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.staticfiles.handlers import StaticFilesHandlerMixin
from django.core.signals import request_finished, request_started

from tests.browser.walking import Walk, is_wider_than_the_screen
from tests.chromium import run_axe
from tests.factories import BUILT_AT

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
# Answers that a test may well provoke; Chromium logs them as errors of the console.
ANSWERS = "Failed to load resource: the server responded with a status of 4"


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session", autouse=True)
def _styles_are_kept():
    """Let Chromium keep style sheets and scripts between pages, as it does where they have hashed names."""
    with pytest.MonkeyPatch.context() as patch:
        serve = StaticFilesHandlerMixin.serve

        def kept(self, request):
            response = serve(self, request)
            response.headers["Cache-Control"] = "max-age=31536000"
            return response

        patch.setattr(StaticFilesHandlerMixin, "serve", kept)
        yield


@pytest.fixture
def all_answered():
    """Waits after the test for what the server is still answering, such as pictures of a page that was left: a
    database that is emptied under them is a deadlock."""
    started, finished = [], []

    def begin(**_kwargs):
        started.append(1)

    def end(**_kwargs):
        finished.append(1)

    request_started.connect(begin)
    request_finished.connect(end)
    yield
    patience = time.monotonic() + 5
    while len(started) > len(finished) and time.monotonic() < patience:
        time.sleep(0.01)
    request_started.disconnect(begin)
    request_finished.disconnect(end)


@pytest.fixture
def new_page(browser, live_server, all_answered):
    """``new_page(viewport=PHONE)``: a page in a context of its own (its own login), addressed relative to the site."""
    contexts, wrong = [], []

    def make(viewport: dict = DESKTOP, **options):
        context = browser.new_context(base_url=live_server.url, viewport=viewport, locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
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
def faults_of():
    """``faults_of(page, name)``: what is wrong with the page that is shown at desktop width, one line each: what axe
    finds, and that it is wider than the screen of a desk or a phone. With SCREENSHOTS=folder both are kept."""

    def faults(page, name: str) -> list[str]:
        page.wait_for_load_state("load")
        found = run_axe(page)
        for viewport in (PHONE, DESKTOP):
            page.set_viewport_size(viewport)
            if is_wider_than_the_screen(page):
                found.append(f"wider than a screen of {viewport['width']}")
            if folder := os.environ.get("SCREENSHOTS"):
                Path(folder).mkdir(exist_ok=True)
                page.screenshot(path=f"{folder}/{name}-{viewport['width']}.png", full_page=True)
        return found

    return faults


@pytest.fixture
def walk(new_page):
    """A walk in which time is moved; see ``tests.browser.walking``."""
    with time_machine.travel(BUILT_AT, tick=True) as traveller:
        yield Walk(new_page, traveller)


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
