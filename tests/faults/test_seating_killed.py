"""kill -9 in the middle of a seating: nothing of it stands, and the repeated run ends as if nothing had been."""

import subprocess

from bin.operations import ROOT
from tests.faults.test_documents_killed import Sessions, home

__all__ = ["home"]

PEOPLE = 8
TAKEN = (
    "SELECT (SELECT COUNT(*) FROM exams_seat), (SELECT COUNT(*) FROM exams_personslot),"
    " (SELECT COUNT(*) FROM exams_candidate WHERE ticket_number <> '')"
)


def test_a_seating_killed_in_the_middle_ends_in_the_same_state(home: Sessions):
    home.step("listed", str(PEOPLE))
    for _ in range(2):
        child = subprocess.Popen(home.command("seat", "pause"), cwd=ROOT, env=home.environment, stdout=subprocess.PIPE)
        try:
            assert child.stdout.readline().strip() == b"in the middle"
        finally:
            child.kill()
            child.wait()
            child.stdout.close()
        assert home.rows(TAKEN) == [(0, 0, 0)]
    assert home.step("seat") == {"seated": PEOPLE, "kept": 0, "unseated": 0}
    assert home.step("seat") == {"seated": 0, "kept": PEOPLE, "unseated": 0}
    assert home.rows(TAKEN) == [(2 * PEOPLE, PEOPLE * (4 + 8), PEOPLE)]
    tickets = [number for (number,) in home.rows("SELECT ticket_number FROM exams_candidate ORDER BY ticket_number")]
    assert [int(number[-4:]) for number in tickets] == list(range(1, PEOPLE + 1))
    doubles = "SELECT COUNT(*) FROM (SELECT use_id, number FROM exams_seat GROUP BY 1, 2 HAVING COUNT(*) > 1) AS twice"
    assert home.value(doubles) == 0
