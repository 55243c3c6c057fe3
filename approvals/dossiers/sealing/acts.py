"""Sealing and appending: who may, when, and the one transaction in which it happens.

What takes long - gathering, rendering, packing - is done before and outside it, in files without a name. A worker that
is killed leaves nothing, and the next one begins anew; of two that seal at once the second finds it done.
"""

from django.core.files.base import File
from django.db.models import QuerySet
from simple_history.utils import bulk_create_with_history

from approvals.cases import take_one
from approvals.dossiers.opening import unfinished
from approvals.dossiers.sealing import archives
from approvals.dossiers.sealing.archives import Archive
from approvals.dossiers.sealing.items import Gathered, Sealed, gather, news
from approvals.dossiers.sections.followed import ENDINGS
from approvals.endings import ending_papers
from approvals.licences import acceptance_notices
from approvals.models import AcceptanceNotice, Dossier, DossierAddition, DossierItem, EndingCase
from approvals.states import DOSSIER, DossierState
from certification import clock
from certification.jobs import errands
from certification.jobs.models import Errand
from certification.organisations import access
from certification.records.models import StoredFile
from certification.refusals import Refusal, WrongState
from certification.workflow import activity, apply_one, log
from exams.exam_day import archiving
from exams.states import SessionState

ACTION = "approvals.seal_dossiers"
SEAL = "dossier.seal"
APPEND = "dossier.append"


@activity
def ask_to_seal(*, actor, now, dossier_id: int) -> Errand:
    """Have the dossier sealed by a worker. Raises what ``seal`` raises, at once; WrongState where it is sealed."""
    dossier = _locked(actor, dossier_id)
    if dossier.state == DossierState.SEALED:
        raise WrongState(f"{dossier.number}已经封存。", advice="请刷新页面，查看最新情况。")
    require_ready(dossier, now)
    return errands.ask(SEAL, dossier, actor=actor, now=now)


@activity
def ask_to_append(*, actor, now, dossier_id: int) -> Errand:
    """Have what happened since the last seal appended by a worker. Raises WrongState where it is not sealed yet."""
    dossier = _locked(actor, dossier_id)
    _require_sealed(dossier)
    return errands.ask(APPEND, dossier, actor=actor, now=now)


def seal(*, actor, now=None, dossier_id: int, progress=errands.silent) -> Dossier:
    """Seal the dossier as it stands. A dossier that is sealed already is returned unchanged.

    Raises Refusal ``unfinished`` before exam start, and while somebody in the session still waits for something. What
    is missing from the list of completeness does not stop the sealing; the sealed archive says so.
    """
    now = now or clock.now()
    dossier = _one(actor, dossier_id)
    if dossier.state == DossierState.SEALED:
        return dossier
    require_ready(dossier, now)
    progress("归集材料")
    gathered = _gather(dossier)
    given = {"now": now, "number": 0, "previous": ""}
    with archives.written(dossier, gathered, gathered.parts, progress=progress, **given) as archive:
        progress("封存")
        return _seal(actor=actor, now=now, dossier_id=dossier_id, archive=archive)


def append(*, actor, now=None, dossier_id: int, progress=errands.silent) -> DossierAddition | None:
    """Append what is new or differs since the last seal, under a seal of its own; None where there is nothing.

    Nothing that was sealed changes. Raises WrongState where the dossier is not sealed, or where another appended
    meanwhile.
    """
    now = now or clock.now()
    dossier = _one(actor, dossier_id)
    _require_sealed(dossier)
    progress("归集材料")
    gathered = _gather(dossier)
    parts = news(gathered, Sealed.of(dossier))
    if not parts:
        return None
    number, previous = next_in_chain(dossier)
    given = {"now": now, "number": number, "previous": previous}
    with archives.written(dossier, gathered, parts, progress=progress, **given) as archive:
        progress("封存")
        return _append(actor=actor, dossier_id=dossier_id, archive=archive, **given)


def next_in_chain(dossier: Dossier) -> tuple[int, str]:
    """The number of the next addition, and the digest that it has to name."""
    last = dossier.additions.last()
    return (last.number + 1, last.index_sha256) if last else (1, dossier.index_sha256)


def do_seal(errand: Errand, progress) -> dict:
    """The errand: sealed in the name of who asked, as of when they asked."""
    dossier = seal(actor=errand.actor, now=errand.asked_at, dossier_id=errand.subject_id, progress=progress)
    return {"index_sha256": dossier.index_sha256}


def do_append(errand: Errand, progress) -> dict:
    """The errand: what is new, appended in the name of who asked."""
    made = append(actor=errand.actor, now=errand.asked_at, dossier_id=errand.subject_id, progress=progress)
    if made is None:
        raise Refusal("封存以后没有新的事项，不需要补充归档。", code="nothing_new", clause="方案四（二）")
    return {"number": made.number}


