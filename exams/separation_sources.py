"""Who has acted on sessions, applications and candidates, and in what capacity (rules 4).

Each source answers for many cases at once. Reviews and decisions are registered by approvals, on the same models.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from certification.organisations.conflicts import excluded
from certification.organisations.models import User
from certification.organisations.separation import Capacity, register_source, register_whole, signed, through
from exams.models import (
    Candidate,
    ExamApplication,
    ExamSession,
    Incident,
    InspectionTour,
    Result,
    ScoreRecheck,
    StaffAssignment,
)
from exams.states import LEFT
from training.models import PlanTeacher, Teacher

# The way from a candidate to each kind of case.
WAY = {ExamSession: "session_id", ExamApplication: "application_id", Candidate: "pk"}


# What is part of a candidate's exam: the way to the candidate, and who signs.
PARTS = (
    (
        Incident,
        "candidate",
        {
            "reported": Capacity.REPORTS_INCIDENT,
            "proposed": Capacity.PROPOSES_PENALTY,
            "decided": Capacity.DECIDES_PENALTY,
            "reviewed": Capacity.REVIEWS_PENALTY,
        },
    ),
    (
        ScoreRecheck,
        "result__candidate",
        {"found": Capacity.INVESTIGATES_RECHECK, "answered": Capacity.ANSWERS_RECHECK},
    ),
)


def register() -> None:
    """Register every source; called when the app is ready."""
    for model in WAY:
        register_source(model, Capacity.TRAINS, _of(model, _trains))
        register_source(model, Capacity.STAFFS, _of(model, _staffs))
        register_source(model, Capacity.ENTERS_RESULTS, _of(model, _results("entered")))
        register_source(model, Capacity.CHECKS_RESULTS, _of(model, _results("checked")))
        register_source(model, Capacity.PROPOSES_PENALTY, _of(model, _penalties("proposed")))
        register_source(model, Capacity.DECIDES_PENALTY, _of(model, _penalties("decided")))
        register_source(model, Capacity.IS_CANDIDATE, _of(model, _is_candidate))
        register_source(model, Capacity.CONFLICTED, _of(model, _conflicted))
    for model, path, signatures in PARTS:
        register_whole(model, Candidate, through(model, path))
        for act, capacity in signatures.items():
            register_source(model, capacity, signed(model, act))


def _of(model, ask):
    """A source for ``model`` from a function that answers for candidates; what follows from the application alone is
    asked of applications by themselves, with or without a place in a session."""
    way = WAY[model]

    def source(ids: list[int]) -> dict[int, set[int]]:
        if model is ExamApplication and ask in (_trains, _is_candidate, _conflicted):
            return ask([(pk, None, None, pk) for pk in ids])
        rows = Candidate.objects.filter(**{f"{way.removesuffix('_id')}__in": ids}).exclude(state__in=LEFT)
        return ask(list(rows.values_list(way, "pk", "session_id", "application_id")))

    return source


# Each line: case id, candidate id, session id, application id.
Line = tuple[int, int | None, int | None, int]


def _trains(cases: Iterable[Line]) -> dict[int, set[int]]:
    """Accounts' persons of the candidates' institutions, and whoever teaches for these."""
    cases = list(cases)
    applications = ExamApplication.objects.filter(pk__in={line[3] for line in cases})
    institution_of = dict(applications.values_list("pk", "institution_id"))
    persons = _people_of(set(institution_of.values()))
    found: dict[int, set[int]] = defaultdict(set)
    for case_id, _candidate, _session, application_id in cases:
        found[case_id] |= persons[institution_of[application_id]]
    return found


def _people_of(institution_ids: set[int]) -> dict[int, set[int]]:
    """Who works or teaches for each institution: institution id → persons. One query."""
    staff = User.objects.filter(organisation__in=institution_ids, person__isnull=False)
    teachers = PlanTeacher.objects.filter(plan__institution__in=institution_ids)
    listed = Teacher.objects.filter(institution__in=institution_ids, left_at__isnull=True)
    rows = (
        staff.order_by().values_list("organisation_id", "person_id"),
        teachers.order_by().values_list("plan__institution_id", "person_id"),
        listed.order_by().values_list("institution_id", "person_id"),
    )
    found: dict[int, set[int]] = defaultdict(set)
    for institution_id, person_id in rows[0].union(*rows[1:]):
        found[institution_id].add(person_id)
    return found


def _staffs(cases: Iterable[Line]) -> dict[int, set[int]]:
    """Whoever is on the staff of the candidates' sessions, inspectors on tour and who judged a remedy among them
    (rules 4.6)."""
    cases = list(cases)
    sessions = {line[2] for line in cases}
    serving = StaffAssignment.objects.filter(use__part__session__in=sessions, ended_at__isnull=True)
    persons: dict[int, set[int]] = defaultdict(set)
    for session_id, person_id in serving.values_list("use__part__session_id", "person_id"):
        persons[session_id].add(person_id)
    tours = InspectionTour.objects.filter(session__in=sessions)
    acted = ("inspector__person", "on_behalf_of__person", "answers__judged_by__person")
    for session_id, *several in tours.values_list("session_id", *acted):
        persons[session_id] |= set(several) - {None}
    found: dict[int, set[int]] = defaultdict(set)
    for case_id, _candidate, session_id, _application in cases:
        found[case_id] |= persons[session_id]
    return found


def _results(act: str):
    """Who entered (or checked) the candidates' results; what was carried over counts where it was sat."""
    return _by_candidate(Result.objects.filter(carried_from__isnull=True), act)


