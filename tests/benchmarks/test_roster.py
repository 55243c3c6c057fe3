"""A roster of 10,000 rows × 12 columns from file to saved rows, history written: against the least that it can cost
(fastest reader, plain Python, COPY, history by SQL) and against django-import-export's default resource."""

import io
import os
import subprocess
import sys
from datetime import date

import openpyxl
import pytest
from django.conf import settings
from django.db import connection, transaction

from certification.imports import receiving, returning, working
from certification.imports.models import Import
from certification.people.identity import check_character
from certification.people.models import Person
from certification.spreadsheets.writing import workbook
from tests.benchmarks import roster_floor
from tests.benchmarks.conftest import NOW, best, side_by_side
from tests.factories import at
from tests.training.conftest import VALUES
from training.models import Roster, Trainee
from training.plans import filing
from training.plans.plan_entry import TeacherEntry
from training.rosters import roster_copies, submitting
from training.rosters.roster_columns import roster_columns

ROWS = 10_000
BAD = ROWS // 50
# django-import-export goes row by row: its time for these is multiplied up.
PEER_ROWS = 100
MEMORY_MB = 150
FURTHER = ("序号",)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(NOW, tick=True)


@pytest.fixture
def plan(world):
    """A class of that many places, filed in time."""
    teacher = world.invented()[0]
    filer, now = world.user("jigou"), at(date(2026, 3, 2))
    days = {"class_start": date(2026, 4, 27), "class_end": date(2026, 5, 29), "wished_exam_on": date(2026, 6, 8)}
    values = {**VALUES, **days, "job_type": world.job_type(), "capacity": ROWS}
    draft = filing.save_draft(actor=filer, now=now, teachers=[TeacherEntry(teacher.name, teacher.number)], **values)
    return filing.file_plan(actor=filer, now=now, plan_id=draft.pk)


def _row(place: int) -> list[str]:
    born = date.fromordinal(date(1975, 1, 1).toordinal() + place % 9000)
    body = f"990199{born:%Y%m%d}{place // 9000 * 500 + place % 250 * 2 + 1:03d}"
    number = body + check_character(body)
    known = [
        f"学员{_chinese(place)}",
        "男",
        number,
        "高中",
        f"139{place:08d}",
        "云岭示例机电有限公司",
        "维修电工",
        "",
        "",
        "居民身份证",
        "",
    ]
    return [*known, str(place + 1)]


def _chinese(place: int) -> str:
    return "".join("零一二三四五六七八九"[int(digit)] for digit in str(place))


def _sheet(rows) -> bytes:
    columns = roster_columns(NOW.date())
    names = [column.name for column in columns] + list(FURTHER)
    return workbook(names, rows, text_columns=set(names))


@pytest.fixture(scope="module")
def clean() -> bytes:
    return _sheet([_row(place) for place in range(ROWS)])


