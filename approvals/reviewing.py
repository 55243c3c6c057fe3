"""Reviewing applications by route (rules 3.1): both tiers, the province's objection and its own record per person."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from simple_history.utils import bulk_create_with_history

from approvals import feedback
from approvals.cases import take, take_one
from approvals.models import Outcome, Review, Stage
from approvals.opinions import Opinion, earlier_returns, materials_since, require_once
from approvals.stages import STEPS, Step, needs_provincial_record, transition_for
from certification.deadlines import ledger
from certification.organisations import access, separation
from certification.organisations.separation import Capacity
from certification.people import bars
from certification.records import accesses
from certification.refusals import NotPermitted, Refusal, WrongState
from certification.workdays.wording import plain_day
from certification.workflow import Result, activity, log
from exams import obligations
from exams.listing import is_renewal
from exams.models import Candidate, ExamApplication
from exams.reviewing import move
from exams.states import IN_SESSION, ApplicationState

Check = Callable[[ExamApplication], None]


@activity
def review(
    *,
    actor,
    now,
    application_ids: Iterable[int],
    stage: str,
    outcome: str,
    reason: str = "",
    items: Iterable = (),
    conditional: bool = False,
    hours_may_follow: bool = False,
) -> list[Result]:
    """Give one opinion on each application; returns a result per application, in their order.

    ``items`` say what to correct ([{"material", "text"}]). ``conditional`` lets renewals pass on condition, whether
    or not their hours proof is on file; ``hours_may_follow`` only those whose proof is still to come, the others
    simply pass. Raises NotPermitted, Incomplete, or DoesNotExist where
    an application is not the actor's to see; what concerns one application alone is its result. A late opinion
    is marked late, never blocked. Clause 三(二).
    """
    step = STEPS[Stage(stage)]
    access.require(actor, step.action)
    opinion = _opinion(step, outcome, reason, items, conditional, hours_may_follow)
    applications = take(ExamApplication.objects.select_related("person", "job_type"), actor, application_ids)
    late = _late_ids(step, applications, now)
    proven = obligations.with_hours_proof(applications)
    check = _checks(actor, now, step, opinion, applications, proven)
    results = _move(step, opinion, applications, actor=actor, now=now, check=check)
    made = [result.row for result in results if result.ok]
    _record(made, step.stage, opinion, actor=actor, now=now, late=late, conditional=_conditional(opinion, made, proven))
    feedback.tell(step, opinion, made, now=now)
    return results


@activity
def object_to(*, actor, now, application_ids: Iterable[int], reason: str) -> list[Result]:
    """The province objects to what the city passed, until exam start: it goes back to the city's review.

    A result per application. Rules 3.1 (reading).
    """
    access.require(actor, "approvals.review_province")
    opinion = Opinion.of(Outcome.OBJECT, reason)
    applications = take(ExamApplication.objects.select_related("person", "job_type"), actor, application_ids)
    started = _started_ids(applications, now)
    breaches = separation.breaches(actor, Capacity.REVIEWS, applications)

    def check(application: ExamApplication) -> None:
        _require_city_passed(application)
        if application.pk in started:
            raise Refusal(
                "考试已经开始，不能再提出异议。",
                code="exam_started",
                clause="规则 3.1",
                advice="请在省级审核记录中写明不通过的意见，供作出许可决定时使用。",
            )
        _raise_if(breaches.get(application.pk))

    results = move("object", applications, actor=actor, now=now, reason=opinion.reason, check=check)
    made = [result.row for result in results if result.ok]
    _record(made, Stage.OBJECTION, opinion, actor=actor, now=now)
    feedback.tell_objection(made, opinion, now=now)
    return results


@activity
def record_provincial_review(
    *, actor, now, application_ids: Iterable[int], outcome: str = Outcome.PASS, reason: str = ""
) -> list[Result]:
    """Put the province's own review of what the city passed on record, person by person (省厅统一审核).

    Without a passing record nobody reaches the decision. ``outcome`` is PASS, or REFUSE with a reason, which the
    decision maker then weighs; it moves nobody out of an exam. A result per application.
    """
    access.require(actor, "approvals.review_province")
    opinion = Opinion.of(outcome, reason)
    if opinion.outcome not in (Outcome.PASS, Outcome.REFUSE):
        raise WrongState("省级审核记录只有通过和不通过两种意见。")
    applications = take(ExamApplication.objects.select_related("person", "job_type"), actor, application_ids)
    breaches = separation.breaches(actor, Capacity.REVIEWS, applications)
    standing = _standing_records(applications)

    def check(application: ExamApplication) -> None:
        _require_city_passed(application)
        if standing.get(application.pk) == opinion.outcome:
            raise WrongState("省级审核记录已经作出。", advice="该事项可能已由他人处理，请刷新后查看。")
        _raise_if(breaches.get(application.pk))

    results = [_judged(application, check) for application in applications]
    made = [result.row for result in results if result.ok]
    _record(made, Stage.PROVINCIAL_RECORD, opinion, actor=actor, now=now)
    log(made, "record_provincial_review", actor=actor, now=now, reason=opinion.reason)
    return results


@activity
def reveal_number(*, actor, now, application_id: int) -> str:
    """The applicant's whole identity number, for comparison with the papers; who saw it is logged (rules 5)."""
    access.require(actor, "approvals.view_reviews")
    application = take_one(ExamApplication.objects.select_related("person"), actor, application_id)
    accesses.reveal(application, actor=actor, now=now)
    return application.person.document_number


