"""Who has reviewed and decided: what this app tells the one place of separation (rules 4).

Reviews and decisions are about applications; sessions, candidates and licence applicants derive theirs, so that
staffing, entering results and deciding meet the same persons.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from approvals.licences.approving import checker_apart
from approvals.models import (
    Assignment,
    BarCase,
    Decision,
    DecisionOutcome,
    DecisionProposal,
    EndingCase,
    ExtensionProposal,
    How,
    InternalNote,
    LicenceApplicant,
    Review,
    TakeOver,
    Withdrawal,
)
from approvals.reviews.stages import FIRST_STAGES, PROVINCIAL_STAGES
from certification import clock
from certification.organisations import separation, separation_scan
from certification.organisations.conflicts import excluded
from certification.organisations.separation import Capacity
from certification.people.certificates import EXTENSION, PUT_OFF
from certification.people.models import Certificate, Declaration, DeclaredFact
from exams.models import Candidate, ExamApplication, ExamSession


def register_sources() -> None:
    """Fill the registry; called once, when the app is ready."""
    paths = {ExamApplication: "", Candidate: "candidates", ExamSession: "candidates__session"}
    for model, path in paths.items():
        separation.register_source(model, Capacity.REVIEWS_FIRST, _reviews(FIRST_STAGES, path))
        separation.register_source(model, Capacity.REVIEWS, _reviews(PROVINCIAL_STAGES, path))
        for row, act, capacity, only in _ON_DECISIONS:
            source = separation.signed(row, act, _through_applicant(path), only=only)
            separation.register_source(model, capacity, source)
    for capacity in (Capacity.REVIEWS_FIRST, Capacity.REVIEWS):
        separation_scan.register_intended(ExamApplication, capacity, _IN_HAND[capacity])
    separation.register_source(ExamApplication, Capacity.ASSIGNS, _assigned)
    separation.register_source(ExamApplication, Capacity.NOTES, _noted)
    separation.register_source(ExamApplication, Capacity.TAKES_OVER, _taken_over)
    for capacity in Capacity:
        for source in _ON_LICENCES.get(capacity) or (_of_applicant(capacity),):
            separation.register_source(LicenceApplicant, capacity, source)
        for source in _ON_BARS.get(capacity) or (_of_bar(capacity),):
            separation.register_source(BarCase, capacity, source)
    _register_parts()


def _register_parts() -> None:
    """Drafts, requests and endings: who proposed and who answered this one, and what was done on its licence."""
    for model in (DecisionProposal, ExtensionProposal):
        separation.register_whole(model, LicenceApplicant, separation.through(model, "applicant"))
    separation.register_source(DecisionProposal, Capacity.DRAFTS, separation.signed(DecisionProposal, "proposed"))
    separation.register_source(DecisionProposal, Capacity.CONFIRMS, separation.signed(DecisionProposal, "answered"))
    for act, capacity in (
        ("proposed", Capacity.PROPOSES_EXTENSION),
        ("decided", Capacity.EXTENDS),
        ("applicant__reconciled", Capacity.RECONCILES),
    ):
        separation.register_source(ExtensionProposal, capacity, separation.signed(ExtensionProposal, act))
    separation.register_whole(EndingCase, Certificate, separation.through(EndingCase, "certificate"))
    for act, capacity in (("proposed", Capacity.PROPOSES_ENDING), ("decided", Capacity.DECIDES_ENDING)):
        separation.register_source(EndingCase, capacity, separation.signed(EndingCase, act))
    separation.register_whole(Certificate, LicenceApplicant, _licences)
    for source, capacity in (
        (_holders, Capacity.IS_CANDIDATE),
        (_kept_from_holders, Capacity.CONFLICTED),
        (_declared_delay, Capacity.DECLARES_DELAY),
        (separation.logged(Certificate, Q(name__in=[EXTENSION, PUT_OFF])), Capacity.EXTENDS_VALIDITY),
    ):
        separation.register_source(Certificate, capacity, source)


def _reviews(stages: Iterable[str], path: str) -> separation.Source:
    key = f"application__{path}" if path else "application"

    def source(ids: list[int]) -> dict[int, set[int]]:
        return _both(Review.objects.filter(**{f"{key}__in": ids}, stage__in=stages), key, "reviewer")

    return source


def _through_applicant(path: str) -> str:
    return f"applicant__candidate__application__{path}" if path else "applicant__candidate__application"


# Who does not accept an application has not decided on the licence; the person may be applied for anew.
_NOT_ACCEPTED = Q(outcome=DecisionOutcome.NOT_ACCEPTED)
# Who decided and who approved it have both decided.
_ON_DECISIONS = (
    (Decision, "decided", Capacity.DECIDES, ~_NOT_ACCEPTED),
    (Decision, "approved", Capacity.DECIDES, ~_NOT_ACCEPTED),
    (ExtensionProposal, "decided", Capacity.EXTENDS, None),
)


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


def _reconciled(ids: list[int]) -> dict[int, set[int]]:
    """Who checked scores and names, where the edition keeps them from deciding."""
    return separation.signed(LicenceApplicant, "reconciled")(ids) if checker_apart(clock.today()) else {}


# What is done on the licence itself, and on nothing that it comes from: asked for at once.
_ON_LICENCES: dict[Capacity, tuple[separation.Source, ...]] = {
    Capacity.ACCEPTS: (
        separation.signed(LicenceApplicant, "accepted"),
        separation.signed(Decision, "decided", "applicant", only=_NOT_ACCEPTED),
        separation.signed(Withdrawal, "recorded", "applicant", only=Q(kind=Withdrawal.Kind.LAPSED)),
    ),
    Capacity.RECONCILES: (_reconciled,),
    Capacity.EXTENDS: (separation.signed(ExtensionProposal, "decided", "applicant"),),
}


def _licences(ids: list[int]) -> dict[int, set[int]]:
    """The licence that last granted or renewed each certificate; none where it was taken over into the register."""
    decisions = Decision.objects.filter(certificate__in=ids).order_by("decided_at", "pk")
    return {pk: {licence} for pk, licence in decisions.values_list("certificate", "applicant")}


def _holders(ids: list[int]) -> dict[int, set[int]]:
    return _grouped(Certificate.objects.filter(pk__in=ids).values_list("pk", "person"))


def _kept_from_holders(ids: list[int]) -> dict[int, set[int]]:
    return excluded(_holders(ids))


def _declared_delay(ids: list[int]) -> dict[int, set[int]]:
    """Who put on record that the holder retires later: it is what an extension rests on."""
    rows = Declaration.objects.filter(person__certificates__in=ids, fact=DeclaredFact.DELAY)
    return _grouped(rows.values_list("person__certificates", "declared_by__person"))


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


# What is done on the bar itself; whoever lifts it has decided on it, too.
_ON_BARS: dict[Capacity, tuple[separation.Source, ...]] = {
    Capacity.PROPOSES_BAR: (separation.signed(BarCase, "proposed"),),
    Capacity.IMPOSES_BAR: (separation.signed(BarCase, "decided"), separation.signed(BarCase, "lifted")),
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
