"""Many files at once: kept as they come, taken in one by one, the rest put before a person, nothing uploaded twice.

The request that brings the files stores them and takes in what it can in a few seconds; a job does the rest, and the
job of every minute finds what a killed one left. A handful of files is one transaction; the database decides who takes
it. What came in time is in time however late it is taken in: the moment of the upload counts.
"""

import hashlib
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import Exists, OuterRef

from certification import clock
from certification.organisations import access
from certification.records import pictures
from certification.records.content import JPEG, ZIP, image_size
from certification.records.history import acting_as
from certification.records.models import Scan, StoredFile
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.workflow import activity, lock
from exams.materials import archives, attaching, paper_standards, papers
from exams.materials.matching import Match, Names, masked
from exams.models import (
    DeclarationText,
    ExamApplication,
    FileState,
    Material,
    MaterialKind,
    MaterialUpload,
    UploadedFile,
)
from exams.models.uploads import TO_DECIDE

# So long the request itself works on what it brought; the job does the rest.
AT_ONCE_SECONDS = 3.0
# What is taken in at once: so many files of one upload, begun within so many seconds, no larger than so many bytes.
HANDFUL, HANDFUL_SECONDS, HANDFUL_BYTES = 25, 1.0, 32 * 1024 * 1024
TWICE = "同一批文件中已有该学员的这种材料：确需替换的请在此指定，否则放弃。"
LONGEST_ON_SCREEN = 2400
NAME_LENGTH = UploadedFile._meta.get_field("name").max_length
_RAW = "application/octet-stream"
_COUNTED = {FileState.ATTACHED: "attached", FileState.SAME: "attached", FileState.REFUSED: "refused"}


@activity
def upload(*, actor, now, plan_id: int, kind: str, files: Iterable[File]) -> MaterialUpload:
    """Keep files for a class, archives as what they hold; nobody's paper yet (see ``take_in``). Raises Incomplete where
    an archive cannot be read or holds too much, WrongState where the class has no applications."""
    access.require(actor, "exams.application.file")
    first = attaching.of_class(actor, plan_id).first()
    if first is None:
        raise WrongState("该班没有办理中的申报，请先生成申报，再上传材料。", code="no_applications")
    access.require_own(actor, first.institution_id)
    made = MaterialUpload.objects.create(plan_id=plan_id, kind=kind, uploaded_by=actor, uploaded_at=now)
    rows: list[UploadedFile] = []
    for source in files:
        rows += _kept(made, source, len(rows), actor=actor, now=now)
    if not rows:
        raise Incomplete([Problem("压缩包里没有文件。", code="empty", field="files")])
    UploadedFile.objects.bulk_create(rows)
    return made


def take_in(upload_id: int | None = None, *, seconds: float | None = None) -> dict[str, int]:
    """Make papers of the files that wait (of one upload, or all), as far as their names tell; at most for ``seconds``.
    May run twice at once, or be killed anywhere. Returns how many were attached and how many are left to decide."""
    counts = Counter(attached=0, to_decide=0, refused=0)
    started, last = time.monotonic(), 0
    with closing(_Reader()) as reader:
        while seconds is None or time.monotonic() - started < seconds:
            rows = _take_handful(upload_id, last, reader)
            if not rows:
                break
            last = rows[-1].pk
            counts.update(_COUNTED.get(row.state, "to_decide") for row in rows)
    _let_go_of_archives()
    return dict(counts)


def waiting(upload_id: int) -> int:
    """How many files of an upload still wait to be taken in."""
    return UploadedFile.objects.filter(upload=upload_id, state=FileState.WAITING).count()


@activity
def assign(*, actor, now, file_id: int, application_id: int, kind: str) -> UploadedFile:
    """Say whose and which paper a file is that the names did not tell. Raises Refusal where it cannot be that paper; a
    photo that has to be cut is put forward for that instead."""
    row = _to_decide(actor, file_id)
    rows = attaching.of_class(actor, row.upload.plan_id).filter(pk=application_id)
    application = lock(rows)
    if not application:
        raise WrongState("所选学员不在该班，或者其申报已经结束。", advice="请刷新后查看。")
    row.kind, row.application, row.why = kind, application[0], ""
    _attach([(row, _staged(row))], actor=actor, now=now, decided=True)
    return _decided(row, actor, now)


