"""The zip of a seal: every entry once, the index of each part, the root index over them, the sums for sha256sum.

Entries are copied in pieces into a file that has no name, so that a worker killed in the middle leaves nothing behind.
The same entries give the same bytes.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from tempfile import TemporaryFile
from typing import IO

from approvals.dossiers.sealing import books, layout
from approvals.dossiers.sealing.items import Entry, Gathered, Part, as_json
from approvals.dossiers.sections import Section
from approvals.models import Dossier
from certification.clock import SHANGHAI
from certification.refusals import telling_of_full_disk
from training.models import TrainingPlan

_PIECE = 1024 * 1024
# What is compressed already is only stored.
_STORED = (".pdf", ".jpg", ".jpeg", ".png", ".zip", ".xlsx")


@dataclass(frozen=True)
class Item:
    """One file in the archive, as the index names it."""

    path: str
    title: str
    section: str
    size: int
    sha256: str
    plan: TrainingPlan | None = None

    def listed(self) -> dict:
        return {
            "path": self.path,
            "title": self.title,
            "section": self.section,
            "size": self.size,
            "sha256": self.sha256,
        }


@dataclass(frozen=True)
class Archive:
    """A finished archive: open files of zip and book, what it holds, the digest of its root index."""

    zip: IO[bytes]
    book: IO[bytes]
    index_sha256: str
    items: list[Item]


@contextmanager
def written(
    dossier: Dossier, gathered: Gathered, parts: Iterable[Part], *, now, number: int, previous: str, progress
) -> Iterator[Archive]:
    """The archive of one seal, for the time of the block: 0 is the sealing, ``previous`` the digest of the seal before
    an addition.

    Raises DiskFull, MissingGlyphs, TypefaceMissing, FileNotFoundError where a stored file is gone.
    """
    parts = [part for part in parts if part]
    with telling_of_full_disk(), ExitStack() as files:
        writer = _Writer(layout.prefix_of(number), progress, parts, files)
        bound = [(part, writer.part(dossier, part)) for part in parts]
        given = {"now": now, "previous": previous}
        whole = books.bind(dossier, bound, addition=number, missing=gathered.missing, files=files, **given)
        yield writer.end(dossier, whole, number=number, **given)


class _Writer:
    def __init__(self, prefix: str, progress, parts: list[Part], files: ExitStack):
        self.prefix, self.progress, self.files = prefix, progress, files
        self.file = files.enter_context(TemporaryFile())  # noqa: SIM115 (closed with files)
        self.zip = files.enter_context(zipfile.ZipFile(self.file, "w", zipfile.ZIP_DEFLATED))
        self.items: list[Item] = []
        self.indexes: list[tuple[str, int, str]] = []
        self.done = 0
        self.total = sum(len(part.entries) for part in parts) + books.count_pieces(parts) + len(parts)

    def part(self, dossier: Dossier, part: Part) -> books.Book:
        """All entries of a part, its book, its index."""
        items = [self._entry(entry, part.plan) for entry in part.entries]
        step = partial(self._step, "制作档案页")
        book = books.write(dossier, part, _listing(items), files=self.files, step=step)
        path = f"{self.prefix}{part.folder}/{layout.PART_BOOK}"
        items.append(self._copy(path, book.file, f"{part.title}（全部页）", "档案", part.plan))
        index = as_json(
            {
                "form": layout.FORM,
                "dossier": dossier.number,
                "part": part.folder,
                "class": part.plan.number if part.plan else "",
                "institution": str(part.plan.institution) if part.plan else "",
                "items": [item.listed() for item in items],
            }
        )
        where = f"{self.prefix}{part.folder}/{layout.INDEX}"
        self.indexes.append((where, len(items), self._bytes(where, index)))
        self.items += items
        return book

    def end(self, dossier: Dossier, whole: IO[bytes], *, now, number: int, previous: str) -> Archive:
        """The whole book, how to read it all, the root index over everything, and the sums."""
        self.progress("汇编目录")
        own = [self._copy(f"{self.prefix}{layout.BOOK}", whole, "档案（全部页）", "档案", None)]
        if number == 0:
            own.append(self._copy(layout.README, io.BytesIO(_readme(dossier).encode()), "说明", "档案", None))
        index = as_json(
            {
                "form": layout.FORM,
                "dossier": dossier.number,
                "session": dossier.session.number,
                "organiser": str(dossier.session.organiser),
                "sealed_at": f"{now.astimezone(SHANGHAI):%Y-%m-%dT%H:%M:%S%z}",
                "algorithm": "SHA-256",
                "number": number,
                "previous": previous,
                "files": [item.listed() for item in own],
                # Only digests: whoever holds one part learns nothing of the others from it.
                "parts": [
                    {"index_sha256": sha256, "items": count}
                    for _path, count, sha256 in sorted(self.indexes, key=lambda one: one[2])
                ],
            }
        )
        where = f"{self.prefix}{layout.INDEX}"
        digest = self._bytes(where, index)
        self.items += own
        self._bytes(f"{self.prefix}{layout.SUMS}", self._sums(where, digest).encode())
        self.zip.close()
        self.file.seek(0)
        whole.seek(0)
        return Archive(self.file, whole, digest, sorted(self.items, key=lambda item: item.path))

    def _sums(self, where: str, digest: str) -> str:
        lines = [(item.path, item.sha256) for item in self.items]
        lines += [(path, sha256) for path, _count, sha256 in self.indexes]
        return sums([*lines, (where, digest)])

    def _entry(self, entry: Entry, plan: TrainingPlan | None) -> Item:
        self._step("写入文件")
        path = f"{self.prefix}{entry.path}"
        if entry.file is None:
            return self._copy(path, io.BytesIO(entry.content), entry.title, entry.section, plan)
        with entry.file.file.open("rb") as stored:
            return self._copy(path, stored, entry.title, entry.section, plan)

    def _copy(self, path: str, source: IO[bytes], title: str, section: str, plan: TrainingPlan | None) -> Item:
        digest, size = hashlib.sha256(), 0
        source.seek(0)
        with self.zip.open(entry_info(path), "w") as target:
            while piece := source.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        return Item(path, title, section, size, digest.hexdigest(), plan)

    def _bytes(self, path: str, content: bytes) -> str:
        self.zip.writestr(entry_info(path), content)
        return hashlib.sha256(content).hexdigest()

    def _step(self, stage: str) -> None:
        self.done += 1
        self.progress(stage, min(self.done, self.total), self.total)


def sums(lines: Iterable[tuple[str, str]]) -> str:
    """Path and digest of every file, as sha256sum reads them."""
    return "".join(f"{digest}  {path}\n" for path, digest in lines)


def entry_info(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, layout.ZIP_TIME)
    entry.compress_type = zipfile.ZIP_STORED if path.lower().endswith(_STORED) else zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _listing(items: list[Item]) -> Section:
    rows = [[item.path, item.title, str(item.size), item.sha256] for item in items]
    return Section("index", "文件目录与校验值（SHA-256）", ("路径", "名称", "字节", "校验值"), rows)


def _readme(dossier: Dossier) -> str:
    return f"""档案号：{dossier.number}
场次：{dossier.session.number}（{dossier.session.job_type}）
考试组织单位：{dossier.session.organiser}

一、本压缩包是该场次“一期一档”的封存件，封存后不再改动；以后的事项以补充归档附在 additions 目录，各有目录和校验值。
二、dossier.pdf 是全部档案页；session 目录是场次资料；classes 目录按班级（报备编号）分列，files 目录是原始文件；
    inside 目录是该班级仅供审核部门使用的资料。
三、各目录的 index.json 列出该部分每个文件的路径、大小和 SHA-256 校验值；根目录的 index.json 列出各部分 index.json 的
    校验值；补充归档的 index.json 还写明前一目录的校验值，前后相接。
四、脱机校验：运行“python manage.py verify_dossier 本文件.zip”，不需要数据库；没有本系统的，在解压目录中运行
    “sha256sum -c SHA256SUMS”，全部显示“OK”（或“成功”）即未被改动。
    最后一个 index.json 的校验值与系统中该档案页面显示的“目录校验值”一致，即为本系统封存的原件。
五、session/00-missing.json 列出封存时的缺项；为空表示齐全。
"""
