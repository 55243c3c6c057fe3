"""The shape of what a dossier holds: sections of rows, and papers."""

from dataclasses import dataclass, field

from certification.records.models import StoredFile
from training.models import TrainingPlan

Row = list[str]


@dataclass(frozen=True)
class Section:
    """One table. ``plan`` is the class whose part it belongs to, None for the session as a whole."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: list[Row]
    plan: TrainingPlan | None = None


@dataclass(frozen=True)
class Paper:
    """One stored file of a dossier, and what it is."""

    file: StoredFile
    title: str
    folder: str
    plan: TrainingPlan | None = None


@dataclass
class Contents:
    """All sections and papers, the session's first, then class by class."""

    sections: list[Section] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