@activity
def crop(*, actor, now, file_id: int, frame: pictures.Frame) -> UploadedFile:
    """Make the chosen part of a picture the photo; raises WrongFile where the frame leaves the picture."""
    row = _to_decide(actor, file_id)
    if row.state != FileState.CROP:
        raise WrongState("该文件不需要裁剪。", advice="请刷新后查看。")
    (application,) = lock(attaching.of_class(actor, row.upload.plan_id).filter(pk=row.application_id))
    photo = papers.photo_within(_staged(row), frame, application.rule_edition)
    current = attaching.current_papers([application]).get((application.pk, MaterialKind.PHOTO))
    material = attaching.attach(application, MaterialKind.PHOTO, photo, current, actor=actor, now=now)
    _settle(row, FileState.ATTACHED, material=material)
    return _decided(row, actor, now)


@activity
def discard(*, actor, now, file_ids: Iterable[int]) -> int:
    """Give files up that nobody needs; they are gone, their names stay on the list. Returns how many."""
    access.require(actor, "exams.application.file")
    rows = UploadedFile.objects.visible_to(actor).filter(pk__in=list(file_ids), state__in=TO_DECIDE)
    return let_go(lock(rows.select_related("file", "upload")), "", actor, now)


def let_go(rows: Iterable[UploadedFile], why: str, actor, now) -> int:
    """Give up ``rows``, locked by the caller: the files are gone, the names stay on the list. Returns how many."""
    found = list(rows)
    for row in found:
        _settle(row, FileState.DISCARDED, why=why)
        _decided(row, actor, now)
    return len(found)


@activity
def put_forward(*, actor, now, application_id: int, content: bytes, name: str) -> UploadedFile:
    """Keep a picture for one applicant whose part for the photo has still to be chosen."""
    access.require(actor, "exams.application.file")
    application = ExamApplication.objects.visible_to(actor).with_case().get(pk=application_id)
    access.require_own(actor, application.institution_id)
    attaching.check_open(application, MaterialKind.PHOTO, now)
    file = papers.sound(content, masked(name))
    made = MaterialUpload.objects.create(
        plan_id=application.plan_id, kind=MaterialKind.PHOTO, uploaded_by=actor, uploaded_at=now
    )
    row = UploadedFile.objects.create(
        upload=made,
        position=0,
        name=name[-NAME_LENGTH:],
        size=len(content),
        sha256=file.sha256,
        application=application,
        kind=MaterialKind.PHOTO,
    )
    _stage(row, FileState.CROP, file, actor=actor, now=now)
    return row


def picture_of(row: UploadedFile) -> tuple[bytes, tuple[int, int]]:
    """The picture that a file to be cropped holds, and its size in pixels."""
    with row.file.file.open("rb") as kept:
        content = kept.read()
    return content, image_size(content)


class _Reader:
    """What reading many files needs again and again: the people of a class, and the archive that is open."""

    def __init__(self):
        self._names: dict[int, Names] = {}
        self._archive: tuple[int, zipfile.ZipFile] | None = None

    def match(self, row: UploadedFile) -> Match:
        """Whose and which paper the row's name says it is."""
        upload = row.upload
        if upload.pk not in self._names:
            applications = list(attaching.of_class(upload.uploaded_by, upload.plan_id))
            edition = applications[0].rule_edition if applications else clock.day_of(upload.uploaded_at)
            self._names = {upload.pk: Names(applications, paper_standards.file_names(edition))}
        return self._names[upload.pk].read(row.name, upload.kind)

    def content(self, row: UploadedFile) -> bytes:
        """What came under the row's name; raises BadEntry, BadZipFile, OSError."""
        if row.container_id is None:
            with row.file.file.open("rb") as kept:
                return kept.read()
        if self._archive is None or self._archive[0] != row.container_id:
            self.close()
            self._archive = (row.container_id, zipfile.ZipFile(row.container.file.open("rb")))
        return archives.read(self._archive[1], row.entry)

    def close(self) -> None:
        """Let go of the archive that is open."""
        if self._archive:
            self._archive[1].fp.close()
            self._archive = None


def _take_handful(upload_id: int | None, after: int, reader: _Reader) -> list[UploadedFile]:
    """Take in the next files that wait; the answer is empty where none does."""
    rows = UploadedFile.objects.filter(state=FileState.WAITING, pk__gt=after)
    rows = rows.filter(upload=upload_id) if upload_id else rows
    with transaction.atomic():
        rows = rows.select_for_update(of=("self",), skip_locked=True).order_by("pk")
        found = list(rows.select_related("file", "container")[:HANDFUL])
        if not found:
            return []
        upload = MaterialUpload.objects.select_related("uploaded_by__organisation").get(pk=found[0].upload_id)
        with acting_as(upload.uploaded_by):
            return _take(_within_bounds(found), upload, reader)


