"""``python -m tests.benchmarks.big.server FOLDER``: a PostgreSQL cluster in FOLDER that is kept, until it is stopped.

The address of its database stands in FOLDER/address. Nothing but speed counts: a machine that dies takes it along.
"""

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

from bin.operations import system
from bin.operations.processes import free_port

DATABASE = "certification_benchmark"
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "100",
    "shared_buffers": "2GB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "4GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
}


def main(folder: Path) -> int:
    """Make the cluster where there is none, and run it until it is stopped."""
    programs = system.postgresql_programs()
    owner = _owner()
    folder.mkdir(parents=True, exist_ok=True)
    if owner:
        shutil.chown(folder, owner["user"], owner["group"])
    data, port = folder / "data", free_port()
    if not data.exists():
        words = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run([programs / "initdb", "-D", data, *words], check=True, cwd=folder, **owner)
    settings = {**OPTIONS, "unix_socket_directories": folder}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    server = subprocess.Popen([programs / "postgres", "-D", data, "-p", str(port), *options], cwd=folder, **owner)
    at = ["-h", "127.0.0.1", "-p", str(port), "-U", "postgres"]
    while subprocess.run([programs / "pg_isready", "-q", *at], check=False).returncode:
        if server.poll() is not None:
            return server.returncode
    subprocess.run([programs / "createdb", *at, DATABASE], check=False, stderr=subprocess.DEVNULL)
    (folder / "address").write_text(f"postgres://postgres@127.0.0.1:{port}/{DATABASE}")
    return server.wait()


def _owner() -> dict:
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_name, "group": account.pw_gid, "extra_groups": []}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
