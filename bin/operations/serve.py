"""bin/serve: broker, web, worker and beat as one, until told to stop or until one of them ends."""

import fcntl
import http.client
import os
import socket
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from bin.operations import ROOT, VAR, VENV, Missing, embedded, servers
from bin.operations.processes import Died, Family, Stopped, stop_on_signals

LOGS = VAR / "log"
HEARTBEAT = VAR / "beat.alive"
LOG_MAX_BYTES = 5 * 1024 * 1024
DEFAULT_PORT = 8000
PORTS_TRIED = 50
READY_SECONDS = 60


def main() -> int:
    stop_on_signals()
    family = Family()
    begun = time.monotonic()
    try:
        with _alone() as notice:
            _run(family, begun, notice)
    except Stopped:
        print("\n正在停止 / stopping …")
        return 0
    except (Died, Missing) as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    finally:
        family.stop()
    return 0


def _run(family: Family, begun: float, notice) -> None:
    LOGS.mkdir(parents=True, exist_ok=True)
    HEARTBEAT.unlink(missing_ok=True)
    with _listen() as listener:
        host, port = listener.getsockname()[:2]
        address = f"http://{host if host != '0.0.0.0' else socket.gethostname()}:{port}/"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "certification.settings.embedded"),
            "BROKER_URL": servers.start_broker(family, VAR / "broker", _log("broker")),
            "BEAT_HEARTBEAT": str(HEARTBEAT),
            "PYTHONUNBUFFERED": "1",
        }
        worker = _start_application(family, listener, environment)
    family.wait_until(lambda: _healthy(host, port), "web", seconds=READY_SECONDS)
    family.wait_until(lambda: _worker_ready(worker), "worker", seconds=READY_SECONDS)
    family.wait_until(HEARTBEAT.exists, "beat", seconds=READY_SECONDS)
    notice(address)
    _announce(address, time.monotonic() - begun)
    while True:
        family.require_alive()
        time.sleep(0.5)


def _start_application(family: Family, listener: socket.socket, environment: dict[str, str]):
    """Start web, worker and beat at once; return the worker."""
    programs = VENV / "bin"
    descriptor = listener.fileno()
    family.start(
        "web",
        [
            *(programs / "gunicorn", "certification.wsgi:application", "--bind", f"fd://{descriptor}", "--preload"),
            *("--workers", "2", "--threads", "4", "--graceful-timeout", "5", "--no-control-socket"),
        ],
        _log("web"),
        environment=environment,
        pass_fds=[descriptor],
        cwd=ROOT,
    )
    celery = [programs / "celery", "--app", "certification"]
    worker = family.start(
        "worker",
        [*celery, "worker", "--loglevel", "INFO", "--concurrency", "2", "--without-gossip", "--without-mingle"],
        _log("worker"),
        environment=environment,
        cwd=ROOT,
    )
    family.start(
        "beat",
        [*celery, "beat", "--loglevel", "INFO", "--pidfile="],
        _log("beat"),
        environment=environment,
        cwd=ROOT,
    )
    return worker


@contextmanager
def _alone():
    """One application per checkout: two would write into the same logs and the same folders."""
    with (VAR / "serve.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Missing(f"本系统已在运行 / already running: {lock.read().strip()}") from None
        lock.truncate(0)

        def notice(address: str) -> None:
            lock.write(address)
            lock.flush()

        yield notice


def _listen() -> socket.socket:
    """The web's socket, bound here, so that a busy port is found before anything starts."""
    host, chosen = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT")
    first = int(chosen or DEFAULT_PORT)
    for port in range(first, first + (1 if chosen else PORTS_TRIED)):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as problem:
            listener.close()
            print(f"端口 {port} 不可用 / port {port} cannot be used: {problem.strerror}")
            continue
        listener.set_inheritable(True)
        return listener
    raise Missing("没有可用端口，请用环境变量 PORT 指定 / no free port: name one in PORT")


def _healthy(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=5)
    try:
        connection.request("GET", "/health/")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _worker_ready(worker) -> bool:
    return b" ready." in worker.log.read_bytes()


def _log(name: str) -> Path:
    """This run's log; the run before is kept beside it, so that a failure can still be read after a new start."""
    log = LOGS / f"{name}.log"
    if log.exists():
        log.replace(LOGS / f"{name}.previous.log")
    return log


def _announce(address: str, seconds: float) -> None:
    if embedded.LOGINS.exists():
        print(f"\n{embedded.LOGINS.read_text(encoding='utf-8').rstrip()}\n")
    print(f"特种作业人员职业资格认定系统已启动 / ready in {seconds:.1f} s: {address}")
    print(f"日志 / logs: {LOGS.relative_to(ROOT)}/    停止 / stop: Ctrl-C", flush=True)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    sys.exit(main())