def _within_bounds(rows: list[UploadedFile]) -> Iterator[UploadedFile]:
    """The first of ``rows``, and what follows of the same upload within the bounds of a handful."""
    started, size = time.monotonic(), 0
    for place, row in enumerate(rows):
        size += row.size
        late = time.monotonic() - started > HANDFUL_SECONDS
        if place and (late or size > HANDFUL_BYTES or row.upload_id != rows[0].upload_id):
            return
        yield row


def _take(rows: Iterable[UploadedFile], upload: MaterialUpload, reader: _Reader) -> list[UploadedFile]:
    """Settle ``rows`` of an upload, as far as their names tell."""
    taken, certain = [], []
    for row in rows:
        row.upload = upload
        taken.append(row)
        if (file := _read(row, reader)) is None:
            continue
        found = reader.match(row)
        row.application, row.kind, row.why = found.application, found.kind or "", found.why
        if found.certain:
            certain.append((row, file))
        else:
            state = FileState.AMBIGUOUS if found.candidates or found.application else FileState.UNMATCHED
            _stage(row, state, file, actor=upload.uploaded_by, now=upload.uploaded_at)
    _attach(certain, actor=upload.uploaded_by, now=upload.uploaded_at)
    return taken


def _read(row: UploadedFile, reader: _Reader) -> papers.Sound | None:
    """The file, fit to be kept; None where it was refused."""
    try:
        content = reader.content(row)
        row.size, row.sha256 = len(content), hashlib.sha256(content).hexdigest()
        return papers.sound(content, masked(row.name))
    except (archives.BadEntry, Refusal) as refusal:
        _settle(row, FileState.REFUSED, why=str(refusal))
    except (zipfile.BadZipFile, OSError):
        _settle(row, FileState.REFUSED, why="文件无法读取，请重新上传。")
    return None


def _let_go_of_archives() -> None:
    """Remove archives of which every entry was taken in; what had to be kept of them is kept by itself."""
    with transaction.atomic():
        open_rows = UploadedFile.objects.filter(container=OuterRef("pk"), state=FileState.WAITING)
        used = UploadedFile.objects.filter(container=OuterRef("pk"))
        done = StoredFile.objects.filter(Exists(used), ~Exists(open_rows)).select_for_update(of=("self",))
        for archive in done.order_by("pk"):
            UploadedFile.objects.filter(container=archive).update(container=None)
            archive.discard()


def _attach(files: list[tuple[UploadedFile, papers.Sound]], *, actor, now, decided: bool = False) -> None:
    """Make each file the paper that its row says, or keep it with why that cannot be. Unless somebody ``decided``, a
    paper that came with the same upload is not replaced."""
    applications = lock(ExamApplication.objects.with_case().filter(pk__in={row.application_id for row, _file in files}))
    found = {application.pk: application for application in applications}
    held = attaching.current_papers(applications)
    texts = DeclarationText.objects.in_force(clock.day_of(now)) if files else {}
    made: list[attaching.Prepared] = []
    settled: list[tuple[UploadedFile, FileState, Material]] = []
    for row, file in files:
        application, kind = found[row.application_id], MaterialKind(row.kind)
        current = held.get((application.pk, kind))
        if current and current.source_sha256 == file.sha256:
            settled.append((row, FileState.SAME, current))
            continue
        if current and not decided and _came_with(row, current):
            row.why = TWICE
            _stage(row, FileState.AMBIGUOUS, file, actor=actor, now=now)
            continue
        try:
            fitted = papers.fitted(file, kind, masked(row.name), application.rule_edition)
            paper = attaching.prepare(
                application, kind, fitted, current, actor=actor, now=now, text=texts.get(kind.value)
            )
        except papers.NeedsCrop as refusal:
            row.why = str(refusal)
            _stage(row, FileState.CROP, file, actor=actor, now=now)
        except Refusal as refusal:
            row.why = str(refusal)
            _stage(row, FileState.UNMATCHED, file, actor=actor, now=now)
        else:
            if paper:
                made.append(paper)
                held[application.pk, kind] = paper.material
            settled.append((row, FileState.ATTACHED if paper else FileState.SAME, held[application.pk, kind]))
    attaching.keep(made, actor=actor, now=now)
    _settle_all(settled)


def _came_with(row: UploadedFile, current: Material) -> bool:
    """Whether the paper that is there came with the same upload, with the same handful or before."""
    if current.pk is None:
        return True
    return UploadedFile.objects.filter(upload=row.upload_id, material=current).exists()


