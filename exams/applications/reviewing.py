"""Moving an exam application along its review: what approvals calls after it has written an opinion.

A plain function inside the caller's transaction, on locked rows. It keeps together what must never come apart:
the state, the tier to return to, the review deadlines, and the place in a session.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Q
from django.urls import reverse

from certification import clock
from certification.deadlines import ledger
from certification.notices.sending import Message, send
from certification.organisations.access import users_at
from certification.organisations.roles import Role
from certification.people.models import Person
from certification.records.models.transitions import Reason
from certification.refusals import Refusal, WrongState
from certification.workflow import Result as Outcome
from certification.workflow import apply, lock
from exams.applications import answers, due_days, obligations
from exams.models import Candidate, ExamApplication
from exams.sessions.listing import is_renewal, leave_session, stopped_classes, take_off_admission
from exams.states import APPLICATION, EXAMINED, IN_SESSION, CandidateState
from exams.states import ApplicationState as A

SUBMISSIONS = ("submit_preliminary", "submit_direct", "submit_city", "resubmit_final", "resubmit_taken_over")
# Transitions by which the tier that returned an application takes its notice back, by the state it goes back to.
RECALLS = {
    A.PRELIMINARY_REVIEW: "recall_preliminary",
    A.DIRECT_REVIEW: "recall_direct",
    A.CITY_REVIEW: "recall_city",
    A.FINAL_REVIEW: "recall_final",
    A.TAKEN_OVER: "recall_taken_over",
}
# Transitions by which the tier that held the application has done its part.
ANSWERS = ("forward", "propose_refusal", "clear", "refuse")
# Transitions after which the city must report again by its own day, while that day has not passed. What was forwarded
# and comes back keeps its first date: the answer is in time until the province's own day (rules 2.8).
REPORTED_AGAIN = ("return_to_city_review", "object")
# Transitions that lead on to the exam: only where the class stands.
PASSES = ("forward", "clear")
ENDS = ("refuse", "withdraw")

Check = Callable[[ExamApplication], None]
# Called as hook(name, moved, actor=, now=) with the applications that left their state: approvals closes there what was
# asked of them and ends whatever somebody had in hand.
on_moved: list[Callable] = []


def move(
    name: str,
    applications: Iterable[ExamApplication],
    *,
    actor,
    now,
    reason: Reason = "",
    check: Check | None = None,
    conditional: Callable[[ExamApplication], bool] = lambda _application: False,
) -> list[Outcome]:
    """Make transition ``name`` (states.APPLICATION) on locked ``applications``; a result per row.

    ``check(application)`` may raise a Refusal, which becomes that row's result; ``reason`` is one for all, or asked of
    each. A renewal cleared without a proof of hours is conditional (rules 2.10), as is one that the reviewer calls
    ``conditional``. Nobody goes on from a
    class that does not stand, nobody leaves once the exam has begun. Meets, opens again or ends the review deadlines;
    refused and withdrawn applications leave their session and free their seat; an objection takes the admission
    away. A returned application goes back only once everything that was asked is answered (``answers``). The
    institution is told of returns, refusals and clearances; telling the city is the caller's. Right, own organisation
    and separation are the caller's too.
    """
    applications = list(applications)
    before = {row.pk: row.state for row in applications}
    obstacles = obstacles_to(name, applications, now=now)
    proven = obligations.with_hours_proof(applications) if name == "clear" else set()
    unanswered = answers.unanswered(applications) if name in SUBMISSIONS else {}

    def may(application: ExamApplication) -> None:
        if refusal := obstacles.get(application.pk):
            raise refusal
        if refusal := unanswered.get(application.pk):
            raise refusal
        if check:
            check(application)

    def change(application: ExamApplication) -> None:
        application.returned_from = before[application.pk] if name == "return_to_filer" else ""
        if name in SUBMISSIONS and before[application.pk] == A.RETURNED:
            application.resubmitted_at = now
        if name == "clear":
            application.conditional = is_renewal(application) and (
                conditional(application) or application.pk not in proven
            )

    results = apply(
        APPLICATION,
        name,
        applications,
        actor=actor,
        now=now,
        reason=reason,
        check=may,
        change=change,
        fields=("returned_from", "conditional", "resubmitted_at"),
    )
    moved = [result.row for result in results if result.ok]
    # Candidates are locked before deadlines, as everywhere, so that two callers never wait for each other.
    places = _locked_places(name, moved)
    followed = _settle_deadlines(name, moved, before, actor=actor, now=now)
    _settle_lists(name, moved, before, followed)
    said = reason if callable(reason) else lambda _application: reason
    _settle_candidates(name, places, {row.pk: said(row) for row in moved}, actor=actor, now=now)
    _tell_institutions(name, moved, said, now=now)
    for hook in on_moved if moved else ():
        hook(name, moved, actor=actor, now=now)
    return results


def obstacles_to(name: str, applications: Iterable[ExamApplication], *, now) -> dict[int, Refusal]:
    """What stands in the way of transition ``name`` beside the state: application id → refusal."""
    applications = list(applications)
    begun = _begun(applications, now.date()) if name in ENDS else set()
    stopped = stopped_classes(applications) if name in PASSES else {}
    examined = {
        row.pk: WrongState(f"“{row}”已开考，不能{APPLICATION[name].label}。", code="examined")
        for row in applications
        if row.pk in begun
    }
    return {**stopped, **examined}


def _settle_deadlines(name: str, moved: list[ExamApplication], before: dict[int, str], *, actor, now) -> set[int]:
    """Returns whose day was counted again, because their review's deadline was met."""
    followed: set[int] = set()
    if name in ANSWERS:
        by_rule: dict[str, list[ExamApplication]] = defaultdict(list)
        for row in moved:
            by_rule[obligations.review_rule(row, before[row.pk])].append(row)
        for rule in sorted(set(by_rule) - {""}):
            followed |= {row.subject_id for row in ledger.meet(rule, by_rule[rule], now=now, actor=actor)}
    if name in REPORTED_AGAIN:
        ledger.unmeet(obligations.CITY_REVIEW_REPORT, moved, now=now, reason=APPLICATION[name].label)
    if name == "take_over":
        for rule in obligations.BY_CITY:
            ledger.close(rule, moved, now=now, reason=APPLICATION[name].label)
    if name in ENDS:
        obligations.close_all(moved, now=now, reason=APPLICATION[name].label)
    return followed


