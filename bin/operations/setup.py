"""bin/setup: the environment, then what stands on it."""

import fcntl
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from bin.operations import VAR, Missing, embedded, environment, system


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--tests"]):
        print("usage: bin/setup [--tests]", file=sys.stderr)
        return 2
    tests = arguments == ["--tests"]
    try:
        with _alone():
            _prepare(tests=tests)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failure:
        print(f"未能完成 / failed: {' '.join(map(str, failure.cmd))}", file=sys.stderr)
        return 1
    return 0


def _prepare(*, tests: bool) -> None:
    environment.prepare(tests=tests)
    system.require(system.LIBRARIES + (system.TESTING if tests else []))
    if tests:
        return
    if _inside_environment():
        embedded.prepare()
    else:
        subprocess.run([environment.PYTHON, "-m", "bin.operations.embedded"], check=True)


def _inside_environment() -> bool:
    return Path(sys.prefix).resolve() == environment.VENV.resolve()


@contextmanager
def _alone():
    """Two set-ups at once would each undo the other's work; the second waits."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    os.environ.pop("PYTHONHOME", None)
    sys.exit(main(sys.argv[1:]))