@pytest.fixture(scope="module")
def bad() -> tuple[bytes, bytes]:
    """The file with 2 % bad rows, and the file of those rows corrected."""
    rows = [_row(place) for place in range(ROWS)]
    corrected = [list(rows[place]) for place in range(0, ROWS, ROWS // BAD)]
    for turn, place in enumerate(range(0, ROWS, ROWS // BAD)):
        column, value = ((4, "139"), (3, "肄业"), (0, ""), (1, "女"))[turn % 4]
        rows[place][column] = value
    return _sheet(rows), _sheet(corrected)


def _undone(work):
    def run():
        with transaction.atomic():
            work()
            transaction.set_rollback(True)

    return run


def _saved(world, plan, *contents: bytes) -> Import:
    """The whole way: received, checked, corrected, saved, as background and people do it."""
    filer = world.user("jigou")
    import_ = submitting.upload(actor=filer, now=NOW, plan_id=plan.pk, content=contents[0], name="名单.xlsx")
    working.work_on(import_.pk)
    for correction in contents[1:]:
        receiving.correct(actor=filer, now=NOW, import_uuid=import_.uuid, content=correction, name="改正.xlsx")
        working.work_on(import_.pk)
    receiving.ask_to_save(actor=filer, now=NOW, import_uuid=import_.uuid)
    working.work_on(import_.pk)
    import_.refresh_from_db()
    assert import_.state == "SAVED", (import_.state, import_.refusal, import_.counts)
    assert Trainee.objects.filter(plan=plan).count() == Trainee.history.filter(plan=plan).count() == ROWS
    return import_


def test_clean(world, plan, clean, report):
    actor = world.user("jigou")
    few = _sheet([_row(place) for place in range(PEER_ROWS)])

    def by_peer():
        assert roster_floor.peer(few, plan, actor) == PEER_ROWS

    def by_floor():
        assert roster_floor.load(clean, plan=plan, actor=actor) == (ROWS, 0)

    peer = best(_undone(by_peer), rounds=1) * ROWS / PEER_ROWS
    floor, ours = side_by_side(_undone(by_floor), _undone(lambda: _saved(world, plan, clean)))
    report(f"a roster of {ROWS:,} rows, clean", ours, floor=floor, at_most=2.5, peer=peer)
    report("the same against django-import-export", ours, floor=peer, at_most=1 / 40)


def test_with_bad_rows(world, plan, bad, report):
    actor = world.user("jigou")

    def by_floor():
        assert roster_floor.load(*bad, plan=plan, actor=actor) == (ROWS, BAD)

    floor, ours = side_by_side(_undone(by_floor), _undone(lambda: _saved(world, plan, *bad)))
    report(f"a roster of {ROWS:,} rows, {BAD} bad and corrected", ours, floor=floor, at_most=2.5)


# VmHWM is the peak of this program alone; getrusage would count the process that started it.
MEASURE = """
import django; django.setup()
from pathlib import Path
from certification.imports import working
from certification.imports.models import Import
Import.objects.count()
def kilobytes(name):
    return int(Path("/proc/self/status").read_text().split(name + ":")[1].split()[0])
idle = kilobytes("VmRSS")
working.work()
print((kilobytes("VmHWM") - idle) * 1024)
"""


def test_memory(world, plan, clean):
    """A worker that checks and saves it, in a process of its own."""
    filer = world.user("jigou")
    import_ = submitting.upload(actor=filer, now=NOW, plan_id=plan.pk, content=clean, name="名单.xlsx")
    at_check = _worker()
    receiving.ask_to_save(actor=filer, now=NOW, import_uuid=import_.uuid)
    at_save = _worker()
    import_.refresh_from_db()
    assert import_.state == "SAVED", import_.refusal
    print(f"memory above idle: {at_check:.0f} MB to check, {at_save:.0f} MB to save")
    assert max(at_check, at_save) < MEMORY_MB


def _worker() -> float:
    at_ = connection.settings_dict
    login = f"{at_['USER']}:{at_['PASSWORD']}" if at_["PASSWORD"] else at_["USER"]
    address = f"postgres://{login}@{at_['HOST']}:{at_['PORT']}/{at_['NAME']}"
    environment = {**os.environ, "DATABASE_URL": address, "MEDIA": str(settings.MEDIA_ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=settings.BASE_DIR,
    )
    return int(done.stdout.strip().splitlines()[-1]) / 1024 / 1024


def _by_openpyxl(content: bytes) -> None:
    openpyxl.load_workbook(io.BytesIO(content)).save(io.BytesIO())


def test_the_workbook_that_goes_back(world, plan, bad, report):
    """Reading 10,000 rows into openpyxl and writing them again is what it costs at least."""
    filer = world.user("jigou")
    import_ = submitting.upload(actor=filer, now=NOW, plan_id=plan.pk, content=bad[0], name="名单.xlsx")
    working.work_on(import_.pk)
    import_.refresh_from_db()
    assert import_.counts["WRONG"] == BAD

    floor = best(lambda: _by_openpyxl(bad[0]), rounds=1)
    ours = best(lambda: returning.workbook(import_), rounds=1)
    report("the workbook that goes back (floor: openpyxl alone)", ours, floor=floor, at_most=3)
    assert not Person.objects.filter(document_number__startswith="990199").exists()


def test_the_masked_copy(world, plan, bad, report):
    """Made while its reader waits: no dearer than openpyxl reading and writing the same rows."""
    _saved(world, plan, *bad)
    roster = Roster.objects.get(plan=plan)
    floor = best(lambda: _by_openpyxl(bad[0]), rounds=1)
    ours = best(lambda: roster_copies.masked_copy(roster), rounds=1)
    report("the masked copy (floor: openpyxl alone)", ours, floor=floor, at_most=1)