def _settle_lists(name: str, moved: list[ExamApplication], before: dict[int, str], followed: set[int]) -> None:
    """What lists are read by. Where the city's word, or the province's in its place, admitted to the
    exam, the province's own is still to come."""
    if rest := {row.pk for row in moved} - followed:
        due_days.follow(rest)
    if name == "clear":
        passed_first = [row.pk for row in moved if before[row.pk] in (A.CITY_REVIEW, A.TAKEN_OVER)]
        ExamApplication.objects.filter(pk__in=passed_first).update(awaits_record=True)


def on_record(applications: Iterable[ExamApplication]) -> None:
    """The province put its own review of these locked applications on record: nobody waits for it any more."""
    ExamApplication.objects.filter(pk__in=[row.pk for row in applications]).update(awaits_record=False)


def _locked_places(name: str, moved: list[ExamApplication]) -> list[Candidate]:
    """The places in sessions that the transition takes away, or from which it takes the admission."""
    if name not in (*ENDS, "object"):
        return []
    states = (CandidateState.ADMITTED,) if name == "object" else IN_SESSION
    return lock(Candidate.objects.filter(application__in=[row.pk for row in moved], state__in=states))


def _settle_candidates(name: str, places: list[Candidate], said: Mapping[int, str], *, actor, now) -> None:
    if not places:
        return
    label = APPLICATION[name].label

    def reason(place: Candidate) -> str:
        return said[place.application_id] or label

    if name == "object":
        take_off_admission(places, actor=actor, now=now, reason=reason)
    else:
        leave_session("withdraw", places, actor=actor, now=now, reason=reason)


def _begun(applications: list[ExamApplication], today: date) -> set[int]:
    """Whose exam has begun or been taken: admitted, and 开考 is today or earlier."""
    rows = Candidate.objects.filter(application__in=[row.pk for row in applications])
    begun = Q(state__in=EXAMINED) | Q(state=CandidateState.ADMITTED, session__starts_on__lte=today)
    return set(rows.filter(begun).values_list("application_id", flat=True))


def _tell_institutions(name: str, moved: list[ExamApplication], said: Callable, *, now) -> None:
    """One notice for each institution, whatever was said of whom."""
    words = {A.RETURNED: "退回补正", A.REFUSED: "审核不通过", A.CLEARED: "审核通过"}
    by_institution: dict[int, list[ExamApplication]] = defaultdict(list)
    for row in moved:
        if row.state in words and name not in SUBMISSIONS:
            by_institution[row.institution_id].append(row)
    filers = users_at([Role.INSTITUTION_FILER], by_institution.keys(), clock.day_of(now))
    people = Person.objects.in_bulk({row.person_id for rows in by_institution.values() for row in rows})
    messages = []
    for institution_id, rows in by_institution.items():
        by_reason: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            by_reason[said(row)].append(people[row.person_id].name)
        body = "\n".join(f"{_few(names)}：{reason}" for reason, names in by_reason.items() if reason)
        title = f"考试申报{words[rows[0].state]}：{_few([people[row.person_id].name for row in rows])}"
        url = f"{reverse('exams:application_list')}?state={rows[0].state}"
        body = body if len(by_reason) > 1 else said(rows[0])
        messages += [Message(user.pk, title, body, url, about=rows) for user in filers[institution_id]]
    send(messages, now=now)


def _few(names: Sequence[str]) -> str:
    return "、".join(names[:5]) + (f"等{len(names)}人" if len(names) > 5 else "")
