"""Is this container's process well? ``python -m bin.operations.probe web|worker|beat`` exits 0 when it is."""

import http.client
import os
import socket
import sys
import time
from pathlib import Path

# Beat turns at least every five seconds; a minute without a turn is a beat that hangs.
BEAT_SILENCE_SECONDS = 60


def web() -> bool:
    """The health page answers 200, asked by a name that the application accepts."""
    name = os.environ.get("ALLOWED_HOSTS", "*").split(",")[0].strip().lstrip(".")
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=8)
    try:
        connection.request("GET", "/health/", headers={"Host": "localhost" if name == "*" else name})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def worker() -> bool:
    """The worker of this host answers a ping through the broker."""
    from certification.celery import app

    return bool(app.control.ping(destination=[f"celery@{socket.gethostname()}"], timeout=5, limit=1))


def beat() -> bool:
    """Beat took a turn lately."""
    heartbeat = Path(os.environ.get("BEAT_HEARTBEAT", "var/beat.alive"))
    return heartbeat.exists() and time.time() - heartbeat.stat().st_mtime < BEAT_SILENCE_SECONDS


PROBES = {"web": web, "worker": worker, "beat": beat}

if __name__ == "__main__":
    sys.exit(not PROBES[sys.argv[1]]())
