"""The papers of a class at a glance: person by paper, with what is missing in all."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from certification.rulebook.models import Rule
from exams.materials import attaching, paper_standards
from exams.materials.attaching import ENDED, Completeness
from exams.materials.paper_standards import Exemption
from exams.models import ClassMaterial, ClassMaterialKind, ExamApplication, Material, MaterialKind
from training.models import TrainingPlan

INCOMPLETE = "incomplete"
LATER = "later"
SHOWN = (("", "全部"), (INCOMPLETE, "材料不全"), (LATER, "待补学时证明"))


@dataclass(frozen=True)
class Cell:
    """One paper of one person: how it stands, and the papers that are there."""

    kind: MaterialKind
    standing: str
    papers: tuple[Material, ...]


@dataclass(frozen=True)
class Line:
    """One person's papers, in the order of the sheet's kinds."""

    application: ExamApplication
    papers: Completeness
    exemption: Exemption | None
    cells: tuple[Cell, ...]

    @property
    def counts(self) -> bool:
        """Whether the person still goes on to an exam and so needs papers."""
        return self.application.state not in ENDED


@dataclass(frozen=True)
class Sheet:
    """The papers of a class. ``lacking`` says for each kind how many people lack it."""

    plan: TrainingPlan
    rule: Rule
    kinds: tuple[MaterialKind, ...]
    rows: tuple[Line, ...]
    lacking: dict[MaterialKind, int]
    class_rows: list[tuple[ClassMaterialKind, bool, ClassMaterial | None]]

    @property
    def standing(self) -> tuple[Line, ...]:
        """The people who still need papers."""
        return tuple(line for line in self.rows if line.counts)

    @property
    def complete(self) -> int:
        """How many of them hold all that submission asks for."""
        return sum(line.papers.complete for line in self.standing)

    @property
    def to_follow(self) -> int:
        """How many may hand in the proof of hours later and have not."""
        return sum(bool(line.papers.missing_later) for line in self.standing)

    @property
    def short(self) -> list[tuple[MaterialKind, int]]:
        """What is missing at submission, and for how many."""
        return [(kind, number) for kind, number in self.lacking.items() if number]

    @property
    def choices(self) -> list[tuple[str, str, int]]:
        """What may be shown of the rows: value, label, how many."""
        return [(value, label, len(shown(self.rows, value))) for value, label in SHOWN]


def of(plan: TrainingPlan, applications: Iterable[ExamApplication]) -> Sheet:
    """The sheet of these applications of the class; the same number of queries for one as for a hundred."""
    applications = list(applications)
    papers = attaching.completeness(applications)
    edition = applications[0].rule_edition if applications else plan.rule_edition
    usual = paper_standards.materials_for(plan.kind, edition, group=plan.job_type.group.code)
    asked = [kind for row in applications for kind in papers[row.pk].standard.asked]
    kinds = tuple(dict.fromkeys((*usual.asked, *asked)))
    rows = tuple(_line(row, papers[row.pk], kinds) for row in applications)
    lacking = Counter(kind for line in rows if line.counts for kind in line.papers.missing)
    return Sheet(
        plan,
        paper_standards.materials_rule(plan.kind, edition),
        kinds,
        rows,
        {kind: lacking[kind] for kind in kinds},
        class_rows(plan, edition),
    )


def class_rows(plan: TrainingPlan, edition) -> list[tuple[ClassMaterialKind, bool, ClassMaterial | None]]:
    """The papers that the class hands in once: kind, whether it must, the current one."""
    standard = paper_standards.class_materials(plan.kind, edition)
    held, _missing = attaching.class_papers(plan, edition)
    return [(kind, kind in standard.required, held.get(kind)) for kind in standard.offered]


def shown(rows: Iterable[Line], what: str) -> list[Line]:
    """The rows that ``what`` asks for: all, those who lack something at submission, those who may still follow."""
    if what == INCOMPLETE:
        return [line for line in rows if line.counts and not line.papers.complete]
    if what == LATER:
        return [line for line in rows if line.counts and line.papers.missing_later]
    return list(rows)


def _line(application: ExamApplication, papers: Completeness, kinds: tuple[MaterialKind, ...]) -> Line:
    cells = []
    for kind in kinds:
        own = (kind, *papers.standard.standing_in(kind))
        cells.append(Cell(kind, papers.standing(kind), tuple(papers.held[one] for one in own if one in papers.held)))
    return Line(application, papers, paper_standards.exemption_of(application), tuple(cells))
