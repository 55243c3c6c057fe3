"""Documents: a letter against the bare WeasyPrint call, tickets in one file against one by one, two workers against
one, and the memory of a dossier of five hundred people."""

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from statistics import median

import pytest
from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string

from approvals.licences import letters
from approvals.models import Decision, Dossier
from certification.documents import rendering
from certification.organisations.models import User
from exams.models import Candidate
from exams.tickets import printing
from tests.approvals.licensing_steps import SERVED
from tests.benchmarks import sessions
from tests.benchmarks.conftest import best

PEOPLE = 500
# Single calls are measured on so many and multiplied up.
SINGLE = 25
LETTERS = 24
MEMORY_MB = 300

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(SERVED, tick=True)


def test_a_decision_letter(world, report):
    sessions.decided(world, 1)
    decision = Decision.objects.select_related(*letters.RELATED).get()
    html = render_to_string(letters.TEMPLATES[decision.outcome], letters.context_of(decision))
    letters.render(decision)
    weasyprint, sources = rendering._engine()
    stylesheets, fonts = rendering._typefaces()

    def bare():
        document = weasyprint.HTML(string=html, url_fetcher=sources.OwnFilesOnly())
        return document.write_pdf(stylesheets=stylesheets, font_config=fonts)

    floor = best(bare, rounds=9)
    ours = best(lambda: letters.render(decision), rounds=9)
    report("a decision letter (floor: WeasyPrint alone, typefaces loaded)", ours, floor=floor, at_most=1.3)


def test_five_hundred_tickets(world, report):
    group = sessions.sat(world, PEOPLE)
    rows = list(printing.with_ticket().filter(session=group.session).order_by("pk"))
    assert len(printing.admitted(rows)) == PEOPLE

    def one_by_one():
        for row in rows[:SINGLE]:
            printing.tickets([row])

    one_by_one()
    floor = best(one_by_one, rounds=2) * PEOPLE / SINGLE
    ours = best(lambda: printing.tickets(rows), rounds=1)
    report(f"{PEOPLE} tickets with photos in one file (floor: one by one)", ours, floor=floor, at_most=0.6)
    peak = _peak(TICKETS, str(group.session.pk))
    print(f"peak memory of {PEOPLE} tickets: {peak:.0f} MB")
    assert peak < MEMORY_MB


def test_two_workers_make_letters_faster_than_one(world):
    sessions.decided(world, LETTERS)
    ratios = []
    for _ in range(5):
        one, two = _seconds(1), _seconds(2)
        ratios.append(one / two)
    print(f"two workers: {median(ratios):.2f} times as fast as one (of five: {', '.join(f'{r:.2f}' for r in ratios)})")
    assert median(ratios) >= 1.5


def test_a_dossier_of_five_hundred_people(world):
    group = sessions.finished(world, PEOPLE)
    dossier = Dossier.objects.get(session=group.session)
    officer = User.objects.get(pk=world.user("shi-kaowu").pk)
    started = time.perf_counter()
    peak = _peak(DOSSIER, str(dossier.pk), str(officer.pk))
    dossier.refresh_from_db()
    print(
        f"a dossier of {Candidate.objects.count()} people, {dossier.items.count():,} files, {dossier.pdf.size >> 20} MB"
        f" of pages, {dossier.archive.size >> 20} MB in all: {time.perf_counter() - started:.0f} s, peak {peak:.0f} MB"
    )
    assert dossier.state == "SEALED"
    assert peak < MEMORY_MB


def _seconds(workers: int) -> float:
    """How long so many workers take for all letters, each warm and waiting before they begin."""
    Decision.objects.update(letter=None)
    with ExitStack() as started:
        children = [
            started.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", LETTER_WORKER],
                    env=_environment(),
                    cwd=settings.BASE_DIR,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(workers)
        ]
        for child in children:
            assert child.stdout.readline().strip() == "ready"
        begin = time.perf_counter()
        for child in children:
            child.stdin.write("go\n")
            child.stdin.flush()
        written = sum(int(child.stdout.readline()) for child in children)
        seconds = time.perf_counter() - begin
    assert written == LETTERS
    return seconds


def _peak(program: str, *arguments: str) -> float:
    """Megabytes that a process of its own took at most."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=_environment(),
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout.split()[-1]) / 1024


def _environment() -> dict[str, str]:
    at = connection.settings_dict
    login = f"{at['USER']}:{at['PASSWORD']}" if at["PASSWORD"] else at["USER"]
    return {**os.environ, "DATABASE_URL": f"postgres://{login}@{at['HOST']}:{at['PORT']}/{at['NAME']}"}


# VmHWM is the peak of this program alone; getrusage would count the process that started it.
SAY = """
from pathlib import Path
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""

TICKETS = (
    """
import django; django.setup()
import sys
from exams.tickets import printing
printing.tickets(printing.with_ticket().filter(session=int(sys.argv[1])).order_by("pk"))
"""
    + SAY
)

DOSSIER = (
    """
import django; django.setup()
import sys
from approvals.dossiers import sealing
from certification.organisations.models import User
from tests.approvals.licensing_steps import SERVED
sealing.seal(actor=User.objects.get(pk=int(sys.argv[2])), now=SERVED, dossier_id=int(sys.argv[1]))
"""
    + SAY
)

LETTER_WORKER = """
import django; django.setup()
import sys
from approvals.licences import letters
from certification.documents.rendering import html_to_pdf
html_to_pdf("<p>一</p>")
print("ready", flush=True)
sys.stdin.readline()
print(letters.write_missing(), flush=True)
"""
