"""Debian's Chromium, one for each module of tests, and axe, which finds what WCAG 2.1 A and AA call inaccessible."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import axe_playwright_python
import pytest
from django.db import connections
from playwright.sync_api import sync_playwright

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
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


@pytest.fixture(scope="module")
def browser():
    # Playwright's synchronous API runs an event loop in this thread; the ORM is used between its calls, never in them.
    # It ends with the module: async views of other modules could not be asked beside it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        # Beside an event loop Django has connections of its own; one left open keeps the database from being dropped.
        connections.close_all()
        chromium.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def run_axe(page, *, but: Sequence[str] = (), without: Sequence[str] = ()) -> list[str]:
    """What is wrong with the page that is shown, one line each; empty where nothing is. ``but``: selectors of parts
    that are left out, ``without``: rules that are."""
    # Through the debugger's own connection: the content security policy lets no page run a foreign script.
    session = page.context.new_cdp_session(page)
    evaluate = partial(session.send, "Runtime.evaluate")
    if not evaluate({"expression": "'axe' in window", "returnByValue": True})["result"]["value"]:
        evaluate({"expression": AXE.read_text(encoding="utf-8")})
    context = f"{{exclude: {[[selector] for selector in but]!r}}}" if but else "document"
    off = ", ".join(f"{rule!r}: {{enabled: false}}" for rule in without)
    options = f"{{runOnly: {STANDARD!r}, rules: {{{off}}}, resultTypes: ['violations']}}"
    answer = evaluate(
        {
            "expression": f"axe.run({context}, {options})"
            ".then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 200)).join(' | ')))",
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    session.detach()
    return answer["result"]["value"]
