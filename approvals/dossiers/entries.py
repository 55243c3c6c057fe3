"""One line of the list against which a dossier is checked."""

from dataclasses import dataclass

from certification.inspections.states import TO_REMEDY
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from exams.models import InspectionTour
from training.models import SpotCheck, TrainingPlan


@dataclass(frozen=True)
class Entry:
    """One line of the list. ``missing`` says what is not there ("" when complete), ``owner`` and ``role`` who brings
    it, ``plan`` whose part it belongs to (None: the session's). ``pending``: its turn has not come yet."""

    title: str
    missing: str
    owner: Organisation
    role: Role
    plan: TrainingPlan | None = None
    pending: bool = False

    @property
    def complete(self) -> bool:
        return not self.missing and not self.pending


def visit_entry(
    title: str,
    visit: SpotCheck | InspectionTour,
    visited: tuple[Organisation, Role],
    inspector: Role,
    plan: TrainingPlan | None = None,
) -> Entry:
    """A spot check or a tour that is not at its end: theirs who were ``visited`` while they have to remedy, then that
    of whoever came, at whose organisation ``inspector`` is the role."""
    if visit.state in TO_REMEDY:
        return Entry(title, "整改未完成", *visited, plan)
    return Entry(title, "整改情况未复核", visit.organisation, inspector, plan)
