"""A certificate register of 10,000 rows × 12 columns from file to saved rows, history written: against the least that
it can cost (fastest reader, plain Python, COPY, history by SQL) and against django-import-export's default resource."""

import pytest
from django.db import connection, transaction

from approvals.certificates.register_importing import PURPOSE
from certification.imports import receiving, working
from certification.imports.models import Import
from certification.people.models import Certificate, Person, RegisterImport
from tests.benchmarks import register_floor
from tests.benchmarks.conftest import NOW, best, side_by_side
from tests.benchmarks.test_roster import MEMORY_MB, _worker
from tests.people import registers

ROWS = 10_000
# django-import-export goes row by row: its time for these is multiplied up.
PEER_ROWS = 100
CLERK = "sheng-shouli"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(NOW, tick=True)


@pytest.fixture
def actor(world):
    return world.user(CLERK)


@pytest.fixture
def of(actor) -> RegisterImport:
    """What the certificates of floor and peer come from."""
    said = {"uploaded_by": actor, "uploaded_at": NOW, "saved_by": actor, "saved_at": NOW}
    return RegisterImport.objects.create(name="登记.xlsx", rows=ROWS, **said)


def _undone(work):
    """``work`` with the constraints that a commit would check, and rolled back."""

    def run():
        with transaction.atomic():
            work()
            connection.check_constraints()
            transaction.set_rollback(True)

    return run


def _received(actor, content: bytes) -> Import:
    return receiving.receive(actor=actor, now=NOW, purpose=PURPOSE, content=content, name="登记.xlsx")


def _saved(actor, content: bytes, sound: int) -> None:
    """The whole way: received, checked, confirmed, saved, as background and people do it."""
    persons = Person.history.count()
    import_ = _received(actor, content)
    working.work_on(import_.pk)
    receiving.ask_to_save(actor=actor, now=NOW, import_uuid=import_.uuid)
    working.work_on(import_.pk)
    import_.refresh_from_db()
    assert import_.state == "SAVED", (import_.state, import_.refusal, import_.counts)
    assert Certificate.objects.count() == Certificate.history.count() == Person.history.count() - persons == sound


@pytest.mark.parametrize("share", [0, 0.02], ids=["clean", "2 % bad rows"])
def test_from_file_to_saved_rows(actor, of, report, share):
    content = registers.register(registers.with_errors(ROWS, share))
    sound = ROWS - round(ROWS * share)

    def by_floor():
        assert register_floor.load(content, actor, of) == sound

    floor, ours = side_by_side(_undone(by_floor), _undone(lambda: _saved(actor, content, sound)))
    report(f"a register of {ROWS:,} rows, {share:.0%} wrong", ours, floor=floor, at_most=2.5)


def test_against_import_export(actor, of, report):
    few = registers.register(registers.with_errors(PEER_ROWS, 0))
    content = registers.register(registers.with_errors(ROWS, 0))

    def by_peer():
        assert register_floor.peer(few, actor, of) == PEER_ROWS

    peer = best(_undone(by_peer), rounds=3) * ROWS / PEER_ROWS
    ours = best(_undone(lambda: _saved(actor, content, ROWS)), rounds=3)
    report("a register against django-import-export", ours, floor=peer, at_most=1 / 40)


def test_memory(actor):
    """A worker that checks and saves it, in a process of its own."""
    with transaction.atomic():
        import_ = _received(actor, registers.register(registers.with_errors(ROWS, 0)))
    at_check = _worker()
    receiving.ask_to_save(actor=actor, now=NOW, import_uuid=import_.uuid)
    at_save = _worker()
    import_.refresh_from_db()
    assert import_.state == "SAVED", import_.refusal
    print(f"memory above idle: {at_check:.0f} MB to check, {at_save:.0f} MB to save")
    assert max(at_check, at_save) < MEMORY_MB