def _stage(row: UploadedFile, state: FileState, file: papers.Sound, *, actor, now) -> None:
    """Keep the file, made sound, until somebody decides about it."""
    before = row.file
    if before is None or before.media_type == _RAW:
        file = _for_the_screen(file) if state == FileState.CROP else file
        row.file = StoredFile.store(
            file.content,
            name=masked(PurePosixPath(row.name.replace("\\", "/")).name),
            media_type=file.media_type,
            owner=row,
            actor=actor,
            now=now,
            scan=Scan(file.scan),
        )
    row.state, row.why = state, row.why[:400]
    row.save()
    if before is not None and before != row.file:
        before.discard()


def _for_the_screen(file: papers.Sound) -> papers.Sound:
    """A picture to choose a part of: no larger than somebody can make use of."""
    if max(image_size(file.content)) <= LONGEST_ON_SCREEN:
        return file
    content = pictures.bounded(file.content, longest=LONGEST_ON_SCREEN, max_bytes=settings.UPLOAD_MAX_BYTES)
    return papers.Sound(content, JPEG, file.sha256, file.scan)


def _settle(row: UploadedFile, state: FileState, *, material=None, why: str = "") -> None:
    """The file is somebody's paper, was refused or given up: what was kept of it here goes."""
    _settle_all([(row, state, material)], why=why)


def _settle_all(settled: list[tuple[UploadedFile, FileState, Material | None]], *, why: str = "") -> None:
    """``_settle`` for the files of a handful, in one statement."""
    kept = []
    for row, state, material in settled:
        kept.append(row.file)
        row.file, row.state, row.material, row.why = None, state, material, why[:400]
        if material:
            row.application_id, row.kind = material.application_id, material.kind
    _save(row for row, _state, _material in settled)
    for file in kept:
        if file is not None:
            file.discard()


def _save(rows: Iterable[UploadedFile]) -> None:
    """Store rows that are there. All their columns in one INSERT that finds each: a CASE per column takes longer."""
    columns = [field.name for field in UploadedFile._meta.concrete_fields if not field.primary_key]
    UploadedFile.objects.bulk_create(rows, update_conflicts=True, unique_fields=["pk"], update_fields=columns)


def _decided(row: UploadedFile, actor, now) -> UploadedFile:
    row.decided_by, row.decided_at = actor, now
    row.save(update_fields=["decided_by", "decided_at"])
    return row


def _to_decide(actor, file_id: int) -> UploadedFile:
    access.require(actor, "exams.application.file")
    rows = UploadedFile.objects.visible_to(actor).filter(pk=file_id)
    found = lock(rows.select_related("file", "upload__plan"))
    if not found:
        raise UploadedFile.DoesNotExist
    (row,) = found
    access.require_own(actor, row.upload.plan.institution_id)
    if row.state not in TO_DECIDE:
        raise WrongState(
            f"“{masked(row.name)}”{row.get_state_display()}，不需要再处理。", advice="可能已由他人处理，请刷新后查看。"
        )
    return row


def _staged(row: UploadedFile) -> papers.Sound:
    with row.file.file.open("rb") as kept:
        return papers.Sound(kept.read(), row.file.media_type, row.sha256, Scan(row.file.scan))


def _kept(made: MaterialUpload, source: File, start: int, *, actor, now) -> Iterator[UploadedFile]:
    """The rows of one file that came: itself, or what the archive holds. Kept as it came, for nobody to fetch."""
    name = source.name or "文件"
    archive = archives.is_archive(source.read(4))
    limit = settings.ARCHIVE_MAX_BYTES if archive else settings.UPLOAD_MAX_BYTES
    if why := "文件是空的。" if not source.size else _too_large(source.size, limit):
        row = UploadedFile(upload=made, position=start, name=name[-NAME_LENGTH:], size=source.size, why=why)
        row.state = FileState.REFUSED
        yield row
        return
    entries = archives.entries(source, name) if archive else []
    if archive and not entries:
        return
    source.seek(0)
    media_type = ZIP if archive else _RAW
    stored = StoredFile.store_stream(source, name="upload", media_type=media_type, owner=made, actor=actor, now=now)
    if not archive:
        row = UploadedFile(upload=made, position=start, name=name[-NAME_LENGTH:], size=source.size, file=stored)
        yield row
    for offset, entry in enumerate(entries):
        row = UploadedFile(upload=made, position=start + offset, name=entry.name[-NAME_LENGTH:], size=entry.size)
        row.container, row.entry = stored, entry.place
        yield row


def _too_large(size: int, limit: int) -> str:
    return f"超过 {limit // 1024 // 1024} MB 的上限。" if size > limit else ""
