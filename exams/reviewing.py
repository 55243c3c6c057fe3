"""Moving an exam application along its review: what approvals calls after it has written an opinion.

A plain function inside the caller's transaction, on locked rows. It keeps together what must never come apart:
the state, the tier to return to, the review deadlines, and the place in a session.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable

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
from exams.listing import is_renewal, leave_session, take_off_admission
from exams.models import Candidate, ExamApplication
from exams.states import APPLICATION, EXAMINED, IN_SESSION, CandidateState
from exams.states import ApplicationState as A

SUBMISSIONS = ("submit_preliminary", "submit_direct", "submit_city", "resubmit_final")
# Transitions by which the tier that held the application has done its part.
ANSWERS = ("forward", "propose_refusal", "clear", "refuse")
# Transitions after which a lower tier must act again by its own day.
BACK_TO_CITY = {
    "return_to_city": obligations.PRELIMINARY_REVIEW,
    "return_to_city_review": obligations.CITY_REVIEW_REPORT,
    "object": obligations.CITY_REVIEW_REPORT,
}
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
    of hours is conditional (rules 2.10), as is one that the reviewer calls ``conditional``. Meets, opens again or
    ends the review deadlines; refused and withdrawn applications leave their session and free their seat; an
    objection takes the admission away. The institution is told of returns, refusals and clearances; telling the
    city is the caller's. Right, own organisation and separation are the caller's too.
    """
    applications = list(applications)
    before = {row.pk: row.state for row in applications}
    examined = _examined(applications) if name in ENDS else set()
    proven = obligations.with_hours_proof(applications) if name == "clear" else set()

    def may(application: ExamApplication) -> None:
        if application.pk in examined:
            raise WrongState(f"“{application}”已参加考试，不能{APPLICATION[name].label}。", code="examined")
        if check:
            check(application)

    def change(application: ExamApplication) -> None:
        application.returned_from = before[application.pk] if name == "return_to_filer" else ""
        if name == "clear":
            unproven = is_renewal(application) and application.pk not in proven
            application.conditional = conditional or unproven

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
    _settle_deadlines(name, moved, before, actor=actor, now=now, reason=reason)
    _settle_candidates(name, moved, actor=actor, now=now, reason=reason)
    _tell_institutions(name, moved, now=now, reason=reason)
    return results


def _settle_deadlines(name: str, moved: list[ExamApplication], before: dict[int, str], *, actor, now, reason) -> None:
    if name in ANSWERS:
        by_rule: dict[str, list[ExamApplication]] = defaultdict(list)
        for row in moved:
            by_rule[obligations.review_rule(row, before[row.pk])].append(row)
        for rule in sorted(set(by_rule) - {""}):
            ledger.meet(rule, by_rule[rule], now=now, actor=actor)
    if name in BACK_TO_CITY:
        ledger.unmeet(BACK_TO_CITY[name], moved, now=now, reason=APPLICATION[name].label)
    if name in ENDS:
        obligations.close_all(moved, now=now, reason=APPLICATION[name].label)


def _settle_candidates(name: str, moved: list[ExamApplication], *, actor, now, reason) -> None:
    if name not in (*ENDS, "object") or not moved:
        return
    rows = Candidate.objects.filter(application__in=[row.pk for row in moved], state__in=IN_SESSION)
    label = reason or APPLICATION[name].label
    if name == "object":
        admitted = lock(rows.filter(state=CandidateState.ADMITTED))
        take_off_admission(admitted, actor=actor, now=now, reason=label)
    else:
        leave_session("withdraw", lock(rows), actor=actor, now=now, reason=label)


def _examined(applications: list[ExamApplication]) -> set[int]:
    rows = Candidate.objects.filter(application__in=[row.pk for row in applications], state__in=EXAMINED)
    return set(rows.values_list("application_id", flat=True))


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
