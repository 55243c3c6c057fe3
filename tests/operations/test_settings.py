"""Production refuses what belongs to the demonstration, and runs the same application as the others."""

import ast
import json
import os
import subprocess
import sys

import pytest

from bin.operations import ROOT, checks

PRODUCTION = {**checks.PRODUCTION_SHAPE, "PATH": os.environ["PATH"]}
SHOW = (
    "import json, certification.settings.production as s;"
    "print(json.dumps([s.CLOCK_MAY_MOVE, s.DEMONSTRATION_CALENDAR, s.DEBUG, s.SESSION_COOKIE_SECURE]))"
)


def load_production(**environment) -> subprocess.CompletedProcess:
    values = {name: value for name, value in {**PRODUCTION, **environment}.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env=values, capture_output=True, text=True, check=False
    )


def test_production_stands_at_the_real_date():
    loaded = load_production(CLOCK_MAY_MOVE="false")
    assert json.loads(loaded.stdout) == [False, False, False, True]


@pytest.mark.parametrize(
    "environment",
    [
        {"CLOCK_MAY_MOVE": "true"},
        {"DEMONSTRATION_CALENDAR": "1"},
        {"DATABASE_URL": "sqlite:////tmp/never.sqlite3"},
        {"SECRET_KEY": None},
        {"ALLOWED_HOSTS": None},
        {"DATABASE_URL": None},
        {"BROKER_URL": None},
    ],
    ids=lambda environment: "=".join(map(str, *environment.items())),
)
def test_production_refuses(environment):
    loaded = load_production(**environment)
    assert loaded.returncode != 0
    assert "ImproperlyConfigured" in loaded.stderr


@pytest.mark.parametrize("name", ["embedded", "test", "production"])
def test_the_same_application_everywhere(name):
    tree = ast.parse((ROOT / "certification" / "settings" / f"{name}.py").read_text(encoding="utf-8"))
    assigned = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    shared = {"INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF", "AUTHENTICATION_BACKENDS", "CONTENT_SECURITY_POLICY"}
    assert not assigned & (shared | {"TEMPLATES", "TIME_ZONE", "USE_TZ", "AUTH_USER_MODEL"})
