"""What people do with an import: upload, say which column is which, correct, take rows out, save, give up.

Each is an activity; what takes long is left to ``working``, and ``go_on`` sets that going when it has committed.
"""

import logging
from collections.abc import Iterable, Mapping

from django.contrib.contenttypes.models import ContentType
from django.db import models
from kombu.exceptions import OperationalError

from certification import clock
from certification.imports import contents, purposes, returning, tasks, workbooks, working
from certification.imports.models import Heading, Import, ImportFile
from certification.imports.purposes import Purpose
from certification.imports.states import AT_WORK, OPEN, ImportState
from certification.organisations import access
from certification.organisations.models import User
from certification.records import accesses, scanning
from certification.records.content import CSV, XLSX
from certification.records.models import StoredFile
from certification.refusals import Refusal, WrongState
from certification.spreadsheets import layout as layouts
from certification.spreadsheets.columns import Column, wanted_names
from certification.spreadsheets.layout import Layout
from certification.spreadsheets.names import normal_name
from certification.spreadsheets.reading import read_sheets, require_plausible
from certification.workflow import activity, lock, log

logger = logging.getLogger(__name__)

MOST_CORRECTIONS = 50
_LONGEST_HEADING = 60


class NotFound(Refusal):
    """There is no such import, or not for this actor: the two are not told apart (rules 5)."""

    code = "not_found"


@activity
def receive(*, actor, now, purpose: Purpose, content: bytes, name: str, subject: models.Model | None = None) -> Import:
    """Keep an upload for ``purpose`` and ``subject``; call ``go_on`` with it after the transaction.

    A short file is looked into at once: raises UnreadableFile and keeps nothing where it is no table or has no
    header. Earlier uploads for the same subject that were not saved are given up. Raises NotPermitted.
    """
    access.require(actor, purpose.action)
    import_ = Import(
        purpose=purpose.code,
        subject=subject,
        organisation_id=actor.organisation_id,
        uploaded_by=actor,
        uploaded_at=now,
    )
    _require_readable(import_, purpose, content, name, now)
    if subject is not None:
        for earlier in lock(about(purpose, subject).filter(organisation=actor.organisation_id, state__in=OPEN)):
            _reopen(earlier, state=ImportState.DISCARDED)
    import_.save(force_insert=True)
    _keep(import_, content, name, actor=actor, now=now)
    log([import_], "upload", actor=actor, now=now)
    return import_


@activity
def correct(*, actor, now, import_uuid, content: bytes, name: str) -> Import:
    """Keep a file with corrected rows, whole or in part; the import is checked again with them in their places.

    Raises NotFound, NotPermitted, WrongState, UnreadableFile.
    """
    import_ = _locked(actor, import_uuid, (ImportState.CHECKED,))
    if import_.files.count() > MOST_CORRECTIONS:
        raise WrongState("改正的次数过多。", advice="请下载核对结果，改正后整份重新上传。")
    _require_readable(import_, purposes.of(import_), content, name, now)
    _keep(import_, content, name, actor=actor, now=now)
    _reopen(import_, state=ImportState.WAITING, refusal={})
    log([import_], "correct", actor=actor, now=now)
    return import_


@activity
def drop_rows(*, actor, now, import_uuid, rows: Iterable[int]) -> Import:
    """Take rows out of what is to be saved. Raises NotFound, NotPermitted, WrongState."""
    import_ = _locked(actor, import_uuid, (ImportState.CHECKED,))
    dropped = sorted({*import_.dropped, *rows})
    _reopen(import_, state=ImportState.WAITING, dropped=dropped, refusal={})
    log([import_], "drop_rows", actor=actor, now=now, detail={"rows": dropped})
    return import_


@activity
def match_columns(*, actor, now, import_uuid, layout: Layout) -> Import:
    """Say where the columns of the last file stand; what its headings mean is remembered for the organisation.

    Raises NotFound, NotPermitted, WrongState.
    """
    import_ = _locked(actor, import_uuid, (ImportState.ASKING, ImportState.CHECKED))
    purpose = purposes.of(import_)
    file = file_in_question(import_)
    ImportFile.objects.filter(pk=file.pk).update(layout=layout.as_json(), targets={})
    _remember(import_, purpose.columns(import_, clock.day_of(now)), layout)
    _reopen(import_, state=ImportState.WAITING, doubts=[], refusal={})
    log([import_], "match_columns", actor=actor, now=now, detail={"places": dict(layout.places)})
    return import_


@activity
def ask_to_save(*, actor, now, import_uuid) -> Import:
    """Have it saved as it was checked. Raises NotFound, NotPermitted, WrongState, and what the purpose says of a case
    that is closed."""
    import_ = _locked(actor, import_uuid, (ImportState.CHECKED, *AT_WORK))
    if import_.state == ImportState.SAVING:
        return import_
    if not may_be_saved(import_):
        raise WrongState("还有未改正的行，不能保存。", advice="请改正后再保存。")
    if closed := purposes.of(import_).closed(import_, now):
        raise closed
    _change(import_, state=ImportState.SAVING, saved_by=actor, save_asked_at=now, refusal={})
    log([import_], "save", actor=actor, now=now)
    return import_


@activity
def discard(*, actor, now, import_uuid) -> Import:
    """Give an upload up; its files stay. Raises NotFound, NotPermitted, WrongState."""
    import_ = _locked(actor, import_uuid, (*OPEN, ImportState.REFUSED))
    _reopen(import_, state=ImportState.DISCARDED)
    log([import_], "discard", actor=actor, now=now)
    return import_


