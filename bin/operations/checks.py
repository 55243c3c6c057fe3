"""The checks that stand before the tests. All are run; each that fails shows what it said."""

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from bin.operations import ROOT, VENV

# Nobody's secrets: production settings must load and pass Django's own deployment check with values like these.
PRODUCTION_SHAPE = {
    "DJANGO_SETTINGS_MODULE": "certification.settings.production",
    "SECRET_KEY": "checked-but-never-used-" + "0123456789abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "certification.example",
    "DATABASE_URL": "postgres://nobody@127.0.0.1/certification",
    "BROKER_URL": "redis://127.0.0.1/0",
}
TEMPLATE_FOLDERS = ("templates", "certification", "training", "exams", "approvals")


@dataclass(frozen=True)
class Check:
    """One command of the environment, with what it needs beside the test settings."""

    label: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


CHECKS = [
    Check("ruff check", ("ruff", "check", "--quiet", ".")),
    Check("ruff format", ("ruff", "format", "--check", "--quiet", ".")),
    Check("template lint", ("djlint", "--lint", "--quiet", *TEMPLATE_FOLDERS)),
    Check("import contracts", ("lint-imports",)),
    Check("migrations complete", ("python", "manage.py", "makemigrations", "--check", "--dry-run")),
    Check("Django check", ("python", "manage.py", "check", "--fail-level", "WARNING")),
    Check(
        "Django deployment check",
        ("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        PRODUCTION_SHAPE,
    ),
]


def failures(environment: Mapping[str, str]) -> list[str]:
    """Run every check; return the labels of those that failed."""
    return [check.label for check in CHECKS if not _passes(check, environment)]


def _passes(check: Check, environment: Mapping[str, str]) -> bool:
    begun = time.monotonic()
    program, *arguments = check.command
    finished = subprocess.run(
        [VENV / "bin" / program, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment, **check.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    verdict = "ok" if finished.returncode == 0 else "FAILED"
    print(f"{check.label:<26}{verdict}  {time.monotonic() - begun:.1f} s", flush=True)
    if finished.returncode:
        print(finished.stdout, flush=True)
    return finished.returncode == 0
