"""Every command of docker-compose.yml that runs this project, run as it stands there, on PostgreSQL and Redis.

Only what a container would give is replaced: addresses of the two servers, the web's port, folders.
"""

import os
import subprocess

import psycopg
import pytest
import yaml
from django.conf import settings
from django.db import connection

from bin.operations import ROOT, VENV, checks, processes, servers

DATABASE = "production_commands"

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="production runs on PostgreSQL")


@pytest.fixture
def database_address():
    """An empty database on the tests' server."""
    server = settings.DATABASES["default"]
    name = f"{DATABASE}_{os.getpid()}"
    parameters = {
        "host": server["HOST"],
        "port": server["PORT"],
        "user": server["USER"],
        "password": server["PASSWORD"],
    }
    with psycopg.connect(dbname="postgres", autocommit=True, **parameters) as control:
        control.execute(f"CREATE DATABASE {name}")
        yield f"postgres://{server['USER']}:{server['PASSWORD']}@{server['HOST']}:{server['PORT']}/{name}"
        control.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def environment(database_address, family, tmp_path):
    """What the containers' environment would be."""
    return {
        **os.environ,
        **checks.PRODUCTION_SHAPE,
        "PATH": f"{VENV / 'bin'}:{os.environ['PATH']}",
        "DATABASE_URL": database_address,
        "BROKER_URL": servers.start_broker(family, tmp_path / "broker", tmp_path / "broker.log"),
        "FILES_DIR": str(tmp_path / "files"),
        "BEAT_HEARTBEAT": str(tmp_path / "beat.alive"),
        "PORT": str(processes.free_port()),
    }


def test_every_command_runs(family, environment, tmp_path):
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    migrated = subprocess.run(
        services["migrate"]["command"], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert migrated.returncode == 0, migrated.stderr.decode()
    for name in ("web", "worker", "beat"):
        command = [_as_interpolated(word, environment) for word in services[name]["command"]]
        family.start(name, command, tmp_path / f"{name}.log", environment=environment, cwd=ROOT)
    for name in ("web", "worker", "beat"):
        probe = services[name]["healthcheck"]["test"][1:]
        family.wait_until(lambda probe=probe: _succeeds(probe, environment), name, seconds=60)


def _as_interpolated(word: str, environment) -> str:
    """As Compose would fill the word in, with the one port of the host that is free."""
    word = word.replace("0.0.0.0:8000", f"127.0.0.1:{environment['PORT']}")
    return word.replace("${WEB_WORKERS:-3}", "1").replace("${WORKER_CONCURRENCY:-2}", "1")


def _succeeds(command: list[str], environment) -> bool:
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False).returncode == 0
