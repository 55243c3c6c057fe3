"""bin/test: servers of this run alone, the checks, the walk on the embedded default, the tests."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path

from bin.operations import ROOT, VENV, Missing, checks, servers, system
from bin.operations.processes import Died, Family, Stopped, end_with_parent, stop_on_signals

WORKERS = "2"
# tests/conftest.py spreads the modules, and says in which order. Benchmarks measure nothing under parallel workers, and
# the plugin's fixture is not needed by the tests.
WHOLE_SUITE = ("-n", WORKERS, "--no-loadscope-reorder", "-p", "no:benchmark")
EMBEDDED = ("-m", "embedded")
INTERRUPTED = 130
PATIENCE_SECONDS = 30


def main(arguments: list[str]) -> int:
    stop_on_signals()
    family = Family()
    try:
        with _workplace() as folder:
            try:
                return _run(family, folder, arguments)
            finally:
                family.stop()
    except Stopped as signal_name:
        print(f"\n已中止 / interrupted ({signal_name})", file=sys.stderr)
        return INTERRUPTED
    except (Died, Missing) as failure:
        print(failure, file=sys.stderr)
        return 1


def _run(family: Family, folder: Path, arguments: list[str]) -> int:
    environment = {
        "DJANGO_SETTINGS_MODULE": "certification.settings.test",
        "BROKER_URL": servers.start_broker(family, folder / "broker", folder / "broker.log"),
        "DATABASE_URL": servers.start_postgresql(family, folder / "postgresql", folder / "postgresql.log"),
        "CHROMIUM": system.chromium() or "",
        "TMPDIR": str(_writable(folder / "tmp")),
    }
    if failed := checks.failures(environment):
        print(f"检查未通过 / failed checks: {', '.join(failed)}", file=sys.stderr)
        return 1
    if arguments:
        return _pytest(arguments, environment)
    return _pytest(EMBEDDED, environment | _embedded(folder)) or _pytest(WHOLE_SUITE, environment)


def _embedded(folder: Path) -> dict[str, str]:
    """What lets the same tests run on the embedded default: SQLite in a file, as bin/serve has it."""
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'embedded.sqlite3'}",
        "TEST_DATABASE": str(folder / "test_embedded.sqlite3"),
    }


def _pytest(arguments, environment: Mapping[str, str]) -> int:
    process = subprocess.Popen(
        [VENV / "bin" / "python", "-m", "pytest", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        preexec_fn=end_with_parent(signal.SIGINT),
    )
    try:
        return process.wait()
    except Stopped as stopped:
        _finish(process, stopped)
        raise


def _finish(process: subprocess.Popen, stopped: Stopped) -> None:
    """Let pytest close its browsers and connections, as after Ctrl-C; end it by force when it does not."""
    # A terminal has sent its Ctrl-C to pytest already, and a second one would cut the closing short.
    if not (stopped.args == ("SIGINT",) and sys.stdin.isatty()):
        process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _writable(folder: Path) -> Path:
    folder.mkdir()
    return folder


@contextmanager
def _workplace():
    """A folder for this run's servers and files, gone afterwards. PostgreSQL's own account must be able to pass it."""
    folder = Path(tempfile.mkdtemp(prefix="certification-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    sys.exit(main(sys.argv[1:]))
