"""kill -9 in the middle of a dossier, a bulk decision and its letters: the repeated run ends as if nothing had been."""

import json
import subprocess
import sys
import time

import pytest

from approvals.dossiers.sealing import verifying
from bin.operations import ROOT
from tests.faults.conftest import database_server
from tests.faults.household import Household

PEOPLE = 6


class Sessions(Household):
    """A household with the small province instead of invented cases."""

    def seed(self, cases: int) -> None:
        self.step("tables")

    def step(self, *arguments: str) -> dict:
        done = subprocess.run(self.command(*arguments), cwd=ROOT, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "tests.faults.sessions", *arguments]


@pytest.fixture
def home(tmp_path) -> Sessions:
    server = database_server()
    if server is None:
        pytest.skip("production runs on PostgreSQL")
    home = Sessions(tmp_path, server=server, FAULTS_MEDIA=str(tmp_path / "files"))
    try:
        home.make_database(0)
        home.start_broker()
        yield home
    finally:
        for child in list(home.family.children):
            home.kill(child)
        home.sender.close()
        home.drop_database()


def test_a_worker_killed_in_the_middle_of_a_dossier(home, tmp_path):
    made = home.step("finished", str(PEOPLE))
    stage = "SELECT stage FROM jobs_errand"
    for where in ("写入文件", "制作档案页"):
        worker = home.start_worker()
        home.send("jobs.work")
        home.until(lambda where=where: home.value(stage) == where, f"the worker is at {where}")
        home.kill(worker)
        assert home.value("SELECT state FROM approvals_dossier") == "OPEN"
        assert home.value("SELECT COUNT(*) FROM approvals_dossieritem") == 0
        time.sleep(home.silence_seconds + 1)
    home.start_worker()
    home.send("jobs.work")
    home.until(lambda: home.value("SELECT state FROM approvals_dossier") == "SEALED", "the dossier is sealed")
    home.until(lambda: home.value("SELECT state FROM jobs_errand") == "DONE", "the errand is done")
    assert home.value("SELECT index_sha256 FROM approvals_dossier") == made["digest"]
    assert home.value("SELECT COUNT(*) FROM records_transitionlog WHERE name = 'seal'") == 1
    files = "SELECT f.file FROM records_storedfile f JOIN approvals_dossier d ON f.id IN (d.archive_id, d.pdf_id)"
    kept = "SELECT COUNT(*) FROM records_storedfile WHERE name LIKE 'DA-%'"
    assert (len(home.rows(files)), home.value(kept)) == (2, 2)
    (archive,) = home.rows("SELECT f.file FROM records_storedfile f JOIN approvals_dossier d ON f.id = d.archive_id")
    report = verifying.verify([tmp_path / "files" / archive[0]], digest=made["digest"])
    assert report.faults == []


def test_a_bulk_decision_killed_in_the_middle_takes_no_number_with_it(home):
    home.step("reconciled", str(PEOPLE))
    for _ in range(2):
        child = subprocess.Popen(home.command("grant", "pause"), cwd=ROOT, env=home.environment, stdout=subprocess.PIPE)
        try:
            assert child.stdout.readline().strip() == b"in the middle"
        finally:
            child.kill()
            child.wait()
            child.stdout.close()
        assert home.value("SELECT COUNT(*) FROM approvals_decision") == 0
    assert home.step("grant") == {"granted": PEOPLE}
    assert home.step("grant") == {"granted": 0}
    numbers = [int(number.split("〕")[1].removesuffix("号")) for (number,) in home.rows(NUMBERS)]
    assert sorted(numbers) == list(range(1, PEOPLE + 1))
    last = "SELECT last FROM records_numberseries WHERE series = 'licence_granted'"
    assert home.value(last) == PEOPLE
    _letters(home)


NUMBERS = "SELECT number FROM approvals_decision"
LETTERS = "SELECT COUNT(*) FROM approvals_decision WHERE letter_id IS NOT NULL"


def _letters(home: Sessions) -> None:
    """Two workers make the letters and are killed; the next one makes what is missing, each letter once."""
    for share in (0.2, 0.6):
        workers = [home.start_worker(), home.start_worker()]
        home.send("approvals.write_letters", times=2)
        home.until(lambda share=share: home.value(LETTERS) >= PEOPLE * share, "some letters are made")
        for worker in workers:
            home.kill(worker)
    home.start_worker()
    home.send("approvals.write_letters")
    home.until(lambda: home.value(LETTERS) == PEOPLE, "all letters are made")
    files = "SELECT COUNT(*), COUNT(DISTINCT letter_id) FROM approvals_decision"
    assert home.rows(files) == [(PEOPLE, PEOPLE)]
    assert home.value("SELECT COUNT(*) FROM records_storedfile WHERE name LIKE '准予行政许可决定书%'") == PEOPLE
