"""The web server as production runs it (docker-compose.yml), on the benchmark database."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from bin.operations.processes import Family, answers, free_port


def environment(address: str, folder: Path) -> dict[str, str]:
    """What a production process needs; the file of collected files lies in ``folder``."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "certification.settings.production",
        "SECRET_KEY": settings.SECRET_KEY,
        "ALLOWED_HOSTS": "localhost",
        "DATABASE_URL": address,
        "BROKER_URL": "redis://127.0.0.1:1/0",
        "FILES_DIR": str(folder),
        "SSL_REDIRECT": "false",
    }


@contextmanager
def web(address: str, folder: Path, *, workers: int = 3, threads: int = 4) -> Iterator[int]:
    """A running server; its port."""
    family, port, around = Family(), free_port(), environment(address, folder)
    collected = [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0"]
    command = [sys.executable, "-m", "gunicorn", "certification.wsgi:application", f"--bind=127.0.0.1:{port}"]
    command += [f"--workers={workers}", f"--threads={threads}", "--worker-tmp-dir=/dev/shm", "--no-control-socket"]
    try:
        family.start("collectstatic", collected, folder / "static.log", environment=around).process.wait()
        family.children.clear()
        family.start("web", command, folder / "web.log", environment=around)
        family.wait_until(lambda: answers(port), "web", seconds=60)
        yield port
    finally:
        family.stop()
