"""Sealing a dossier: one PDF and one zip with an index of SHA-256, made once and never overwritten (rules 10)."""

import hashlib
import io
import json
import zipfile
from collections import Counter
from dataclasses import dataclass

from simple_history.utils import bulk_create_with_history

from approvals import completeness
from approvals.cases import take_one
from approvals.dossier_sections import Contents, Paper, Section, contents
from approvals.dossiers import plans_in, unfinished
from approvals.models import Dossier, DossierItem
from approvals.states import DOSSIER, DossierState
from certification import clock
from certification.clock import SHANGHAI
from certification.documents.rendering import render_pdf
from certification.organisations import access
from certification.records.models import StoredFile
from certification.refusals import Refusal
from certification.workflow import activity, apply_one
from exams.states import SessionState
from training.models import TrainingPlan

ACTION = "approvals.seal_dossiers"
PDF_PATH = "dossier.pdf"
INDEX_PATH = "index.json"
SUMS_PATH = "SHA256SUMS"
README_PATH = "说明.txt"
# Zip entries carry no real time: the same contents must give the same bytes.
ZIP_TIME = (2023, 4, 1, 0, 0, 0)


@dataclass(frozen=True)
class SealedItem:
    """One file of the sealed archive."""

    path: str
    title: str
    section: str
    content: bytes
    plan: TrainingPlan | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@activity
def seal(*, actor, now, dossier_id: int) -> Dossier:
    """Seal the dossier as it stands. A dossier that is sealed already is returned unchanged.

    Raises Refusal ``unfinished`` before exam start, and while somebody in the session still waits for something. What
    is missing from the list of completeness does not stop the sealing; the sealed archive says so.
    """
    access.require(actor, ACTION)
    dossier = take_one(
        Dossier.objects.select_related("session__organiser", "session__job_type", "session__site"), actor, dossier_id
    )
    access.require_own(actor, dossier.session.organiser_id)
    if dossier.state == DossierState.SEALED:
        return dossier
    _require_held(dossier, now)
    _require_finished(dossier)
    items = gather(dossier, now=now)
    index = index_of(dossier, items, sealed_at=now)
    archive = archive_of(dossier, items, index)
    pdf = next(item for item in items if item.path == PDF_PATH)
    stored_pdf = _store(dossier, pdf.content, "pdf", "application/pdf", actor=actor, now=now)
    stored_archive = _store(dossier, archive, "zip", "application/zip", actor=actor, now=now)
    _list_items(dossier, items, actor=actor, now=now)

    def change(row: Dossier) -> None:
        row.sealed_by, row.sealed_at = actor, now
        row.pdf, row.archive = stored_pdf, stored_archive
        row.index_sha256 = hashlib.sha256(index).hexdigest()

    fields = ("sealed_by", "sealed_at", "pdf", "archive", "index_sha256")
    return apply_one(DOSSIER, "seal", dossier, actor=actor, now=now, change=change, fields=fields)


def gather(dossier: Dossier, *, now) -> list[SealedItem]:
    """Everything that goes into the archive: facts as JSON, papers as they are, and the PDF of all of it."""
    plans = list(plans_in(dossier.session))
    found = contents(dossier.session, plans, whole=True, masked=False)
    missing = [entry for entry in completeness.check(dossier.session, plans, whole=True) if not entry.complete]
    items = [_missing_item(missing)] + [_section_item(section) for section in found.sections]
    items += _paper_items(found.papers)
    return sorted([*items, _pdf_item(dossier, found, items, missing, now)], key=lambda item: item.path)


def index_of(dossier: Dossier, items: list[SealedItem], *, sealed_at) -> bytes:
    """``index.json``: every item with its path, size and SHA-256."""
    return _json(
        {
            "dossier": dossier.number,
            "session": dossier.session.number,
            "organiser": str(dossier.session.organiser),
            "sealed_at": f"{sealed_at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M:%S%z}",
            "algorithm": "SHA-256",
            "items": [
                {
                    "path": item.path,
                    "title": item.title,
                    "section": item.section,
                    "class": item.plan.number if item.plan else "",
                    "size": len(item.content),
                    "sha256": item.sha256,
                }
                for item in items
            ],
        }
    )