def _penalties(act: str):
    """Who proposed (or decided) what an incident does to the candidates."""
    return _by_candidate(Incident.objects.all(), act)


def _by_candidate(rows: QuerySet, act: str):
    """Who signed ``rows`` as ``act``, and for whom (4.5), by the candidate of each."""

    def ask(cases: Iterable[Line]) -> dict[int, set[int]]:
        cases = list(cases)
        named = rows.filter(candidate__in=[line[1] for line in cases], **{f"{act}_by__isnull": False})
        persons: dict[int, set[int]] = defaultdict(set)
        columns = (f"{act}_by__person", f"{act}_on_behalf_of__person")
        for candidate_id, *both in named.values_list("candidate_id", *columns):
            persons[candidate_id] |= set(both) - {None}
        found: dict[int, set[int]] = defaultdict(set)
        for case_id, candidate_id, _session, _application in cases:
            found[case_id] |= persons[candidate_id]
        return found

    return ask


def _is_candidate(cases: Iterable[Line]) -> dict[int, set[int]]:
    """The candidates themselves."""
    cases = list(cases)
    applications = ExamApplication.objects.filter(pk__in={line[3] for line in cases})
    person_of = dict(applications.values_list("pk", "person_id"))
    found: dict[int, set[int]] = defaultdict(set)
    for case_id, _candidate, _session, application_id in cases:
        found[case_id].add(person_of[application_id])
    return found


def _conflicted(cases: Iterable[Line]) -> dict[int, set[int]]:
    """Who declared a conflict with the candidates, their employers or their institutions (rules 4.4)."""
    cases = list(cases)
    rows = ExamApplication.objects.filter(pk__in={line[3] for line in cases})
    known = {row[0]: row[1:] for row in rows.values_list("pk", "person_id", "trainee__employer", "institution_id")}
    people, employers, institutions = defaultdict(set), defaultdict(set), defaultdict(set)
    for case_id, _candidate, _session, application_id in cases:
        person_id, employer, institution_id = known[application_id]
        people[case_id].add(person_id)
        institutions[case_id].add(institution_id)
        if employer:
            employers[case_id].add(employer)
    return excluded(people, employers, institutions)
