"""Who has reviewed and decided: what this app tells the one place of separation (rules 4).

Reviews and decisions are about applications; sessions, candidates and licence applicants derive theirs, so that
staffing, entering results and deciding meet the same persons.
"""

from collections import defaultdict
from collections.abc import Iterable

from approvals.models import Decision, ExtensionProposal, LicenceApplicant, Review
from approvals.stages import CITY_STAGES, PROVINCIAL_STAGES
from certification.organisations import separation
from certification.organisations.separation import Capacity
from exams.models import Candidate, ExamApplication, ExamSession


def register_sources() -> None:
    """Fill the registry; called once, when the app is ready."""
    paths = {ExamApplication: "", Candidate: "candidates", ExamSession: "candidates__session"}
    for model, path in paths.items():
        separation.register_source(model, Capacity.REVIEWS_FIRST, _reviews(CITY_STAGES, path))
        separation.register_source(model, Capacity.REVIEWS, _reviews(PROVINCIAL_STAGES, path))
        separation.register_source(model, Capacity.DECIDES, _decided_by(Decision, path))
        separation.register_source(model, Capacity.EXTENDS, _decided_by(ExtensionProposal, path))
    for capacity in Capacity:
        separation.register_source(LicenceApplicant, capacity, _ON_LICENCES.get(capacity) or _of_applicant(capacity))


def _reviews(stages: Iterable[str], path: str) -> separation.Source:
    key = f"application__{path}" if path else "application"

    def source(ids: list[int]) -> dict[int, set[int]]:
        rows = Review.objects.filter(**{f"{key}__in": ids}, stage__in=stages)
        return _grouped(rows.values_list(key, "reviewer__person"))

    return source


def _decided_by(model: type[Decision | ExtensionProposal], path: str) -> separation.Source:
    key = f"applicant__candidate__application__{path}" if path else "applicant__candidate__application"

    def source(ids: list[int]) -> dict[int, set[int]]:
        rows = model.objects.filter(**{f"{key}__in": ids}, decided_by__isnull=False)
        return _grouped(rows.values_list(key, "decided_by__person"))

    return source


def _extended(ids: list[int]) -> dict[int, set[int]]:
    rows = ExtensionProposal.objects.filter(applicant__in=ids, decided_by__isnull=False)
    return _grouped(rows.values_list("applicant", "decided_by__person"))


# What is done on the licence itself, and on nothing that it comes from: asked for at once.
_ON_LICENCES: dict[Capacity, separation.Source] = {Capacity.EXTENDS: _extended}


def _of_applicant(capacity: Capacity) -> separation.Source:
    """What somebody did on the application, as a candidate, or in the session, they did on the licence."""

    def source(ids: list[int]) -> dict[int, set[int]]:
        rows = LicenceApplicant.objects.filter(pk__in=ids).values_list(
            "pk", "candidate", "candidate__application", "candidate__session"
        )
        places: dict[type, dict[int, set[int]]] = {model: defaultdict(set) for model in _PARENTS}
        for applicant, *parents in rows:
            for model, parent in zip(_PARENTS, parents, strict=True):
                places[model][parent].add(applicant)
        return _carried(capacity, places)

    return source


_PARENTS = (Candidate, ExamApplication, ExamSession)


def _carried(capacity: Capacity, places: dict[type, dict[int, set[int]]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for model, applicants in places.items():
        if model is ExamSession and capacity not in SESSION_WIDE:
            continue
        if model is ExamApplication and capacity in OF_THE_PERSON:
            continue
        for case_id, persons in separation.acted(model, capacity, list(applicants)).items():
            for applicant in applicants[case_id]:
                found[applicant] |= persons
    return found


# What is done to a session is done to everyone in it; reviews, decisions and training concern each person alone.
SESSION_WIDE: tuple[Capacity, ...] = (Capacity.STAFFS,)
# What follows from who the candidate is: their application would only say the same again.
OF_THE_PERSON = (Capacity.TRAINS, Capacity.IS_CANDIDATE, Capacity.CONFLICTED)


def _grouped(pairs: Iterable[tuple[int, int | None]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for case_id, person_id in pairs:
        if person_id is not None:
            found[case_id].add(person_id)
    return found
