"""Proves an exported dossier without the system: reads zip files and nothing else, names what is not as it was sealed.

A seal proves itself and, through ``previous``, every seal before it. Whoever noted the newest digest elsewhere (it
stands on the dossier's page) compares it too: only that shows a dossier that was sealed anew from beginning to end.
"""

import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from approvals.dossiers.sealing import layout

_PIECE = 1024 * 1024
CHANGED = "被改动"
MISSING = "缺少"
ADDED = "多出"
BROKEN = "前后不相接"


class Unreadable(Exception):
    """What was given is no exported dossier: no zip, damaged, or without an index."""


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was sealed."""

    kind: str
    path: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind}：{self.path}{f'（{self.detail}）' if self.detail else ''}"


@dataclass
class Report:
    """What was found: ``seals`` as (number, digest), the newest last; ``part`` where only one part was exported."""

    dossier: str
    part: str = ""
    files: int = 0
    seals: list[tuple[int, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """The digest of the newest seal, which covers all."""
        return self.seals[-1][1] if self.seals else ""


def verify(files: Sequence[Path], *, digest: str = "") -> Report:
    """Check one dossier, in one zip or with its additions in zips of their own; ``digest`` is the newest one, noted
    elsewhere. Raises Unreadable."""
    held = _Held(files)
    try:
        return _Check(held).run(digest)
    finally:
        held.close()


class _Held:
    """All entries of the given zips: path → digest and size, read in pieces."""

    def __init__(self, files: Sequence[Path]):
        self.archives: list[zipfile.ZipFile] = []
        self.places: dict[str, tuple[zipfile.ZipFile, zipfile.ZipInfo]] = {}
        self.twice: Counter = Counter()
        try:
            for file in files:
                self._open(file)
        except (OSError, zipfile.BadZipFile) as error:
            self.close()
            raise Unreadable(f"{error}") from error

    def _open(self, file: Path) -> None:
        archive = zipfile.ZipFile(file)
        self.archives.append(archive)
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.filename in self.places:
                self.twice[info.filename] += 1
            self.places.setdefault(info.filename, (archive, info))

    def close(self) -> None:
        for archive in self.archives:
            archive.close()

    def content(self, path: str) -> bytes:
        archive, info = self.places[path]
        return archive.read(info)

    def digest(self, path: str) -> str:
        """ "" where the entry cannot be read to its end."""
        archive, info = self.places[path]
        digest = hashlib.sha256()
        try:
            with archive.open(info) as source:
                while piece := source.read(_PIECE):
                    digest.update(piece)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError):
            return ""
        return digest.hexdigest()


class _Check:
    def __init__(self, held: _Held):
        self.held = held
        self.named: dict[str, str] = {}

    def run(self, digest: str) -> Report:
        first = self._json(layout.INDEX)
        if first is None or first.get("form") != layout.FORM:
            raise Unreadable("没有档案目录 index.json，或者其格式不是本系统的")
        self.report = Report(str(first.get("dossier", "")))
        if layout.EXPORT in self.held.places:
            self.report.part = str((self._json(layout.EXPORT) or {}).get("part", ""))
            self.named[layout.EXPORT] = self.held.digest(layout.EXPORT)
        self._seals()
        for path, expected in self.named.items():
            self._compare(path, expected)
        for path in sorted(set(self.held.places) - set(self.named)):
            self._fault(ADDED, path, "目录中没有")
        for path in self.held.twice:
            self._fault(ADDED, path, "重复的条目")
        if digest and digest.strip().lower() != self.report.digest:
            self._fault(CHANGED, self._where(self.report.seals[-1][0]), f"目录校验值与给出的 {digest} 不一致")
        self.report.files = len(self.held.places)
        return self.report

    def _seals(self) -> None:
        """Every seal from the first to the newest; a gap is a missing seal."""
        numbers = {layout.number_of(path) for path in self.held.places if path.endswith(f"/{layout.INDEX}")} | {0}
        previous = ""
        for number in range(max(numbers) + 1):
            where = self._where(number)
            index = self._json(where) if where in self.held.places else None
            if index is None:
                self._fault(MISSING if where not in self.held.places else CHANGED, where)
                previous = ""
                continue
            digest = self.held.digest(where)
            self.named[where] = digest
            before = index.get("previous", "")
            if index.get("number") != number or index.get("dossier") != self.report.dossier or before != previous:
                self._fault(BROKEN, where, f"写明的前一目录校验值为 {before or '空'}，实为 {previous or '空'}")
            previous = digest
            self.report.seals.append((number, digest))
            try:
                self._seal(number, index)
            except (KeyError, TypeError, AttributeError):
                self._fault(CHANGED, where, "不是目录的格式")

    def _seal(self, number: int, index: dict) -> None:
        prefix = layout.prefix_of(number)
        listed = {one["path"]: one["sha256"] for one in index["files"]}
        if self.report.part:
            listed = {path: sha256 for path, sha256 in listed.items() if path == layout.README}
        parts = Counter(one["index_sha256"] for one in index["parts"])
        sums = dict(listed)
        for path in sorted(self.held.places):
            if layout.number_of(path) == number and path.endswith(f"/{layout.INDEX}") and path != self._where(number):
                sums |= self._part(path, parts)
        if parts.total() and not self.report.part:
            self._fault(MISSING, prefix or "/", f"{parts.total()} 个部分的目录")
        self.named |= sums
        where = f"{prefix}{layout.SUMS}"
        if not self.report.part:
            self._sums(where, sums | {self._where(number): self.named[self._where(number)]})

    def _part(self, path: str, parts: Counter) -> dict[str, str]:
        """What one part's index names, if the root index knows it."""
        digest = self.held.digest(path)
        if not parts[digest]:
            self._fault(CHANGED if parts.total() else ADDED, path)
            self.named[path] = digest
            # What it names is compared all the same: the reader wants to know which files.
        else:
            parts[digest] -= 1
        index = self._json(path) or {}
        listed = {one["path"]: one["sha256"] for one in index.get("items", [])}
        return {path: digest, **listed}

    def _sums(self, where: str, expected: dict[str, str]) -> None:
        """The sums repeat the indexes: they are held against them, not trusted."""
        if where not in self.held.places:
            self._fault(MISSING, where)
            return
        self.named[where] = self.held.digest(where)
        lines = self.held.content(where).decode("utf-8", "replace").splitlines()
        said = dict(reversed(line.split("  ", 1)) for line in lines if "  " in line)
        # Where a whole part is gone, its index too, only the sums still tell what lay there.
        gone = [path for path in said if path not in expected and path not in self.held.places]
        for path in gone:
            self._fault(MISSING, path)
            del said[path]
        if said != expected:
            self._fault(CHANGED, where, "与目录不一致")

    def _compare(self, path: str, expected: str) -> None:
        if path not in self.held.places:
            self._fault(MISSING, path)
        elif self.held.digest(path) != expected:
            self._fault(CHANGED, path)

    def _json(self, path: str) -> dict | None:
        if path not in self.held.places:
            return None
        try:
            found = json.loads(self.held.content(path))
        except (ValueError, zipfile.BadZipFile, OSError, EOFError):
            return None
        return found if isinstance(found, dict) else None

    def _where(self, number: int) -> str:
        return f"{layout.prefix_of(number)}{layout.INDEX}"

    def _fault(self, kind: str, path: str, detail: str = "") -> None:
        self.report.faults.append(Fault(kind, path, detail))
