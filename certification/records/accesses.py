"""Who saw personal data, and when: full numbers, files, and what leaves the system with full numbers in it (rules 5).

Each view is a line of the transition log about the case, sealed with the rest of it; it is no step of the case and
its timeline leaves it out. Auditors read the lines together (查阅记录).
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import models

from certification.records.models import StoredFile, TransitionLog

REVEAL = "reveal_number"
VIEW_FILE = "view_file"
DOWNLOAD_FILE = "download_file"
FETCH_MASKED = "fetch_masked"
TAKE_OUT = "take_out_numbers"
LOOK_UP = "public_look_up"

LABELS = {
    REVEAL: "查看完整证件号码",
    VIEW_FILE: "查看文件",
    DOWNLOAD_FILE: "下载文件",
    FETCH_MASKED: "下载遮蔽证件号码的副本",
    TAKE_OUT: "打印或导出完整证件号码",
    LOOK_UP: "本人公开查询",
}
# Too many to stand among the steps of a case.
NO_STEPS = frozenset({VIEW_FILE, DOWNLOAD_FILE, FETCH_MASKED, TAKE_OUT, LOOK_UP})


def reveal(subject: models.Model, *, actor, now: datetime) -> None:
    """``actor`` was shown the whole number of the person whom ``subject`` is about."""
    state = getattr(subject, "state", "")
    detail = {"case": str(subject)}
    TransitionLog.write([(subject, state, state)], name=REVEAL, actor=actor, at=now, detail=detail)


def fetch(stored: StoredFile, owner: models.Model, *, actor, now: datetime, download: bool) -> None:
    """``actor`` was sent the file ``stored``, which belongs to ``owner``."""
    detail = {"case": str(owner), "file": stored.name, "uuid": str(stored.uuid), "sha256": stored.sha256}
    name = DOWNLOAD_FILE if download else VIEW_FILE
    TransitionLog.write([(owner, "", "")], name=name, actor=actor, at=now, detail=detail)


def fetch_masked(stored: StoredFile, owner: models.Model, *, actor, now: datetime) -> None:
    """``actor`` was sent a copy of ``stored`` in which the numbers are masked."""
    detail = {"case": str(owner), "file": stored.name, "uuid": str(stored.uuid), "sha256": stored.sha256}
    TransitionLog.write([(owner, "", "")], name=FETCH_MASKED, actor=actor, at=now, detail=detail)


def take_out(subject: models.Model, *, actor, now: datetime, what: str, persons: int) -> None:
    """``actor`` took out ``what`` (签到表, 准考证), which names ``persons`` people with their whole numbers."""
    detail = {"case": str(subject), "what": what, "persons": persons}
    TransitionLog.write([(subject, "", "")], name=TAKE_OUT, actor=actor, at=now, detail=detail)


def look_up(subject: models.Model, *, actor, now: datetime, what: str, address: str) -> None:
    """``what`` about ``subject`` was shown on the public pages to whoever proved to be that person, at ``address``.
    ``actor`` is the jobs' account: the public has none."""
    detail = {"case": str(subject), "what": what, "address": address}
    TransitionLog.write([(subject, "", "")], name=LOOK_UP, actor=actor, at=now, detail=detail)


def lines(names: Iterable[str] = tuple(LABELS)) -> models.QuerySet[TransitionLog]:
    """The lines of all views of these kinds."""
    return TransitionLog.objects.filter(name__in=list(names))
