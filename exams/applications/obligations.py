"""Which deadlines an exam application has, and when they open and end (rules 2, 2.7, 2.8).

Deadlines that hang on the exam day open when an application is assigned to a session and end when it leaves it;
until then the screen says 待安排考试. Everything here runs inside the transaction of the calling activity and
uses a fixed number of statements per rule.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime

from certification.catalogue.models import ApplicationKind, Category
from certification.deadlines import ledger
from certification.organisations.models import Organisation
from certification.rulebook.models import RuleEdition
from exams.models import ExamApplication, ExamPlan, Material, MaterialKind
from exams.states import ApplicationState as A

MATERIALS_INITIAL = "materials_initial"
MATERIALS_RENEWAL = "materials_renewal"
HOURS_PROOF = "hours_proof"
PRELIMINARY_REVIEW = "preliminary_review"
FINAL_REVIEW = "final_review"
CITY_REVIEW_REPORT = "city_review_report"
DIRECT_REVIEW = "direct_review"
EXAM_HELD = "exam_held"
EXAM_PLAN = "exam_plan"
EXAM_PLAN_ANSWER = "exam_plan_answer"
RESULTS_RELEASE = "results_release"

# Papers that prove the hours, or that none are needed.
PROOFS = (MaterialKind.HOURS_PROOF, MaterialKind.EXEMPTION_PROOF)

ANCHORED_TO_EXAM = (HOURS_PROOF, PRELIMINARY_REVIEW, FINAL_REVIEW, CITY_REVIEW_REPORT, DIRECT_REVIEW)
# The city's own days; what it leaves undone by them the province may take over (rules 2.5).
BY_CITY = (PRELIMINARY_REVIEW, CITY_REVIEW_REPORT)
BY_PROVINCE = (FINAL_REVIEW, DIRECT_REVIEW)
BY_INSTITUTION = (MATERIALS_INITIAL, MATERIALS_RENEWAL, HOURS_PROOF)


def review_rule(application: ExamApplication, state: str) -> str:
    """The rule under which the tier that holds the application in ``state`` must act; "" where the plan names none."""
    if state == A.FINAL_REVIEW:
        return FINAL_REVIEW if application.kind == ApplicationKind.INITIAL else ""
    if state == A.TAKEN_OVER:
        return "" if application.kind == ApplicationKind.INITIAL else CITY_REVIEW_REPORT
    return {
        A.PRELIMINARY_REVIEW: PRELIMINARY_REVIEW,
        A.DIRECT_REVIEW: DIRECT_REVIEW,
        A.CITY_REVIEW: CITY_REVIEW_REPORT,
    }.get(state, "")


def materials_rule(kind: str) -> str:
    """The rule by which an application of ``kind`` must be submitted."""
    return MATERIALS_INITIAL if kind == ApplicationKind.INITIAL else MATERIALS_RENEWAL


def open_materials(applications: Iterable[ExamApplication], *, now: datetime) -> None:
    """Open the day by which drafts must be submitted: with a named session for INITIAL, from the class otherwise."""
    applications = list(applications)
    initial = [row for row in applications if row.kind == ApplicationKind.INITIAL and row.wished_session_id]
    others = [row for row in applications if row.kind != ApplicationKind.INITIAL]
    _open(MATERIALS_INITIAL, initial, lambda row: row.wished_session.starts_on, now=now)
    _open(MATERIALS_RENEWAL, others, lambda row: row.plan.class_start, now=now)


def meet_materials(applications: Iterable[ExamApplication], *, now: datetime, actor) -> None:
    """A complete application was submitted: the materials are in, and an exam is owed within the statutory days."""
    applications = list(applications)
    open_materials(applications, now=now)
    for rule in (MATERIALS_INITIAL, MATERIALS_RENEWAL):
        ledger.meet(rule, applications, now=now, actor=actor)
    _open(EXAM_HELD, applications, lambda row: now.date(), now=now)


def open_for_exam(applications: Iterable[ExamApplication], exam_start: date, *, now: datetime) -> None:
    """Open what still has to be done for ``applications`` before an exam that starts on ``exam_start``."""
    by_rule: dict[str, list[ExamApplication]] = defaultdict(list)
    applications = list(applications)
    proven = with_hours_proof(applications)
    for application in applications:
        for rule in _outstanding(application, application.pk in proven):
            by_rule[rule].append(application)
    for rule in ANCHORED_TO_EXAM:
        _open(rule, by_rule[rule], lambda row: exam_start, now=now)


def close_for_exam(applications: Iterable[ExamApplication], *, now: datetime, reason: str) -> None:
    """The applications left their session: nothing hangs on that exam day any more."""
    applications = list(applications)
    for rule in ANCHORED_TO_EXAM:
        ledger.close(rule, applications, now=now, reason=reason)


def await_plan_answer(plan: ExamPlan, exam_start: date, *, now: datetime) -> None:
    """The province returned the plan, for the first time or again, or its sessions changed since: it is to be filed
    again before the first of them starts (rules 2.8)."""
    ledger.open_deadline(
        EXAM_PLAN_ANSWER, plan, event_on=exam_start, responsible=plan.organiser, organiser=plan.organiser, now=now
    )
    ledger.unmeet(EXAM_PLAN_ANSWER, [plan], now=now, reason="再次退回")


def close_all(applications: Iterable[ExamApplication], *, now: datetime, reason: str) -> None:
    """The applications came to an end: withdrawn or refused."""
    ledger.close(None, list(applications), now=now, reason=reason)


def with_hours_proof(applications: Iterable[ExamApplication]) -> set[int]:
    """Ids of the applications whose hours are proven by a current paper (or by what stands in for it)."""
    found = Material.objects.filter(application__in=[row.pk for row in applications], kind__in=PROOFS)
    return set(found.filter(replaced_at__isnull=True).values_list("application_id", flat=True))


def _outstanding(application: ExamApplication, proven: bool) -> list[str]:
    rules = _reviews_ahead(application)
    if application.kind != ApplicationKind.INITIAL and not proven and application.hours_confirmed_at is None:
        rules.append(HOURS_PROOF)
    return rules


def _reviews_ahead(application: ExamApplication) -> list[str]:
    """The reviews that an application in its present state still has before it, in order."""
    state = _stands_in(application)
    if state == A.CLEARED:
        return []
    if application.category == Category.ONE:
        return [DIRECT_REVIEW]
    if application.kind != ApplicationKind.INITIAL:
        return [CITY_REVIEW_REPORT] if state in (A.CITY_REVIEW, A.TAKEN_OVER) else []
    return [FINAL_REVIEW] if state in (A.FINAL_REVIEW, A.TAKEN_OVER) else [PRELIMINARY_REVIEW, FINAL_REVIEW]


def _stands_in(application: ExamApplication) -> str:
    """The review that the application waits for, or goes back to once the institution has answered."""
    return application.returned_from if application.state == A.RETURNED else application.state


def _open(rule: str, applications: list[ExamApplication], event_on: Callable, *, now: datetime) -> None:
    """One call of the ledger per rule edition: cases keep the edition that they began under."""
    if not applications:
        return
    organisations = Organisation.objects.in_bulk(
        {row.institution_id for row in applications} | {row.organiser_id for row in applications}
    )
    by_province = any(_is_the_provinces(rule, row) for row in applications)
    centre = Organisation.objects.provincial_centre() if by_province else None
    for edition, rows in _by_edition(applications).items():
        ledger.open_deadlines(
            rule,
            rows,
            event_on=event_on,
            responsible=lambda row: (
                centre if _is_the_provinces(rule, row) else organisations[_responsible_id(rule, row)]
            ),
            institution=lambda row: organisations[row.institution_id],
            organiser=lambda row: organisations[row.organiser_id],
            now=now,
            edition=edition,
        )


def _is_the_provinces(rule: str, application: ExamApplication) -> bool:
    """Whether the province must act: by its own rules, and by the city's where it took the review over."""
    return rule in BY_PROVINCE or (rule == CITY_REVIEW_REPORT and _stands_in(application) == A.TAKEN_OVER)


def _responsible_id(rule: str, application: ExamApplication) -> int:
    return application.institution_id if rule in BY_INSTITUTION else application.organiser_id


def _by_edition(applications: list[ExamApplication]) -> dict[RuleEdition, list[ExamApplication]]:
    editions = RuleEdition.objects.in_bulk({row.rule_edition_id for row in applications})
    grouped: dict[RuleEdition, list[ExamApplication]] = defaultdict(list)
    for row in applications:
        grouped[editions[row.rule_edition_id]].append(row)
    return grouped
