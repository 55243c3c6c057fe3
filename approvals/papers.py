"""The papers of approvals (notices of acceptance, decision letters, clock notices …): one way in which they come about.

A paper is made once, from the row as it stands, and never changed. Making it is slow beside the act, so that it
happens after the commit: an empty ``letter`` is the work still to do. Workers share it out among themselves row by row;
one that is killed leaves its row to the next.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db import models, transaction

from certification.jobs import waking
from certification.organisations.models import User
from certification.records.content import PDF
from certification.records.models import StoredFile
from certification.refusals import Refusal
from certification.workflow import activity

# So many papers are worth waking one more worker for, up to so many workers.
_A_WORKER, _WORKERS = 5, 4


@dataclass(frozen=True)
class Kind:
    """One kind of paper: whose ``letter`` it is (``rows`` with all that it says), its file name, its PDF."""

    rows: Callable[[], models.QuerySet]
    name: Callable[[models.Model], str]
    render: Callable[[models.Model], bytes]


@activity
def write(*, actor, now, kind: Kind, pk: int) -> StoredFile:
    """The paper of one row, made and stored if it is not there yet; doing it twice gives the same file. Waits for
    whoever makes it at the moment. Raises MissingGlyphs, TypefaceMissing, RendererMissing, DiskFull."""
    model = kind.rows().model
    model.objects.select_for_update().get(pk=pk)
    row = kind.rows().get(pk=pk)
    if row.letter_id is None:
        _store(kind, row, actor=actor, now=now)
    return row.letter


def write_missing(kind: Kind, ids: Collection[int] | None = None) -> int:
    """Make the missing papers, of the rows with these ids or of all, one by one, each in its own transaction; returns
    how many. Rows that another worker has are left to it. One that cannot be made does not keep the others waiting; the
    first such refusal is raised at the end, so that the run is seen to have failed."""
    written, tried, refusals = 0, set(), []
    actor = None
    while (pk := _next(kind, ids, tried)) is not None:
        tried.add(pk)
        actor = actor or User.objects.system()
        try:
            written += _write_free(actor=actor, kind=kind, pk=pk)
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals:
        raise refusals[0]
    return written


def workers_for(count: int) -> int:
    """How many workers to wake for so many papers."""
    return max(1, min(_WORKERS, count // _A_WORKER))


def wake(count: int, **ids: Collection[int]) -> None:
    """Wake workers for ``count`` papers."""
    from approvals.tasks import write_letters

    waking.wake(write_letters, kwargs={name: list(found) for name, found in ids.items()}, workers=workers_for(count))


def _next(kind: Kind, ids: Collection[int] | None, tried: Collection[int]) -> int | None:
    missing = kind.rows().model.objects.filter(letter__isnull=True).exclude(pk__in=tried)
    if ids is not None:
        missing = missing.filter(pk__in=ids)
    with transaction.atomic():
        free = missing.select_for_update(skip_locked=True).order_by("pk")
        return free.values_list("pk", flat=True).first()


@activity
def _write_free(*, actor, now, kind: Kind, pk: int) -> bool:
    """Make one paper unless another has the row or made it meanwhile; says whether it did."""
    model = kind.rows().model
    free = model.objects.filter(pk=pk, letter__isnull=True).select_for_update(skip_locked=True)
    if free.first() is None:
        return False
    _store(kind, kind.rows().get(pk=pk), actor=actor, now=now)
    return True


def _store(kind: Kind, row: models.Model, *, actor, now) -> None:
    content = kind.render(row)
    row.letter = StoredFile.store(content, name=kind.name(row), media_type=PDF, owner=row, actor=actor, now=now)
    row.save(update_fields=["letter"])
