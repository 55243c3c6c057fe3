"""Uploads that nobody saves: after the days of ``settings.IMPORT_UNDECIDED_DAYS`` they are given up.

The page says until when an upload waits, and afterwards what became of it. Cleared is what the system made of it: the
rows as they were found, and the workbook that goes back. The files as received stay.
"""

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from certification import clock
from certification.imports import workbooks, working
from certification.imports.models import Import
from certification.imports.states import UNDECIDED, ImportState
from certification.organisations.models import User
from certification.refusals import Refusal
from certification.workflow import log

_ENDED = (ImportState.DISCARDED, ImportState.REFUSED)


def keeps_until(import_: Import) -> date | None:
    """The last day on which an undecided upload waits for its sender; None where it does not."""
    if import_.state not in UNDECIDED:
        return None
    return clock.day_of(import_.checked_at or import_.uploaded_at) + _days()


def give_up(now=None) -> dict[str, int]:
    """Give up what is over its days, and clear what ended before; each in a transaction of its own."""
    now = now or clock.now()
    before = clock.end_of(clock.day_of(now) - _days() - timedelta(days=1))
    summary = {"given_up": 0, "cleared": 0}
    waited = Coalesce(F("checked_at"), F("uploaded_at"))
    old = Import.objects.alias(since=waited).filter(since__lt=before)
    for pk in list(old.filter(state__in=UNDECIDED).order_by("pk").values_list("pk", flat=True)):
        summary["given_up"] += _give_up(pk, now)
    for pk in list(old.filter(_something_to_clear()).order_by("pk").values_list("pk", flat=True)):
        summary["cleared"] += _clear(pk)
    return summary


def _days() -> timedelta:
    return timedelta(days=settings.IMPORT_UNDECIDED_DAYS)


def _something_to_clear() -> Q:
    """What was made of uploads that came to nothing; of saved ones the workbook, which is made again when asked for."""
    ended = Q(state__in=_ENDED) & ~Q(report=b"")
    return ended | Q(state__in=[*_ENDED, ImportState.SAVED], workbook__isnull=False)


def _give_up(pk: int, now) -> int:
    with transaction.atomic():
        waiting = Import.objects.filter(pk=pk, state__in=UNDECIDED)
        import_ = waiting.select_for_update(of=("self",), skip_locked=True).first()
        if import_ is None:
            return 0
        said = Refusal(
            f"核对后 {settings.IMPORT_UNDECIDED_DAYS} 日内没有保存，已自动放弃。",
            code="undecided",
            advice="收到的文件仍在下面，可以下载后重新上传。",
        )
        Import.objects.filter(pk=pk).update(
            state=ImportState.DISCARDED, refusal=working.said(said), token=None, taken_at=None, report=b""
        )
        workbooks.forget(import_)
        log([import_], "give_up", actor=User.objects.system(), now=now)
    return 1


def _clear(pk: int) -> int:
    with transaction.atomic():
        import_ = Import.objects.filter(pk=pk).select_for_update(of=("self",), skip_locked=True).first()
        if import_ is None:
            return 0
        if import_.state in _ENDED:
            Import.objects.filter(pk=pk).update(report=b"")
        workbooks.forget(import_)
    return 1
