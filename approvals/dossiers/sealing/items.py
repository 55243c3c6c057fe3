"""What a seal holds, part by part: facts as JSON, papers as they are. Nothing is read into memory before it is written.

An addition holds what is new or differs since: a table whose bytes are others than those sealed last, a paper that
was not there.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from approvals.dossiers import completeness
from approvals.dossiers.opening import plans_in
from approvals.dossiers.sealing import layout
from approvals.dossiers.sections import Paper, Section, contents
from approvals.models import Dossier, DossierItem
from certification.records.models import StoredFile
from training.models import TrainingPlan


@dataclass(frozen=True)
class Entry:
    """One file to be sealed: either ``content``, or a stored ``file`` that is copied. ``path`` has no addition's folder
    in it."""

    path: str
    title: str
    section: str
    content: bytes = b""
    file: StoredFile | None = None

    @property
    def sha256(self) -> str:
        return self.file.sha256 if self.file else hashlib.sha256(self.content).hexdigest()


@dataclass
class Part:
    """What one reader may have: its folder, title, tables for the book, and entries."""

    folder: str
    title: str
    plan: TrainingPlan | None
    sections: list[Section] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.entries)


@dataclass(frozen=True)
class Sealed:
    """What was sealed before: the digest of each table that counts, by its path, and of each paper, by its folder."""

    tables: Mapping[str, str]
    papers: Collection[tuple[str, str]]

    @classmethod
    def of(cls, dossier: Dossier) -> "Sealed":
        rows = DossierItem.objects.filter(dossier=dossier).values_list("path", "sha256")
        tables, papers = {}, set()
        for path, digest in sorted(rows, key=lambda row: layout.number_of(row[0])):
            plain = layout.plain(path)
            tables[plain] = digest
            papers.add((plain.rpartition("/")[0], digest))
        return cls(tables, papers)

    def has(self, entry: Entry) -> bool:
        if entry.file:
            return (entry.path.rpartition("/")[0], entry.sha256) in self.papers
        return self.tables.get(entry.path) == entry.sha256


@dataclass(frozen=True)
class Gathered:
    """All parts, and what the list of completeness misses."""

    parts: list[Part]
    missing: list[completeness.Entry]


def gather(dossier: Dossier) -> Gathered:
    """Everything that belongs to the dossier as it stands."""
    plans = list(plans_in(dossier.session))
    whole = contents(dossier.session, plans, whole=True, masked=False)
    shown = contents(dossier.session, plans, whole=False, masked=False, inside=False)
    missing = [entry for entry in completeness.check(dossier.session, plans, whole=True) if not entry.complete]
    session = Part(layout.SESSION, "场次资料", None)
    session.sections = [_missing(missing), *(row for row in whole.sections if row.plan is None)]
    parts = [session]
    told = {(row.plan.pk, row.key): row for row in shown.sections}
    for plan in plans:
        mine = [row for row in whole.sections if row.plan == plan]
        one = Part(f"{layout.CLASSES}/{plan.number}", f"班级 {plan.number} {plan.institution}", plan)
        kept = {row.key: row for row in mine if told[plan.pk, row.key].rows != row.rows}
        # Of what is the same only one is held: in a large session the tables are most of what is in memory.
        one.sections = [told[plan.pk, row.key] if row.key in kept else row for row in mine]
        inside = Part(f"{layout.INSIDE}/{plan.number}", f"班级 {plan.number}（审核部门内部资料）", plan)
        inside.sections = list(kept.values())
        parts += [one, inside]
    for part in parts:
        part.entries += [_table(part, section) for section in part.sections]
    _add_papers(parts, whole.papers)
    return Gathered(parts, missing)


def news(gathered: Gathered, sealed: Sealed) -> list[Part]:
    """The parts with what is new or differs from what was sealed, and with nothing else."""
    found = []
    for part in gathered.parts:
        entries = [entry for entry in part.entries if not sealed.has(entry)]
        paths = {entry.path for entry in entries}
        sections = [row for row in part.sections if _path_of(part, row) in paths]
        found.append(Part(part.folder, part.title, part.plan, sections, entries))
    return [part for part in found if part]


def as_json(content: dict) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _missing(missing: list[completeness.Entry]) -> Section:
    rows = [
        [entry.plan.number if entry.plan else "", entry.title, entry.missing, str(entry.owner)] for entry in missing
    ]
    return Section("00-missing", "缺项", ("班级", "项目", "缺少", "责任单位"), rows)


def _path_of(part: Part, section: Section) -> str:
    return f"{part.folder}/{section.key}.json"


def _table(part: Part, section: Section) -> Entry:
    content = {"title": section.title, "columns": section.columns, "rows": section.rows}
    return Entry(_path_of(part, section), section.title, section.title, as_json(content))


def _add_papers(parts: Iterable[Part], papers: Iterable[Paper]) -> None:
    """Papers under a path of their own each; names that meet get a number."""
    by_folder = {part.folder: part for part in parts}
    taken: Counter = Counter()
    for paper in papers:
        folder = f"{layout.CLASSES}/{paper.plan.number}" if paper.plan else layout.SESSION
        path = f"{folder}/files/{paper.folder}/{_file_name(paper.file)}"
        taken[path] += 1
        if taken[path] > 1:
            stem, dot, ending = path.rpartition(".")
            path = f"{stem}-{taken[path]}{dot}{ending}" if dot else f"{path}-{taken[path]}"
        by_folder[folder].entries.append(Entry(path, paper.title, "文件", file=paper.file))


def _file_name(file: StoredFile) -> str:
    """The name as it was given, without anything that could leave its folder, within what a path may hold."""
    name = file.name.replace("\\", "/").rsplit("/", 1)[-1].strip(". ") or "file"
    return name[-80:]
