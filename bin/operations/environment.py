"""The virtual environment: made once, filled from a lock with hashes, filled again when the lock changes."""

import hashlib
import subprocess
import sys
import venv

from bin.operations import ROOT, VENV, system

PYTHON = VENV / "bin" / "python"
PIP = VENV / "bin" / "pip"
RUN_LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-test.lock"


def prepare(*, tests: bool) -> None:
    """Bring ``.venv`` to the state of its lock; the test lock holds the same versions as the run-time lock and more."""
    if not (PYTHON.exists() and PIP.exists()):
        system.require(system.ENVIRONMENT)
        print("正在建立 Python 环境 / making .venv …", flush=True)
        venv.create(VENV, with_pip=True, clear=True, symlinks=True)
    if _installed(RUN_LOCK) and (not tests or _installed(TEST_LOCK)):
        return
    _install(TEST_LOCK if tests else RUN_LOCK)
    if tests:
        _stamp(RUN_LOCK)


def _install(lock) -> None:
    print(f"正在安装 {lock.name} 中的依赖 / installing {lock.name} …", flush=True)
    subprocess.run(
        [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock],
        check=True,
    )
    _stamp(lock)


def _stamp_file(lock):
    return VENV / f".installed-{lock.stem}"


def _mark(lock) -> str:
    return f"{sys.platform} {hashlib.sha256(lock.read_bytes()).hexdigest()}"


def _installed(lock) -> bool:
    stamp = _stamp_file(lock)
    return stamp.exists() and stamp.read_text() == _mark(lock)


def _stamp(lock) -> None:
    _stamp_file(lock).write_text(_mark(lock))
