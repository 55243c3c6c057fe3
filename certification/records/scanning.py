"""Virus scan through ClamAV's socket, where ``CLAMD`` names one (tcp://host:port or unix:///path).

Where the scanner cannot be reached, ``CLAMD_UNREACHABLE`` decides: "refuse" takes no file, "later" takes it into
quarantine, where nobody can fetch it until the job has scanned it.
"""

import logging
import socket
import struct
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from certification.records.models import Scan, StoredFile
from certification.refusals import Refusal

logger = logging.getLogger(__name__)

REFUSE, LATER = "refuse", "later"
_PIECE = 256 * 1024
_LONGEST_ANSWER = 4096
_when_infected: list[Callable[[StoredFile, datetime], None]] = []


class Infected(Refusal):
    """The scanner found something; ``signature`` is what it calls it."""

    code = "infected"

    def __init__(self, name: str, signature: str):
        super().__init__(
            f"“{name}”含有病毒或恶意代码（{signature}），不予接收。",
            clause="文件接收要求",
            advice="请在杀毒后重新生成该文件，并检查所用计算机。",
        )
        self.signature = signature


class ScannerUnavailable(Refusal):
    """The scanner does not answer, or says that it could not scan."""

    code = "scan_unavailable"

    def __init__(self, reason: object):
        super().__init__("病毒扫描服务暂时不可用，文件未接收。", advice="请稍后重新上传；多次出现请联系系统管理员。")
        self.reason = str(reason)


def scan(content: bytes, *, name: str) -> Scan:
    """Have ``content`` scanned. Without a scanner everything is UNSCANNED; raises Infected, and ScannerUnavailable
    unless such files are taken into quarantine (WAITING)."""
    if not settings.CLAMD:
        return Scan.UNSCANNED
    try:
        signature = ask(content)
    except ScannerUnavailable as unavailable:
        logger.warning("virus scan: %s", unavailable.reason)
        if settings.CLAMD_UNREACHABLE == LATER:
            return Scan.WAITING
        raise
    if signature:
        logger.warning("virus scan: %s found in an upload", signature)
        raise Infected(name, signature)
    return Scan.CLEAN


def ask(content: bytes) -> str:
    """The name of what clamd finds in ``content``, "" for nothing; raises ScannerUnavailable."""
    try:
        with _connection() as link:
            answer = _exchange(link, content)
    except OSError as error:
        raise ScannerUnavailable(error) from error
    if answer.endswith(" FOUND"):
        return answer.removeprefix("stream:").removesuffix("FOUND").strip()
    if answer != "stream: OK":
        raise ScannerUnavailable(answer or "no answer")
    return ""


def on_infected(handler: Callable[[StoredFile, datetime], None]) -> None:
    """Call ``handler(stored, now)``, within the transaction, when a file in quarantine turns out to be infected."""
    _when_infected.append(handler)


def scan_waiting(*, now: datetime) -> dict[str, int]:
    """Scan what waits in quarantine, one file a transaction; stops where the scanner does not answer."""
    counts = {"clean": 0, "infected": 0, "waiting": 0}
    if not settings.CLAMD:
        return counts
    last = 0
    while (outcome := _scan_next(last, now)) is not None:
        last, state = outcome
        if state == Scan.WAITING:
            break
        counts["clean" if state == Scan.CLEAN else "infected"] += 1
    counts["waiting"] = StoredFile.objects.filter(scan=Scan.WAITING).count()
    return counts


def _scan_next(after: int, now: datetime) -> tuple[int, str] | None:
    with transaction.atomic():
        rows = StoredFile.objects.select_for_update(skip_locked=True).filter(scan=Scan.WAITING, pk__gt=after)
        stored = rows.order_by("pk").first()
        if stored is None:
            return None
        with stored.file.open("rb") as kept:
            content = kept.read()
        try:
            stored.signature = ask(content)[:120]
        except ScannerUnavailable as unavailable:
            logger.warning("virus scan of a file in quarantine: %s", unavailable.reason)
            return stored.pk, Scan.WAITING
        stored.scan = Scan.INFECTED if stored.signature else Scan.CLEAN
        stored.scanned_at = now
        stored.save(update_fields=["scan", "signature", "scanned_at"])
        if stored.signature:
            for handler in _when_infected:
                handler(stored, now)
        return stored.pk, stored.scan


def _connection() -> socket.socket:
    where = urlsplit(settings.CLAMD)
    if where.scheme == "unix":
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(settings.CLAMD_TIMEOUT)
        try:
            link.connect(where.path)
        except OSError:
            link.close()
            raise
        return link
    return socket.create_connection((where.hostname, where.port or 3310), timeout=settings.CLAMD_TIMEOUT)


def _exchange(link: socket.socket, content: bytes) -> str:
    """INSTREAM: the length of each piece as four bytes before it, an empty piece at the end, one line back."""
    try:
        link.sendall(b"zINSTREAM\0")
        for place in range(0, len(content), _PIECE):
            piece = content[place : place + _PIECE]
            link.sendall(struct.pack(">I", len(piece)) + piece)
        link.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        # A file over clamd's own limit: it says so and hangs up before everything was sent.
        pass
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
        piece = link.recv(_LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()
