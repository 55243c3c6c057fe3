"""Virus scan: against a server that speaks clamd's protocol, over both kinds of socket, and when there is none."""

import socket
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.core.management import call_command

from certification.records import scanning
from certification.records.models import Scan, StoredFile
from certification.records.tasks import scan_files
from tests.factories import BUILT_AT
from tests.records.clamd import SIGNATURE, clamd

CLEAN = b"%PDF-1.7 nothing " * 40_000
INFECTED = b"x" * 300_000 + b"EICAR"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.CLAMD_TIMEOUT = 3


@pytest.fixture
def unreachable(settings):
    """The address of nobody."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.CLAMD = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    return settings


def test_without_a_scanner_files_are_unscanned(settings):
    settings.CLAMD = ""
    assert scanning.scan(INFECTED, name="x.pdf") == Scan.UNSCANNED


@pytest.mark.parametrize("unix", [False, True])
def test_clean_passes_and_infected_is_refused_by_name(settings, unix):
    # The path of a socket may have a hundred characters only; a test's own folder can be deeper.
    with TemporaryDirectory(dir="/tmp") as folder, clamd(path=Path(folder) / "s" if unix else None) as server:
        settings.CLAMD = server.address
        assert scanning.scan(CLEAN, name="张三-学历证书.pdf") == Scan.CLEAN
        assert server.scanned == [CLEAN]
        with pytest.raises(scanning.Infected, match="张三-身份证.jpg.*EICAR") as refusal:
            scanning.scan(INFECTED, name="张三-身份证.jpg")
        assert refusal.value.signature == SIGNATURE


def test_what_is_too_large_for_the_scanner_counts_as_not_scanned(settings):
    with clamd(limit=100_000) as server:
        settings.CLAMD = server.address
        with pytest.raises(scanning.ScannerUnavailable) as refusal:
            scanning.scan(CLEAN * 20, name="x.pdf")
    assert refusal.value.code == "scan_unavailable"


def test_a_scanner_that_says_nothing_is_waited_for_no_longer_than_set(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.CLAMD = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        settings.CLAMD_TIMEOUT = 0.2
        with pytest.raises(scanning.ScannerUnavailable):
            scanning.scan(b"x", name="x.pdf")


def test_unreachable_refuses_or_takes_into_quarantine(unreachable):
    with pytest.raises(scanning.ScannerUnavailable, match="病毒扫描服务暂时不可用"):
        scanning.scan(CLEAN, name="x.pdf")
    unreachable.CLAMD_UNREACHABLE = "later"
    assert scanning.scan(CLEAN, name="x.pdf") == Scan.WAITING


@pytest.fixture
def quarantined(world, unreachable):
    unreachable.CLAMD_UNREACHABLE = "later"

    def make(content: bytes) -> StoredFile:
        return StoredFile.store(
            content,
            name="材料.pdf",
            media_type="application/pdf",
            owner=world.institution,
            actor=world.user("jigou"),
            now=BUILT_AT,
            scan=scanning.scan(content, name="材料.pdf"),
        )

    return make


def test_quarantine_is_scanned_once_the_scanner_is_back(quarantined, settings, monkeypatch):
    told = []
    monkeypatch.setattr(scanning, "_when_infected", [lambda stored, now: told.append(stored.pk)])
    clean, infected = quarantined(CLEAN), quarantined(INFECTED)
    assert not clean.fetchable
    assert scan_files() == {"clean": 0, "infected": 0, "waiting": 2}
    with clamd() as server:
        settings.CLAMD = server.address
        assert scan_files() == {"clean": 1, "infected": 1, "waiting": 0}
        assert scan_files() == {"clean": 0, "infected": 0, "waiting": 0}
    clean.refresh_from_db()
    infected.refresh_from_db()
    assert (clean.scan, clean.fetchable) == (Scan.CLEAN, True)
    assert (infected.scan, infected.signature, infected.fetchable) == (Scan.INFECTED, SIGNATURE, False)
    assert told == [infected.pk]


@pytest.mark.django_db
def test_the_job_is_on_the_schedule():
    call_command("load_reference", verbosity=0)
    from django_celery_beat.models import PeriodicTask

    assert PeriodicTask.objects.filter(task="records.scan_files", enabled=True).exists()
