"""The background of an import: checking it and saving it, one at a time, each taken by one worker.

Checking writes nothing but its own result. Saving is one transaction that ends with the import's own state, so that
a worker killed anywhere leaves it unsaved or saved once; the next to come finds out by that state.
"""

import gc
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from certification import clock
from certification.imports import contents, purposes, reports
from certification.imports.models import Import, ImportFile
from certification.imports.purposes import Judgement, Purpose
from certification.imports.states import AT_WORK, ImportState, Standing
from certification.organisations.models import User
from certification.people.models import mask
from certification.refusals import Incomplete, Problem, Refusal
from certification.spreadsheets.columns import Column, Record
from certification.workflow import activity

# A file up to this size is checked while its sender waits: it takes less than a second.
AT_ONCE_BYTES = 96 * 1024
AT_ONCE_ROWS = 500
# So often an import is begun; then it is given back to its sender with an apology.
ATTEMPTS = 3
_REPORT_SECONDS = 0.5


class Overtaken(Exception):
    """Another worker has it, or its sender gave it up: what was found out here is nobody's any more."""


def work(now=None) -> dict[str, int]:
    """Do everything that waits; returns how many imports were checked and saved."""
    summary = {"checked": 0, "saved": 0}
    while import_ := _waiting():
        summary["saved" if import_.state == ImportState.SAVING else "checked"] += 1
        _do(import_)
    return summary


def work_on(import_id: int) -> None:
    """Do what waits in one import, here and now; nothing where another has it."""
    while import_ := _waiting(import_id):
        _do(import_)


def is_short(import_: Import) -> bool:
    """Whether its sender may wait for it."""
    if import_.state == ImportState.SAVING:
        return import_.counts.get("rows", 0) <= AT_ONCE_ROWS
    sizes = import_.files.values_list("file__size", flat=True)
    return sum(sizes) <= AT_ONCE_BYTES


def _waiting(import_id: int | None = None) -> Import | None:
    """Take what is to be checked or saved."""
    waiting = Import.objects.filter(state__in=AT_WORK)
    return take(waiting if import_id is None else waiting.filter(pk=import_id))


def take(waiting: QuerySet[Import]) -> Import | None:
    """Take the first of ``waiting`` that no living worker has."""
    silence = timedelta(seconds=settings.JOB_SILENCE_SECONDS)
    free = Q(taken_at__isnull=True) | Q(taken_at__lt=Now() - silence)
    with transaction.atomic():
        found = waiting.filter(free).select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
        if found is None:
            return None
        token = uuid.uuid4()
        Import.objects.filter(pk=found.pk).update(token=token, taken_at=Now(), attempts=F("attempts") + 1)
    return Import.objects.select_related("organisation").get(pk=found.pk, token=token)


@contextmanager
def without_collector() -> Iterator[None]:
    """Ten thousand rows are a million objects that live until the end and form no circles: the collector would look
    through them again and again, for half of the time that all the rest takes."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@without_collector()
def _do(import_: Import) -> None:
    if import_.attempts > ATTEMPTS:
        _give_back(import_)
        return
    try:
        if import_.state == ImportState.SAVING:
            _save(import_)
        else:
            _check(import_)
    except Overtaken:
        return
    except Exception:
        # For the next attempt, after a while: the run of the job says what went wrong.
        Import.objects.filter(pk=import_.pk, token=import_.token).update(taken_at=Now())
        raise


def _check(import_: Import) -> None:
    progress = Progress(import_, "读取文件")
    try:
        found, report, judgement = check(import_, progress)
    except contents.Unsure as unsure:
        _finish(import_, ImportState.WAITING, state=ImportState.ASKING, doubts=unsure.doubts)
        return
    except Refusal as refusal:
        _refuse(import_, refusal)
        return
    last = import_.workbook
    _finish(
        import_,
        ImportState.WAITING,
        state=ImportState.CHECKED,
        report=report.pack(),
        counts=report.counts(),
        basis=judgement.basis,
        doubts=[],
        checked_at=clock.now(),
        done=len(found.records),
        total=len(found.records),
        workbook=None,
        # What takes long to make is ready before somebody asks for it.
        workbook_wanted=bool(report.problems) and len(report.rows) > AT_ONCE_ROWS,
    )
    if last is not None:
        with transaction.atomic():
            last.discard()


def check(import_: Import, progress=None) -> tuple[contents.Contents, reports.Report, Judgement]:
    """Read and judge all rows; writes nothing but layouts that are certain. Raises UnreadableFile, Unsure."""
    purpose = purposes.of(import_)
    today = clock.today()
    columns = purpose.columns(import_, today)
    found = contents.read(import_, purpose, columns, progress and progress.rows)
    if progress:
        progress("与登记信息比对")
    judgement = purpose.judge(import_, found.records, today)
    return found, _report(purpose, columns, found, judgement), judgement


def read(import_: Import, progress=None) -> contents.Contents:
    """The rows as they stand now; raises UnreadableFile, Unsure."""
    purpose = purposes.of(import_)
    return contents.read(import_, purpose, purpose.columns(import_, clock.today()), progress)


def _report(purpose: Purpose, columns: list[Column], found: contents.Contents, judgement: Judgement) -> reports.Report:
    labels = {column.key: column.name for column in columns}
    by_row = {record.row: record for record in found.records}
    report = reports.Report(
        labels=[labels[key] for key in purpose.shown],
        problems=[_masked(problem, by_row) for problem in judgement.problems],
        warnings=[_masked(warning, by_row) for warning in judgement.warnings],
        changes=judgement.changes,
        leaving=judgement.leaving,
        notes=[*_hidden(found.hidden), *judgement.notes],
        unused=found.unused,
    )
    wrong, standings = report.wrong, judgement.standings
    texts = zip(*(reports.texts_of(found.records, key) for key in purpose.shown), strict=True)
    report.rows = [
        reports.Row(
            record.row,
            Standing.WRONG if record.row in wrong else standings.get(record.row, Standing.NEW),
            list(said),
        )
        for record, said in zip(found.records, texts, strict=True)
    ]
    return report


def _masked(problem: Problem, by_row: dict[int, Record]) -> Problem:
    """A number that is somebody's is masked; one that is wrong is shown as typed, since it must be mended."""
    record = by_row.get(problem.row) if problem.field else None
    number = getattr(record[problem.field], "number", None) if record else None
    return replace(problem, value=mask(number)) if number else problem


