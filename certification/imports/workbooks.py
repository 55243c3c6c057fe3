"""The workbook that goes back, for a long import: made by the background, after what is to be checked or saved, so that
nobody's request waits for it. A short one is made when somebody asks for it.

It belongs to what the last check found: whatever changes that lets go of it.
"""

from django.db import transaction

from certification import clock
from certification.imports import contents, returning, working
from certification.imports.models import Import
from certification.imports.states import ImportState
from certification.organisations.models import User
from certification.records.content import XLSX
from certification.records.models import StoredFile
from certification.refusals import Refusal

# In which there is something to send back.
JUDGED = (ImportState.CHECKED, ImportState.SAVED)
_STAGE = "制作核对结果"


def work() -> dict[str, int]:
    """Everything that waits, until nothing does: checking and saving first, a workbook when there is neither."""
    summary = {**working.work(), "returned": 0}
    while made := make_next():
        summary["returned"] += made
        for name, number in working.work().items():
            summary[name] += number
    return summary


def make_next() -> int:
    """Make one workbook that is wanted and that nobody else is making: how many were begun, 0 or 1."""
    import_ = working.take(Import.objects.filter(workbook_wanted=True, state__in=JUDGED))
    if import_ is None:
        return 0
    try:
        _make(import_)
    except working.Overtaken:
        pass
    except Refusal:
        # The columns are in question again: the page says so, and the next check makes a new one.
        _done(import_, workbook_wanted=False)
    return 1


def is_short(import_: Import) -> bool:
    """Whether it is made while its reader waits."""
    return import_.counts.get("rows", 0) <= working.AT_ONCE_ROWS


@working.without_collector()
def _make(import_: Import) -> None:
    if import_.attempts > working.ATTEMPTS:
        _done(import_, workbook_wanted=False)
        return
    progress = working.Progress(import_, _STAGE, workbook_wanted=True)
    content = returning.workbook(import_, lambda done, total: progress.of(_STAGE, done, total))
    contents.forget()
    with transaction.atomic():
        mine = Import.objects.filter(pk=import_.pk, token=import_.token, workbook_wanted=True)
        if not mine.select_for_update(of=("self",)).exists():
            raise working.Overtaken
        stored = StoredFile.store(
            content,
            name=returning.file_name(import_),
            media_type=XLSX,
            owner=import_,
            actor=User.objects.system(),
            now=clock.now(),
        )
        _done(import_, workbook=stored, workbook_wanted=False)


def _done(import_: Import, **values) -> None:
    mine = Import.objects.filter(pk=import_.pk, token=import_.token)
    mine.update(**{"stage": "", "token": None, "taken_at": None, "attempts": 0, **values})


def forget(import_: Import) -> None:
    """Let go of a workbook that no longer says what was found, or that nobody may need; inside a transaction."""
    stored = import_.workbook
    Import.objects.filter(pk=import_.pk).update(workbook=None, workbook_wanted=False)
    import_.workbook, import_.workbook_wanted = None, False
    if stored is not None:
        stored.discard()
