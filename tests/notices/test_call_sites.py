"""Whoever tells somebody something says which case it is about, or stands below with a reason."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

SENDING = "certification.notices.sending"
TELLS = {"notify", "notify_role", "Message"}
APPS = ("training", "exams", "approvals", "certification")

ABOUT_NO_CASE = {
    "certification/deadlines/calendars/missing_notices.py": "administrators hear that a year has no calendar",
    "certification/deadlines/calendars/publishing.py": "a new calendar: everybody hears of all deadlines together",
    "certification/deadlines/reminding/notices.py": "the ledger of reminders names the deadline and its case",
    "certification/portal/deputies.py": "acting for somebody is between two accounts",
    "certification/portal/separation_report.py": "the daily scan tells of persons; its lines name the cases",
}


def _modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module that imports from ``sending``, by its path."""
    base = Path(settings.BASE_DIR)
    for app in APPS:
        for path in sorted((base / app).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            place = path.relative_to(base).as_posix()
            if SENDING in text and not place.startswith("certification/notices/"):
                yield place, ast.parse(text)


def _names(module: ast.Module) -> dict[str, str]:
    """What the module calls each of the functions: its own name → the function."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == SENDING
        for alias in node.names
    }


def _silent(module: ast.Module) -> list[int]:
    """The lines of calls that do not say what they are about."""
    names = {own for own, function in _names(module).items() if function in TELLS}
    return [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in names
        and "about" not in {keyword.arg for keyword in node.keywords}
    ]


MODULES = dict(_modules())


def test_the_search_finds_the_modules_that_tell():
    assert len(MODULES) > 35


@pytest.mark.parametrize("place", [place for place in MODULES if place not in ABOUT_NO_CASE])
def test_every_notice_says_what_it_is_about(place):
    module = MODULES[place]
    assert _names(module), f"{place} imports the whole of {SENDING}: its calls cannot be found"
    assert _silent(module) == [], f"say which case it is about: about=… in {place}"


@pytest.mark.parametrize("place", sorted(ABOUT_NO_CASE))
def test_no_exception_outlives_its_reason(place):
    assert _silent(MODULES[place])