def provincial_opinions(application_ids: Iterable[int]) -> dict[int, Review]:
    """The province's latest word on each application that has one: application id → review. One query."""
    rows = Review.objects.filter(
        application__in=list(application_ids),
        stage__in=(Stage.FINAL, Stage.DIRECT, Stage.OBJECTION, Stage.PROVINCIAL_RECORD),
    )
    return {review.application_id: review for review in rows.order_by("at", "pk")}


def _opinion(
    step: Step, outcome: str, reason: str, items: Iterable, conditional: bool, hours_may_follow: bool
) -> Opinion:
    opinion = Opinion.of(outcome, reason, items, conditional, hours_may_follow)
    if opinion.outcome not in step.outcomes:
        raise NotPermitted(f"{step.stage.label}不能作出“{opinion.outcome.label}”的意见。", clause="规则 3.1")
    return opinion


def _checks(
    actor, now, step: Step, opinion: Opinion, applications: Sequence[ExamApplication], proven: set[int]
) -> Check:
    """Everything that may stand in the way of one application, asked for all of them at once."""
    breaches = separation.breaches(actor, step.capacity, applications)
    barred = bars.in_force((row.person_id for row in applications), now.date())
    returns = earlier_returns(applications, actor.organisation_id) if opinion.outcome == Outcome.RETURN else {}
    new = materials_since(returns)

    def check(application: ExamApplication) -> None:
        if application.state != step.state:
            state = ApplicationState(application.state).label
            raise WrongState(
                f"“{application}”当前状态为“{state}”，不在{step.stage.label}环节。",
                advice="该事项可能已由他人处理，请刷新后查看。",
            )
        if step.own:
            access.require_own(actor, application.organiser_id)
        _raise_if(breaches.get(application.pk))
        require_once(application.pk, opinion, returns, new[application.pk])
        if opinion.outcome == Outcome.PASS:
            _require_passable(application, opinion, application.pk in proven, barred.get(application.person_id))

    return check


def _require_passable(application: ExamApplication, opinion: Opinion, proven: bool, bar) -> None:
    if bar is not None:
        raise Refusal(
            f"“{application.person}”在禁考期内（至{plain_day(bar.barred_until)}），不能通过。",
            code="barred",
            clause="方案四（二）",
            advice="请作出不通过的意见。",
        )
    if needs_hours_proof(application, proven) and not (opinion.conditional or opinion.hours_may_follow):
        raise Refusal(
            f"“{application.person}”尚未提交学时证明，只能附条件通过。",
            code="hours_missing",
            clause="方案三（二）2",
            advice="请勾选“附条件通过”，学时证明应在开考前1个工作日提供。",
        )


