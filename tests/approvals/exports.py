"""Exported dossiers as somebody alters them, and the proof of one where there is but the file and the source."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from django.conf import settings


def changed(source: Path, *, drop=(), replace=None, add=None) -> Path:
    """A copy of the zip with entries taken out, replaced or added."""
    target = source.with_name("changed.zip")
    with ZipFile(source) as before, ZipFile(target, "w") as after:
        for name in before.namelist():
            if not any(name.startswith(path) for path in drop):
                after.writestr(name, (replace or {}).get(name, before.read(name)))
        for name, content in (add or {}).items():
            after.writestr(name, content)
    return target


def verify_offline(file: Path, digest: str) -> tuple[int, list[str]]:
    """Exit status and lines of ``manage.py verify_dossier``, run as a program of its own in the folder of the file.

    Where its settings look for a database and a broker, nobody answers.
    """
    with socket.socket() as taken:
        # Bound and not listened to: whoever calls is refused, and nobody else can open it meanwhile.
        taken.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{taken.getsockname()[1]}"
        environment = os.environ | {"DATABASE_URL": f"postgres://{nobody}/none", "BROKER_URL": f"redis://{nobody}/0"}
        # As somebody starts it who has no settings of their own.
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        finished = subprocess.run(
            [sys.executable, Path(settings.BASE_DIR) / "manage.py", "verify_dossier", file.name, "--digest", digest],
            cwd=file.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
        )
    return finished.returncode, finished.stdout.splitlines()