@activity
def ask_for_workbook(*, actor, now, import_uuid) -> Import:
    """Have the workbook that goes back made by the background, where it is not there or being made already.

    Raises NotFound, NotPermitted, WrongState.
    """
    import_ = _locked(actor, import_uuid, workbooks.JUDGED)
    if import_.workbook_id is None and not import_.workbook_wanted:
        _change(import_, workbook_wanted=True)
    return import_


def take_workbook(import_: Import, *, actor, now) -> bytes:
    """The workbook that goes back, on record as taken out with the numbers in it. A short import's is made now, a long
    one's must be there. Raises Refusal where it cannot be made."""
    if import_.workbook is not None:
        with import_.workbook.file.open("rb") as kept:
            content = kept.read()
    else:
        content = returning.workbook(import_)
    accesses.take_out(
        import_.subject or import_,
        actor=actor,
        now=now,
        what=f"{purposes.of(import_).label}核对结果",
        persons=import_.counts.get("rows", 0),
    )
    return content


def go_on(import_: Import) -> None:
    """Set the background going: a short import is done here and now, for a long one a worker is woken. Where the
    broker is away, the next turn of beat does it."""
    if import_.state in AT_WORK and working.is_short(import_):
        working.work_on(import_.pk)
        return
    try:
        tasks.work.apply_async(retry=False)
    except OperationalError:
        logger.warning("no worker could be woken for import %s", import_.pk, exc_info=True)


def find(user: User, import_uuid) -> Import | None:
    """The import, if ``user`` may do what it is for, in the organisation that uploaded it."""
    found = Import.objects.visible_to(user).filter(uuid=import_uuid, organisation=user.organisation_id)
    import_ = found.select_related("organisation", "uploaded_by__person", "workbook").first()
    if import_ is None or not access.may(user, purposes.of(import_).action):
        return None
    return import_


def about(purpose: Purpose, subject: models.Model):
    """The imports of ``purpose`` for ``subject``, the last one first."""
    subject_type = ContentType.objects.get_for_model(subject)
    return Import.objects.filter(purpose=purpose.code, subject_type=subject_type, subject_id=subject.pk).order_by("-pk")


def may_be_saved(import_: Import) -> bool:
    """Whether the last check left something to save and nothing in the way of it."""
    counts = import_.counts
    if import_.state != ImportState.CHECKED or counts.get("general"):
        return False
    wrong = counts.get("WRONG", 0)
    return counts.get("rows", 0) > wrong and not (wrong and purposes.of(import_).whole)


def file_in_question(import_: Import) -> ImportFile:
    """The file whose columns are asked for: the first that has no certain layout, else the last."""
    files = list(import_.files.select_related("file").order_by("number"))
    return next((file for file in files if not file.layout), files[-1])


def _locked(actor, import_uuid, states: tuple[str, ...]) -> Import:
    visible = Import.objects.visible_to(actor).filter(uuid=import_uuid, organisation=actor.organisation_id)
    rows = lock(visible.select_related("organisation"))
    if not rows:
        raise NotFound("没有找到这份上传的文件。")
    (import_,) = rows
    access.require(actor, purposes.of(import_).action)
    if import_.state not in states:
        raise WrongState(
            f"这份文件{import_.get_state_display()}，不能再这样办理。", advice="请刷新页面，查看最新情况。"
        )
    return import_


def _reopen(import_: Import, **values) -> None:
    """Change it so that what the last check found holds no longer."""
    workbooks.forget(import_)
    _change(import_, **values)


def _change(import_: Import, **values) -> None:
    values = {"token": None, "taken_at": None, "attempts": 0, "stage": "", "done": 0, "total": 0, **values}
    Import.objects.filter(pk=import_.pk).update(**values)
    for name, value in values.items():
        setattr(import_, name, value)


def _require_readable(import_: Import, purpose: Purpose, content: bytes, name: str, now) -> None:
    require_plausible(content, name)
    if len(content) <= working.AT_ONCE_BYTES:
        columns = [*purpose.columns(import_, clock.day_of(now)), contents.ROW_MARK]
        layouts.suggest(read_sheets(content, name), columns, contents.remembered(import_))


def _keep(import_: Import, content: bytes, name: str, *, actor, now) -> None:
    media_type = XLSX if content.startswith(b"PK") else CSV
    owner = import_.subject or import_
    scan = scanning.scan(content, name=name)
    stored = StoredFile.store(content, name=name, media_type=media_type, owner=owner, actor=actor, now=now, scan=scan)
    last = import_.files.aggregate(last=models.Max("number"))["last"] or 0
    ImportFile.objects.create(owner_import=import_, number=last + 1, file=stored)


def _remember(import_: Import, columns: Iterable[Column], layout: Layout) -> None:
    """Keep what the headings mean wherever that is not plain from their names."""
    columns = list(columns)
    plain = {normal_name(name): column.key for column in columns for name in wanted_names([column])}
    chosen = {index: key for key, index in layout.places.items()}
    said: Mapping[str, str] = {
        normal_name(name)[:_LONGEST_HEADING]: chosen.get(index, "") for index, name in enumerate(layout.header) if name
    }
    known = contents.remembered(import_)
    kept = [
        Heading(organisation_id=import_.organisation_id, purpose=import_.purpose, heading=heading, key=key)
        for heading, key in said.items()
        if heading and (heading in known or plain.get(heading, "") != key or (not key and heading not in plain))
    ]
    Heading.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["organisation", "purpose", "heading"],
        update_fields=["key"],
    )
