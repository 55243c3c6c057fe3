"""Who has reviewed and decided: what this app tells the one place of separation (rules 4).

Reviews and decisions are about applications; sessions, candidates and licence applicants derive theirs, so that
staffing, entering results and deciding meet the same persons.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from approvals.models import (
    Assignment,
    BarCase,
    Decision,
    ExtensionProposal,
    How,
    InternalNote,
    LicenceApplicant,
    Review,
    TakeOver,
)
from approvals.reviews.stages import FIRST_STAGES, PROVINCIAL_STAGES
from certification.organisations import separation, separation_scan
from certification.organisations.separation import Capacity
from exams.models import Candidate, ExamApplication, ExamSession


def register_sources() -> None:
    """Fill the registry; called once, when the app is ready."""
    paths = {ExamApplication: "", Candidate: "candidates", ExamSession: "candidates__session"}
    for model, path in paths.items():
        separation.register_source(model, Capacity.REVIEWS_FIRST, _reviews(FIRST_STAGES, path))
        separation.register_source(model, Capacity.REVIEWS, _reviews(PROVINCIAL_STAGES, path))
        separation.register_source(model, Capacity.DECIDES, _decided(path))
        separation.register_source(model, Capacity.EXTENDS, _extension_decided(path))
    for capacity in (Capacity.REVIEWS_FIRST, Capacity.REVIEWS):
        separation_scan.register_intended(ExamApplication, capacity, _IN_HAND[capacity])
    separation.register_source(ExamApplication, Capacity.ASSIGNS, _assigned)
    separation.register_source(ExamApplication, Capacity.NOTES, _noted)
    separation.register_source(ExamApplication, Capacity.TAKES_OVER, _taken_over)
    for capacity in Capacity:
        separation.register_source(LicenceApplicant, capacity, _ON_LICENCES.get(capacity) or _of_applicant(capacity))
        separation.register_source(BarCase, capacity, _ON_BARS.get(capacity) or _of_bar(capacity))


def _reviews(stages: Iterable[str], path: str) -> separation.Source:
    key = f"application__{path}" if path else "application"

    def source(ids: list[int]) -> dict[int, set[int]]:
        return _both(Review.objects.filter(**{f"{key}__in": ids}, stage__in=stages), key, "reviewer")

    return source


def _decided(path: str) -> separation.Source:
    key = _through_applicant(path)

    def source(ids: list[int]) -> dict[int, set[int]]:
        rows = Decision.objects.filter(**{f"{key}__in": ids})
        found = _both(rows, key, "decided_by")
        approved = rows.filter(approved_by__isnull=False)
        for case_id, *persons in approved.values_list(key, "approved_by__person", "approved_on_behalf_of__person"):
            found[case_id] |= set(persons) - {None}
        return found

    return source


def _extension_decided(path: str) -> separation.Source:
    key = _through_applicant(path)

    def source(ids: list[int]) -> dict[int, set[int]]:
        rows = ExtensionProposal.objects.filter(**{f"{key}__in": ids}, decided_by__isnull=False)
        return _grouped(rows.values_list(key, "decided_by__person"))

    return source


def _through_applicant(path: str) -> str:
    return f"applicant__candidate__application__{path}" if path else "applicant__candidate__application"


def _in_hand(stages: Iterable[str]) -> separation.Source:
    def source(ids: list[int]) -> dict[int, set[int]]:
        rows = Assignment.objects.open().filter(application__in=ids, stage__in=stages)
        return _grouped(rows.values_list("application", "assignee__person"))

    return source


_IN_HAND = {Capacity.REVIEWS_FIRST: _in_hand(FIRST_STAGES), Capacity.REVIEWS: _in_hand(PROVINCIAL_STAGES)}


def _assigned(ids: list[int]) -> dict[int, set[int]]:
    """Who chose who works on it: the heads. Taking and handing over on is no choice among others."""
    return _both(Assignment.objects.filter(application__in=ids, how=How.ASSIGNED), "application", "assigned_by")


def _noted(ids: list[int]) -> dict[int, set[int]]:
    return _both(InternalNote.objects.filter(application__in=ids), "application", "author")


def _taken_over(ids: list[int]) -> dict[int, set[int]]:
    """Who decided that the province reviews it instead of the city; whoever then gives an opinion has reviewed."""
    return _both(TakeOver.objects.filter(application__in=ids), "application", "taken_by")


def _both(rows: QuerySet, key: str, account: str) -> dict[int, set[int]]:
    """The persons of ``account`` and of those for whom they acted: what excludes either excludes the act (4.5)."""
    found: dict[int, set[int]] = defaultdict(set)
    for case_id, person_id, absent_id in rows.values_list(key, f"{account}__person", "on_behalf_of__person"):
        found[case_id] |= {person_id, absent_id} - {None}
    return found


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


def _bar_proposed(ids: list[int]) -> dict[int, set[int]]:
    rows = BarCase.objects.filter(pk__in=ids)
    found: dict[int, set[int]] = defaultdict(set)
    for case_id, *persons in rows.values_list("pk", "proposed_by__person", "proposed_on_behalf_of__person"):
        found[case_id] |= set(persons) - {None}
    return found


def _bar_decided(ids: list[int]) -> dict[int, set[int]]:
    return _both(BarCase.objects.filter(pk__in=ids, decided_by__isnull=False), "pk", "decided_by")


# What is done on the bar itself.
_ON_BARS: dict[Capacity, separation.Source] = {
    Capacity.PROPOSES_BAR: _bar_proposed,
    Capacity.IMPOSES_BAR: _bar_decided,
}


def _of_bar(capacity: Capacity) -> separation.Source:
    """What somebody did on the application beside which it was found, or where none is named on any of the person's,
    they did on the bar; and the person is who it is about."""

    def source(ids: list[int]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        of_application: dict[int, set[int]] = defaultdict(set)
        rows = list(BarCase.objects.filter(pk__in=ids).values_list("pk", "person", "application"))
        unnamed: dict[int, set[int]] = defaultdict(set)
        for case_id, person_id, application_id in rows:
            if capacity is Capacity.IS_CANDIDATE:
                found[case_id].add(person_id)
            if application_id:
                of_application[application_id].add(case_id)
            else:
                unnamed[person_id].add(case_id)
        pairs = ExamApplication.objects.filter(person__in=list(unnamed)).values_list("pk", "person")
        for application_id, person_id in pairs:
            of_application[application_id] |= unnamed[person_id]
        for application_id, persons in separation.acted(ExamApplication, capacity, list(of_application)).items():
            for case_id in of_application[application_id]:
                found[case_id] |= persons
        return found

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