def _hidden(rows: list[int]) -> list[str]:
    if not rows:
        return []
    shown = "、".join(map(str, rows[:10])) + ("等" if len(rows) > 10 else "")
    return [f"第 {shown} 行在工作表中被隐藏（共 {len(rows)} 行），同样列入核对。"]


def _save(import_: Import) -> None:
    progress = Progress(import_, "读取文件")
    try:
        found = read(import_, progress.rows)
        progress("保存")
        actor = User.objects.select_related("organisation", "person").get(pk=import_.saved_by_id)
        _write(actor=actor, now=import_.save_asked_at, import_=import_, found=found)
        contents.forget()
    except (contents.Unsure, Incomplete) as changed:
        refusal = changed if isinstance(changed, Refusal) else Refusal("列的对应关系需要重新确认。")
        _finish(
            import_,
            ImportState.SAVING,
            state=ImportState.WAITING,
            refusal=said(refusal, "核对之后情况有变，没有保存。", "已重新核对，请看下面的结果。"),
        )
    except Refusal as refusal:
        _finish(import_, ImportState.SAVING, state=ImportState.CHECKED, refusal=said(refusal))


@activity
def _write(*, actor, now, import_: Import, found: contents.Contents) -> None:
    """Write all rows and the import's own end in one transaction."""
    mine = Import.objects.filter(pk=import_.pk, state=ImportState.SAVING, token=import_.token)
    if not mine.select_for_update(of=("self",)).exists():
        raise Overtaken
    saved = purposes.of(import_).save(import_, found.records, actor=actor, now=now)
    mine.update(
        state=ImportState.SAVED,
        saved_at=clock.now(),
        result={"sentence": saved.sentence, "url": saved.url, **saved.numbers},
        refusal={},
        token=None,
        taken_at=None,
        attempts=0,
    )


def _refuse(import_: Import, refusal: Refusal) -> None:
    """A correction that cannot be read leaves the import as it was before; an upload ends it."""
    last = import_.files.order_by("-number").first()
    if last.number > 1 and not last.layout:
        ImportFile.objects.filter(pk=last.pk).delete()
        _finish(import_, ImportState.WAITING, state=ImportState.WAITING, refusal=said(refusal))
        return
    _finish(import_, ImportState.WAITING, state=ImportState.REFUSED, refusal=said(refusal))


def _give_back(import_: Import) -> None:
    apology = Refusal("系统多次处理这份文件都没有成功。", advice="请稍后重试；仍不成功的，请联系系统管理员。")
    state = ImportState.CHECKED if import_.state == ImportState.SAVING else ImportState.REFUSED
    _finish(import_, import_.state, state=state, refusal=said(apology))


def said(refusal: Refusal, message: str = "", advice: str = "") -> dict:
    """A refusal as the import keeps it, for ``refusal_of``."""
    problems = refusal.problems if isinstance(refusal, Incomplete) and not message else []
    return {
        "message": message or refusal.message,
        "code": refusal.code,
        "clause": refusal.clause,
        "advice": advice or refusal.advice,
        "problems": [asdict(problem) for problem in problems],
    }


def refusal_of(import_: Import) -> Refusal | None:
    """What was said when the import was refused the last time; None where it was not."""
    kept = import_.refusal
    if not kept:
        return None
    if kept["problems"]:
        return Incomplete([Problem(**problem) for problem in kept["problems"]], clause=kept["clause"])
    return Refusal(kept["message"], code=kept["code"], clause=kept["clause"], advice=kept["advice"])


def _finish(import_: Import, before: str, **values) -> None:
    """Store the end of a step, if the import is still in state ``before`` and this worker's."""
    mine = Import.objects.filter(pk=import_.pk, state=before, token=import_.token)
    if not mine.update(**{"stage": "", "token": None, "taken_at": None, "attempts": 0, **values}):
        raise Overtaken


class Progress:
    """Says how far it is, a few times a second, and notices when nobody waits for it any more."""

    def __init__(self, import_: Import, first: str, **mine):
        self.said_at = 0.0
        self.mine = Import.objects.filter(pk=import_.pk, token=import_.token, **(mine or {"state__in": AT_WORK}))
        self(first)

    def __call__(self, stage: str) -> None:
        self._say(stage=stage)

    def rows(self, done: int, total: int) -> None:
        """``done`` of ``total`` rows were read."""
        self.of("核对各行", done, total)

    def of(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` rows have passed through ``stage``."""
        if time.monotonic() - self.said_at > _REPORT_SECONDS:
            self._say(stage=stage, done=done, total=total)

    def _say(self, **values) -> None:
        self.said_at = time.monotonic()
        if not self.mine.update(taken_at=Now(), **values):
            raise Overtaken
