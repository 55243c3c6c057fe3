"""Moving an exam application along its review: what approvals calls after it has written an opinion.

A plain function inside the caller's transaction, on locked rows. It keeps together what must never come apart:
the state, the tier to return to, the review deadlines, and the place in a session.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date

from django.db.models import Q
from django.urls import reverse

from certification.deadlines import ledger
from certification.notices.sending import notify_role
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.people.models import Person
from certification.refusals import WrongState
from certification.workflow import Result as Outcome
from certification.workflow import apply, lock
from exams import obligations
from exams.listing import is_renewal, leave_session, stopped_classes, take_off_admission
from exams.models import Candidate, ExamApplication
from exams.states import APPLICATION, EXAMINED, IN_SESSION, CandidateState
from exams.states import ApplicationState as A

SUBMISSIONS = ("submit_preliminary", "submit_direct", "submit_city", "resubmit_final")
# Transitions by which the tier that held the application has done its part.
ANSWERS = ("forward", "propose_refusal", "clear", "refuse")
# Transitions after which the city must report again by its own day, while that day has not passed. What was forwarded
# and comes back keeps its first date: the answer is in time until the province's own day (rules 2.8).
REPORTED_AGAIN = ("return_to_city_review", "object")
# Transitions that lead on to the exam: only where the class stands.
PASSES = ("forward", "clear")
ENDS = ("refuse", "withdraw")

Check = Callable[[ExamApplication], None]


def move(
    name: str,
    applications: Iterable[ExamApplication],
    *,
    actor,
    now,
    reason: str = "",
    check: Check | None = None,
    conditional: bool = False,
) -> list[Outcome]:
    """Make transition ``name`` (states.APPLICATION) on locked ``applications``; a result per row.

    ``check(application)`` may raise a Refusal, which becomes that row's result. A renewal cleared without a proof
    of hours is conditional (rules 2.10), as is one that the reviewer calls ``conditional``. Nobody goes on from a
    class that does not stand, nobody leaves once the exam has begun. Meets, opens again or ends the review deadlines;
    refused and withdrawn applications leave their session and free their seat; an objection takes the admission
    away. The institution is told of returns, refusals and clearances; telling the city is the caller's. Right, own
    organisation and separation are the caller's too.
    """
    applications = list(applications)
    before = {row.pk: row.state for row in applications}
    begun = _begun(applications, now.date()) if name in ENDS else set()
    stopped = stopped_classes(applications) if name in PASSES else {}
    proven = obligations.with_hours_proof(applications) if name == "clear" else set()

    def may(application: ExamApplication) -> None:
        if application.pk in begun:
            raise WrongState(f"“{application}”已开考，不能{APPLICATION[name].label}。", code="examined")
        if refusal := stopped.get(application.pk):
            raise refusal
        if check:
            check(application)

    def change(application: ExamApplication) -> None:
        application.returned_from = before[application.pk] if name == "return_to_filer" else ""
        if name == "clear":
            application.conditional = is_renewal(application) and (conditional or application.pk not in proven)

    results = apply(
        APPLICATION,
        name,
        applications,
        actor=actor,
        now=now,
        reason=reason,
        check=may,
        change=change,
        fields=("returned_from", "conditional"),
    )
    moved = [result.row for result in results if result.ok]
    # Candidates are locked before deadlines, as everywhere, so that two callers never wait for each other.
    places = _locked_places(name, moved)
    _settle_deadlines(name, moved, before, actor=actor, now=now, reason=reason)
    _settle_candidates(name, places, actor=actor, now=now, reason=reason)
    _tell_institutions(name, moved, now=now, reason=reason)
    return results


def _settle_deadlines(name: str, moved: list[ExamApplication], before: dict[int, str], *, actor, now, reason) -> None:
    if name in ANSWERS:
        by_rule: dict[str, list[ExamApplication]] = defaultdict(list)
        for row in moved:
            by_rule[obligations.review_rule(row, before[row.pk])].append(row)
        for rule in sorted(set(by_rule) - {""}):
            ledger.meet(rule, by_rule[rule], now=now, actor=actor)
    if name in REPORTED_AGAIN:
        ledger.unmeet(obligations.CITY_REVIEW_REPORT, moved, now=now, reason=APPLICATION[name].label)
    if name in ENDS:
        obligations.close_all(moved, now=now, reason=APPLICATION[name].label)


def _locked_places(name: str, moved: list[ExamApplication]) -> list[Candidate]:
    """The places in sessions that the transition takes away, or from which it takes the admission."""
    if name not in (*ENDS, "object"):
        return []
    states = (CandidateState.ADMITTED,) if name == "object" else IN_SESSION
    return lock(Candidate.objects.filter(application__in=[row.pk for row in moved], state__in=states))


def _settle_candidates(name: str, places: list[Candidate], *, actor, now, reason) -> None:
    if not places:
        return
    label = reason or APPLICATION[name].label
    if name == "object":
        take_off_admission(places, actor=actor, now=now, reason=label)
    else:
        leave_session("withdraw", places, actor=actor, now=now, reason=label)


def _begun(applications: list[ExamApplication], today: date) -> set[int]:
    """Whose exam has begun or been taken: admitted, and 开考 is today or earlier."""
    rows = Candidate.objects.filter(application__in=[row.pk for row in applications])
    begun = Q(state__in=EXAMINED) | Q(state=CandidateState.ADMITTED, session__starts_on__lte=today)
    return set(rows.filter(begun).values_list("application_id", flat=True))


def _tell_institutions(name: str, moved: list[ExamApplication], *, now, reason: str) -> None:
    words = {A.RETURNED: "退回补正", A.REFUSED: "审核不通过", A.CLEARED: "审核通过"}
    by_institution: dict[int, list[ExamApplication]] = defaultdict(list)
    for row in moved:
        if row.state in words and name not in SUBMISSIONS:
            by_institution[row.institution_id].append(row)
    institutions = Organisation.objects.in_bulk(by_institution)
    people = Person.objects.in_bulk({row.person_id for rows in by_institution.values() for row in rows})
    for institution_id, rows in by_institution.items():
        names = "、".join(people[row.person_id].name for row in rows[:5]) + (
            f"等{len(rows)}人" if len(rows) > 5 else ""
        )
        notify_role(
            Role.INSTITUTION_FILER,
            institutions[institution_id],
            title=f"考试申报{words[rows[0].state]}：{names}",
            body=reason,
            url=f"{reverse('exams:application_list')}?state={rows[0].state}",
            now=now,
        )
