"""The three commands: readable by bash, and children that never outlive them."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from bin.operations import ROOT, Missing, processes, system

COMMANDS = ["bin/setup", "bin/serve", "bin/test", ".ci/run"]


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_sound_bash(command):
    assert subprocess.run(["bash", "-n", ROOT / command], check=False).returncode == 0


@pytest.mark.parametrize("command", COMMANDS[:3])
def test_command_can_be_executed(command):
    assert os.access(ROOT / command, os.X_OK)


def test_ci_runs_the_test_command_and_nothing_else():
    lines = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line and not line.startswith("#")]
    assert lines == ["set -eu", 'cd "$(dirname "$0")/.."', "exec bin/test"]


def test_setup_refuses_what_it_does_not_know():
    assert subprocess.run(["bin/setup", "--everything"], cwd=ROOT, check=False, capture_output=True).returncode == 2


def test_what_may_not_be_installed_is_named_with_its_package(monkeypatch):
    monkeypatch.setattr(system, "_installer", lambda: None)
    need = system.Need(lambda: False, ("libexample-1",), "示例库 / an example")
    with pytest.raises(Missing, match=r"示例库 / an example.*apt-get install libexample-1"):
        system.require([need])


def test_what_is_only_recommended_stops_nobody(monkeypatch, capsys):
    monkeypatch.setattr(system, "_installer", lambda: None)
    system.require([system.Need(lambda: False, ("libexample-1",), "示例库", optional=True)])
    assert "示例库" in capsys.readouterr().err


def test_stopping_ends_a_child_that_ignores_the_request_and_its_children(family, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "GRACE_SECONDS", 1)
    ready = tmp_path / "ready"
    child = family.start(
        "stubborn", ["sh", "-c", f"trap '' TERM; sleep 60 & touch {ready}; wait; wait"], tmp_path / "log"
    )
    family.wait_until(ready.exists, "stubborn", seconds=5)
    family.stop()
    assert child.process.returncode == -signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        _wait_for_end_of_group(child.process.pid)


def _wait_for_end_of_group(group: int) -> None:
    for _ in range(50):
        os.killpg(group, 0)
        time.sleep(0.05)


def test_a_dead_child_is_named_with_its_last_words(family, tmp_path):
    family.start("web", ["sh", "-c", "echo 没有数据库; exit 3"], tmp_path / "web.log")
    with pytest.raises(processes.Died, match=r"(?s)web .*3.*没有数据库"):
        family.wait_until(lambda: False, "web", seconds=5)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's own")
def test_children_end_with_a_parent_that_was_killed(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from bin.operations.processes import Family\n"
        f"child = Family().start('child', ['sleep', '60'], Path({str(tmp_path / 'log')!r}))\n"
        "print(child.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 5
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_free_port_is_free():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", processes.free_port()))
