"""Child processes that never outlive the command that started them."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 15
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """The command was told to stop (Ctrl-C, a closed terminal, kill)."""


class Died(Exception):
    """A child ended, or never became ready, while it was needed; the text names it and the file with its last words."""


@dataclass
class Child:
    """A running child, its log, and the signal that asks it to finish."""

    name: str
    process: subprocess.Popen
    log: Path
    stop_signal: int = signal.SIGTERM

    def last_words(self, lines: int = 15) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


@dataclass
class Family:
    """The children of one command, stopped in the opposite order of their start."""

    children: list[Child] = field(default_factory=list)

    def start(
        self,
        name: str,
        command: list[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        stop_signal: int = signal.SIGTERM,
        stdin: str | None = None,
        **options,
    ) -> Child:
        """Start ``command`` in a group of its own, so that Ctrl-C reaches it only through ``stop``."""
        with log.open("ab") as out:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(environment) if environment is not None else None,
                start_new_session=True,
                preexec_fn=end_with_parent(stop_signal),
                **options,
            )
        child = Child(name, process, log, stop_signal)
        self.children.append(child)
        if stdin is not None:
            with contextlib.suppress(BrokenPipeError), process.stdin:
                process.stdin.write(stdin.encode())
        return child

    def require_alive(self) -> None:
        """Raise ``Died`` for the first child that has ended."""
        for child in self.children:
            if (code := child.process.poll()) is not None:
                raise Died(f"{child.name} 已退出（代码 {code}），日志 / ended, see {child.log}\n{child.last_words()}")

    def wait_until(self, ready: Callable[[], bool], what: str, *, seconds: float) -> None:
        """Wait for ``ready``; raise ``Died`` when a child ends first or the time is over."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.require_alive()
            if time.monotonic() > deadline:
                raise Died(f"{what} 在 {seconds:g} 秒内未就绪 / not ready in {seconds:g} s")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask every child to finish, wait, and end by force what is left of its group. No signal interrupts this."""
        _ignore_signals()
        for child in reversed(self.children):
            _send(child.process.pid, child.stop_signal)
        deadline = time.monotonic() + GRACE_SECONDS
        for child in reversed(self.children):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            _send_group(child.process.pid, signal.SIGKILL)
            child.process.wait()
        self.children.clear()


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _send_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def end_with_parent(number: int) -> Callable[[], None] | None:
    """Linux ends the child even when this process is killed outright and can stop nothing any more."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, number)

    return ask_kernel


def stop_on_signals() -> None:
    """Turn SIGINT, SIGTERM and SIGHUP into ``Stopped``; a second signal does not interrupt the stopping."""

    def raise_stopped(number, frame):
        _ignore_signals()
        raise Stopped(signal.Signals(number).name)

    for number in STOP_SIGNALS:
        signal.signal(number, raise_stopped)


def _ignore_signals() -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    """Whether somebody accepts connections on ``port`` of 127.0.0.1."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False