def require_ready(dossier: Dossier, now) -> None:
    """Raise Refusal ``unfinished`` where the dossier cannot be sealed yet."""
    session = dossier.session
    if session.starts_on > clock.day_of(now) and session.state != SessionState.CANCELLED:
        raise Refusal(f"场次{session.number}尚未到开考日期，还可能安排考生。", code="unfinished", clause="方案四（二）")
    waiting = unfinished(session)
    if waiting:
        names = "、".join(row.application.person.name for row in waiting[:5])
        more = f"等{len(waiting)}人" if len(waiting) > 5 else ""
        raise Refusal(
            f"{dossier.number}还有未办结的人员：{names}{more}。",
            code="unfinished",
            clause="方案四（二）",
            advice="场次中每个人都已不合格、缺考、退出、转出、不通过或者许可决定已送达后，才能封存。",
        )


@activity
def _seal(*, actor, now, dossier_id: int, archive: Archive) -> Dossier:
    dossier = _locked(actor, dossier_id)
    if dossier.state == DossierState.SEALED:
        return dossier
    require_ready(dossier, now)
    pdf, stored = _store(dossier, archive, dossier.number, actor=actor, now=now)
    _list_items(dossier, archive, None, actor=actor, now=now)

    def change(row: Dossier) -> None:
        row.sealed_by, row.sealed_at = actor, now
        row.pdf, row.archive, row.index_sha256 = pdf, stored, archive.index_sha256

    fields = ("sealed_by", "sealed_at", "pdf", "archive", "index_sha256")
    return apply_one(DOSSIER, "seal", dossier, actor=actor, now=now, change=change, fields=fields)


@activity
def _append(*, actor, now, dossier_id: int, archive: Archive, number: int, previous: str) -> DossierAddition:
    dossier = _locked(actor, dossier_id)
    if next_in_chain(dossier) != (number, previous):
        raise WrongState(f"{dossier.number}刚刚已由他人补充归档。", advice="请刷新后查看。")
    pdf, stored = _store(dossier, archive, f"{dossier.number}-补充{number:02d}", actor=actor, now=now)
    addition = DossierAddition(
        dossier=dossier,
        number=number,
        sealed_by=actor,
        sealed_at=now,
        index_sha256=archive.index_sha256,
        previous_sha256=previous,
        pdf=pdf,
        archive=stored,
    )
    addition.save(force_insert=True)
    _list_items(dossier, archive, addition, actor=actor, now=now)
    log([dossier], "append", actor=actor, now=now, detail={"number": number, "items": len(archive.items)})
    return addition


def _require_sealed(dossier: Dossier) -> None:
    if dossier.state != DossierState.SEALED:
        raise WrongState(f"{dossier.number}尚未封存，新的事项直接归入档案，不需要补充归档。")


def _locked(actor, dossier_id: int) -> Dossier:
    access.require(actor, ACTION)
    dossier = take_one(_related(), actor, dossier_id)
    access.require_own(actor, dossier.session.organiser_id)
    return dossier


def _one(actor, dossier_id: int) -> Dossier:
    """The dossier as it stands, not locked: what follows takes minutes."""
    access.require(actor, ACTION)
    dossier = _related().visible_to(actor).get(pk=dossier_id)
    access.require_own(actor, dossier.session.organiser_id)
    return dossier


def _related() -> QuerySet[Dossier]:
    return Dossier.objects.select_related("session__organiser", "session__job_type", "session__site")


def _gather(dossier: Dossier) -> Gathered:
    """Everything as it stands, after what is drawn only when asked for, or has not been drawn yet, was kept as
    files."""
    archiving.archive_of(dossier.session)
    unwritten = AcceptanceNotice.objects.filter(batch__session=dossier.session_id, letter__isnull=True)
    acceptance_notices.write_missing(list(unwritten.values_list("pk", flat=True)))
    ending_papers.archive_notices(EndingCase.objects.filter(**{ENDINGS.session: dossier.session_id}).distinct())
    return gather(dossier)


def _store(dossier: Dossier, archive: Archive, name: str, *, actor, now) -> tuple[StoredFile, StoredFile]:
    given = {"owner": dossier, "actor": actor, "now": now}
    pdf = StoredFile.store_stream(File(archive.book), name=f"{name}.pdf", media_type="application/pdf", **given)
    stored = StoredFile.store_stream(File(archive.zip), name=f"{name}.zip", media_type="application/zip", **given)
    return pdf, stored


def _list_items(dossier: Dossier, archive: Archive, addition: DossierAddition | None, *, actor, now) -> None:
    rows = [
        DossierItem(
            dossier=dossier,
            addition=addition,
            plan=item.plan,
            section=item.section[:40],
            title=item.title[:160],
            path=item.path,
            sha256=item.sha256,
            size=item.size,
            appended_at=now,
        )
        for item in archive.items
    ]
    bulk_create_with_history(rows, DossierItem, batch_size=500, default_user=actor, default_date=now)
