"""``python -m tests.faults.storm [--kills 50] [--cases 4000] [--seed N]``: kills at random moments, then counts.

Two workers, two beats and a broker sweep thousands of overdue cases while one of them after the other is killed with
-9 (whole workers and single processes of theirs, beats, the broker) or every connection to the database is cut, and
started again. In the end each case must have exactly one of everything. Needs PostgreSQL (DATABASE_URL, as for the
tests; ``bin/test`` brings one) and redis-server; makes a database of its own and drops it. Exits 1 when something
was lost or done twice.
"""

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from bin.operations.processes import Child
from tests.faults.household import Household, household

ONCE_EACH = 1
DEFAULT_SERVER = "postgres://postgres@127.0.0.1:54329/certification"
WORKERS = BEATS = 2
# Between two kills, at most.
PAUSE_SECONDS = 1.5


class Storm:
    """Kills what runs, and starts again what was killed a moment later."""

    def __init__(self, home: Household, chance: random.Random):
        self.home, self.chance = home, chance
        self.kills: Counter[str] = Counter()
        self.home.start_broker()
        for _worker in range(WORKERS):
            self.home.start_worker(wait=False)
        for _beat in range(BEATS):
            self.home.start_beat()

    def strike(self) -> None:
        """Kill one thing, chosen by chance among those that exist."""
        strikes = [self._worker, self._worker, self._pool_process, self._pool_process, self._connections]
        strikes += [self._broker, self._beat]
        self.chance.choice(strikes)()

    def _worker(self) -> None:
        self._kill("worker", lambda: self.home.start_worker(wait=False))

    def _beat(self) -> None:
        self._kill("beat", self.home.start_beat)

    def _broker(self) -> None:
        self._kill("broker", self.home.start_broker)

    def _pool_process(self) -> None:
        """One process of a worker's pool; the worker makes a new one."""
        parent = self.chance.choice(self._named("worker")).process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        if children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(self.chance.choice(children)), signal.SIGKILL)
                self.kills["process of a worker"] += 1

    def _connections(self) -> None:
        if self.home.cut_connections():
            self.kills["database connections"] += 1

    def _kill(self, name: str, start_again) -> None:
        self.home.kill(self.chance.choice(self._named(name)))
        self.kills[name] += 1
        time.sleep(self.chance.random() * PAUSE_SECONDS / 2)
        start_again()

    def _named(self, name: str) -> list[Child]:
        return [child for child in self.home.family.children if child.name == name]


def main() -> int:
    options = _options()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        settings = {"FAULTS_KEEP_CONNECTIONS": "on"}
        with household(Path(folder), server=_server(), cases=options.cases, **settings) as home:
            home.schedule_every_second("deadlines.sweep")
            began = time.monotonic()
            storm = Storm(home, chance)
            while sum(storm.kills.values()) < options.kills:
                time.sleep(chance.random() * PAUSE_SECONDS)
                storm.strike()
                _feed(home, options.cases)
            home.until(lambda: home.done() == _count(home), "every case is followed up", seconds=300)
            return _report(home, storm, time.monotonic() - began, options.seed)


def _feed(home: Household, cases: int) -> None:
    """New cases when the old ones run out: a kill while nothing is to be done proves nothing."""
    if _count(home) - home.done() < cases / 20:
        home.seed(cases // 4)


def _count(home: Household) -> int:
    return home.value("SELECT COUNT(*) FROM deadlines_deadline")


def _report(home: Household, storm: Storm, seconds: float, seed: int) -> int:
    shapes, repeated = home.shapes(), home.repeated_reminders()
    good = len(shapes) == ONCE_EACH and repeated == 0
    print(f"seed {seed}: {sum(storm.kills.values())} kills in {seconds:.0f} s: {dict(storm.kills)}")
    print(f"{_count(home)} cases; runs: {dict(Counter(home.runs()))}")
    print(f"outcomes (marked, followed up, count, marks, history, log, notices): {sorted(shapes)}")
    print(f"notices that somebody has twice: {repeated}")
    print("nothing lost, nothing repeated" if good else "LOST OR REPEATED")
    return 0 if good else 1


def _server() -> dict:
    at = urlsplit(os.environ.get("DATABASE_URL", DEFAULT_SERVER))
    return {"host": at.hostname, "port": at.port, "user": at.username, "password": at.password or ""}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--cases", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