def needs_hours_proof(application: ExamApplication, proven: bool) -> bool:
    """Whether the hours proof is still to come; INITIAL applications cannot be submitted without it."""
    return is_renewal(application) and not proven and application.hours_confirmed_at is None


def _move(step: Step, opinion: Opinion, applications, *, actor, now, check: Check) -> list[Result]:
    groups: dict[str, list[ExamApplication]] = defaultdict(list)
    for application in applications:
        groups[transition_for(step, opinion.outcome, application)].append(application)
    results: dict[int, Result] = {}
    for name, rows in groups.items():
        moved = move(
            name, rows, actor=actor, now=now, reason=opinion.text, check=check, conditional=opinion.conditional
        )
        results.update((result.row.pk, result) for result in moved)
    return [results[application.pk] for application in applications]


def _late_ids(step: Step, applications: Sequence[ExamApplication], now) -> set[int]:
    """Whose own due date has passed; asked before the opinion meets the deadline. Provisional dates are never late."""
    rules = {obligations.review_rule(row, step.state) for row in applications} - {""}
    found = [deadline for rule in rules for deadline in ledger.find_all(rule, applications).values()]
    return {d.subject_id for d in found if d.met_at is None and d.is_late_at(now)}


def _conditional(opinion: Opinion, made: Iterable[ExamApplication], proven: set[int]) -> set[int]:
    if opinion.outcome != Outcome.PASS:
        return set()
    return {
        row.pk for row in made if needs_hours_proof(row, row.pk in proven) or (opinion.conditional and is_renewal(row))
    }


def _record(
    applications: Sequence[ExamApplication],
    stage: Stage,
    opinion: Opinion,
    *,
    actor,
    now,
    late: Iterable[int] = (),
    conditional: Iterable[int] = (),
) -> None:
    late, conditional = set(late), set(conditional)
    reviews = [
        Review(
            application=application,
            stage=stage,
            outcome=opinion.outcome,
            reason=opinion.reason,
            items=[item.as_json() for item in opinion.items],
            conditional=application.pk in conditional,
            late=application.pk in late,
            reviewer=actor,
            organisation_id=actor.organisation_id,
            at=now,
        )
        for application in applications
    ]
    if reviews:
        bulk_create_with_history(reviews, Review, default_user=actor, default_date=now)


def _standing_records(applications: Sequence[ExamApplication]) -> dict[int, str]:
    """The outcome of the provincial record that still stands: the province's last word, if it is a record."""
    opinions = provincial_opinions(row.pk for row in applications)
    return {pk: review.outcome for pk, review in opinions.items() if review.stage == Stage.PROVINCIAL_RECORD}


def _started_ids(applications: Sequence[ExamApplication], now) -> set[int]:
    """Applications whose exam has begun or been taken: 开考 is the day of the earliest part."""
    rows = Candidate.objects.filter(application__in=[row.pk for row in applications]).exclude(
        state__in=("MOVED", "WITHDRAWN")
    )
    started = rows.filter(session__starts_on__lte=now.date()) | rows.exclude(state__in=IN_SESSION)
    return set(started.values_list("application_id", flat=True))


def _require_city_passed(application: ExamApplication) -> None:
    if not needs_provincial_record(application):
        raise WrongState("只有第二类复审、换证由市级审核后报省厅，需要省级审核记录。", clause="规则 3.1")
    if application.state != ApplicationState.CLEARED:
        state = ApplicationState(application.state).label
        raise WrongState(f"“{application}”当前状态为“{state}”，市级审核尚未通过。")


def _judged(application: ExamApplication, check: Check) -> Result:
    try:
        check(application)
    except Refusal as refusal:
        return Result(application, refusal, application.state)
    return Result(application, None, application.state)


def _raise_if(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise refusal