def archive_of(dossier: Dossier, items: list[SealedItem], index: bytes) -> bytes:
    """The zip: all items, the index, the sums in the form of sha256sum, and how to verify. Same input, same bytes."""
    sums = "".join(f"{item.sha256}  {item.path}\n" for item in items)
    sums += f"{hashlib.sha256(index).hexdigest()}  {INDEX_PATH}\n"
    extra = {INDEX_PATH: index, SUMS_PATH: sums.encode(), README_PATH: _readme(dossier).encode()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in [*((item.path, item.content) for item in items), *sorted(extra.items())]:
            entry = zipfile.ZipInfo(path, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def _require_held(dossier: Dossier, now) -> None:
    session = dossier.session
    if session.starts_on > now.date() and session.state != SessionState.CANCELLED:
        raise Refusal(f"场次{session.number}尚未到开考日期，还可能安排考生。", code="unfinished", clause="方案四（二）")


def _require_finished(dossier: Dossier) -> None:
    waiting = unfinished(dossier.session)
    if waiting:
        names = "、".join(row.application.person.name for row in waiting[:5])
        more = f"等{len(waiting)}人" if len(waiting) > 5 else ""
        raise Refusal(
            f"{dossier.number}还有未办结的人员：{names}{more}。",
            code="unfinished",
            clause="方案四（二）",
            advice="场次中每个人都已不合格、缺考、退出、转出、不通过或者许可决定已送达后，才能封存。",
        )


def _missing_item(missing: list[completeness.Entry]) -> SealedItem:
    rows = [
        [entry.plan.number if entry.plan else "", entry.title, entry.missing, str(entry.owner)] for entry in missing
    ]
    content = {"title": "缺项", "columns": ["班级", "项目", "缺少", "责任单位"], "rows": rows}
    return SealedItem("session/00-missing.json", "缺项", "缺项", _json(content))


def _section_item(section: Section) -> SealedItem:
    folder = f"classes/{section.plan.number}" if section.plan else "session"
    content = {"title": section.title, "columns": section.columns, "rows": section.rows}
    return SealedItem(f"{folder}/{section.key}.json", section.title, section.title, _json(content), section.plan)


def _paper_items(papers: list[Paper]) -> list[SealedItem]:
    """Papers under a path of their own each; names that meet get a number."""
    taken: Counter = Counter()
    items = []
    for paper in papers:
        folder = f"classes/{paper.plan.number}" if paper.plan else "session"
        path = f"{folder}/files/{paper.folder}/{_file_name(paper.file)}"
        taken[path] += 1
        if taken[path] > 1:
            stem, dot, ending = path.rpartition(".")
            path = f"{stem}-{taken[path]}{dot}{ending}" if dot else f"{path}-{taken[path]}"
        with paper.file.file.open("rb") as stored:
            items.append(SealedItem(path, paper.title, "文件", stored.read(), paper.plan))
    return items


def _file_name(file: StoredFile) -> str:
    """The name as it was given, without anything that could leave its folder, within what a path may hold."""
    name = file.name.replace("\\", "/").rsplit("/", 1)[-1].strip(". ") or "file"
    return name[-80:]


def _pdf_item(dossier: Dossier, found: Contents, items: list[SealedItem], missing, now) -> SealedItem:
    parts: dict = {}
    for section in found.sections:
        parts.setdefault(section.plan, []).append(section)
    content = render_pdf(
        "approvals/dossiers/book.html",
        {
            "dossier": dossier,
            "session": dossier.session,
            "sealed_on": clock.day_of(now),
            "parts": list(parts.items()),
            "items": sorted(items, key=lambda item: item.path),
            "missing": missing,
        },
    )
    return SealedItem(PDF_PATH, "档案（全部页）", "档案", content)


def _list_items(dossier: Dossier, items: list[SealedItem], *, actor, now) -> None:
    rows = [
        DossierItem(
            dossier=dossier,
            plan=item.plan,
            section=item.section[:40],
            title=item.title[:160],
            path=item.path,
            sha256=item.sha256,
            size=len(item.content),
            appended_at=now,
        )
        for item in items
    ]
    bulk_create_with_history(rows, DossierItem, default_user=actor, default_date=now)


def _store(dossier: Dossier, content: bytes, ending: str, media_type: str, *, actor, now) -> StoredFile:
    return StoredFile.store(
        content, name=f"{dossier.number}.{ending}", media_type=media_type, owner=dossier, actor=actor, now=now
    )


def _json(content: dict) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _readme(dossier: Dossier) -> str:
    return f"""档案号：{dossier.number}
场次：{dossier.session.number}（{dossier.session.job_type}）
考试组织单位：{dossier.session.organiser}

一、本压缩包是该场次“一期一档”的封存件，封存后不再改动。
二、dossier.pdf 是全部档案页；session 目录是场次资料；classes 目录按班级（报备编号）分列，files 目录是原始文件。
三、index.json 是目录，列出每个文件的路径、大小和 SHA-256 校验值；SHA256SUMS 是同一内容的校验清单。
四、脱机校验：在解压目录中运行“sha256sum -c SHA256SUMS”，全部显示“OK”（或“成功”）即未被改动；
    index.json 自身的校验值与系统中该档案页面显示的“目录校验值”一致，即为本系统封存的原件。
五、session/00-missing.json 列出封存时的缺项；为空表示齐全。
"""
