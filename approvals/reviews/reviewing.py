"""Reviewing applications by route (rules 3.1): both tiers. The province's objection and its own record per person are
in ``recording``."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence

from simple_history.utils import bulk_create_with_history

from approvals.assignments import assigned
from approvals.cases import take, take_one
from approvals.corrections import correcting, once
from approvals.corrections.once import Once
from approvals.models import Outcome, Review, Stage
from approvals.reviews import feedback, prepared
from approvals.reviews.opinions import Opinion
from approvals.reviews.stages import STEPS, Step, transition_for
from approvals.takeovers import taken_over
from certification.deadlines import ledger
from certification.organisations import access, separation
from certification.people import bars
from certification.records import accesses
from certification.refusals import NotPermitted, Refusal, WrongState, raise_if
from certification.workflow import Result, activity
from exams.applications import obligations
from exams.applications import reviewing as moving
from exams.applications.reviewing import move
from exams.models import ExamApplication
from exams.sessions.listing import is_renewal
from exams.states import ApplicationState

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
    step, opinion = asked(actor, stage, outcome, reason, items, conditional, hours_may_follow)
    applications = take(ExamApplication.objects.select_related("person", "job_type"), actor, application_ids)
    standing = prepared.standing_on(row.pk for row in applications)

    def check(application: ExamApplication) -> None:
        raise_if(prepared.in_the_way(application, step, standing.get(application.pk)))

    opinions = {row.pk: opinion for row in applications}
    results = give(step, opinions, applications, actor=actor, now=now, also=check)
    overtaken = [standing[result.row.pk] for result in results if result.ok and result.row.pk in standing]
    prepared.end(overtaken, actor=actor, now=now, reason=prepared.MOVED_ON)
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


def asked(
    actor,
    stage: str,
    outcome: str,
    reason: str,
    items: Iterable,
    conditional: bool,
    hours_may_follow: bool,
    steps: Mapping[Stage, Step] = STEPS,
) -> tuple[Step, Opinion]:
    """The review among ``steps`` that is asked for and the opinion to give in it. Raises NotPermitted, and Incomplete
    with everything that the opinion lacks."""
    step = steps[Stage(stage)]
    access.require(actor, step.action)
    opinion = Opinion.of(outcome, reason, items, conditional, hours_may_follow)
    if opinion.outcome not in step.outcomes:
        raise NotPermitted(f"{step.stage.label}不能作出“{opinion.outcome.label}”的意见。", clause="规则 3.1")
    return step, opinion


def give(
    step: Step,
    opinions: Mapping[int, Opinion],
    applications: Sequence[ExamApplication],
    *,
    actor,
    now,
    also: Check | None = None,
) -> list[Result]:
    """Let the opinions on locked ``applications`` (by their ids) take effect; a result per application, in order.

    ``also`` is asked of each application beside everything that stands in the way of any opinion. The review that was
    written is in the ``detail`` of its result. Inside the caller's transaction.
    """
    late = _late_ids(step, applications, now)
    proven = proven_ids(applications)
    asking = _asking(actor, now, opinions, applications)
    check = checks(actor, now, step, opinions, applications, proven, asking)

    def all_checks(application: ExamApplication) -> None:
        if also:
            also(application)
        check(application)

    results: dict[int, Result] = {}
    # Whoever moves the same way goes in one pass, whatever was said of each.
    for name, rows in _by_transition(step, opinions, applications).items():
        moved = move(
            name,
            rows,
            actor=actor,
            now=now,
            reason=lambda row: opinions[row.pk].text,
            check=all_checks,
            conditional=lambda row: opinions[row.pk].conditional,
        )
        results.update((result.row.pk, result) for result in moved)
    made = [row for row in applications if results[row.pk].ok]
    conditional = _conditional(opinions, made, proven)
    written = write(made, step.stage, opinions, actor=actor, now=now, late=late, conditional=conditional)
    for review in written:
        results[review.application_id].detail["review"] = review
    feedback.tell(step, opinions, made, now=now)
    correcting.issue_with(written, asking, actor=actor, now=now)
    return [results[application.pk] for application in applications]


def preparable(step: Step, opinions: Mapping[int, Opinion], applications, *, actor, now) -> Check:
    """Everything that may stand in the way of the opinions, the transitions that they lead to included."""
    check = checks(actor, now, step, opinions, applications, proven_ids(applications))
    obstacles = _obstacles_to(step, opinions, applications, now=now)

    def all_checks(application: ExamApplication) -> None:
        check(application)
        raise_if(obstacles.get(application.pk))

    return all_checks


def _asking(actor, now, opinions: Mapping[int, Opinion], applications: Sequence[ExamApplication]) -> Once:
    """What may still be asked of each (行政许可法第三十二条)."""
    returned = [row for row in applications if opinions[row.pk].outcome == Outcome.RETURN]
    return Once(once.earlier(returned, actor.organisation_id), now.date())


def checks(
    actor,
    now,
    step: Step,
    opinions: Mapping[int, Opinion],
    applications: Sequence[ExamApplication],
    proven: set[int],
    asking: Once | None = None,
) -> Check:
    """Everything that may stand in the way of the opinion on each application, asked for all of them at once.

    ``proven``: whose hours proof is on file. What stands in the way of the transition itself, ``move`` asks too.
    """
    breaches = separation.breaches(actor, step.capacity, applications)
    barred = bars.in_force((row.person_id for row in applications), now.date())
    once_only = asking or _asking(actor, now, opinions, applications)
    kept = taken_over.kept_from_city(row for row in applications if opinions[row.pk].outcome == Outcome.RETURN_TO_CITY)
    held = assigned.open_of(applications)
    mode = assigned.rule(now.date()).opinion

    def check(application: ExamApplication) -> None:
        opinion = opinions[application.pk]
        if application.state != step.state:
            raise moved_on(application, step)
        if step.own:
            access.require_own(actor, application.organiser_id)
        raise_if(breaches.get(application.pk))
        raise_if(kept.get(application.pk))
        assigned.require_in_hand(actor, held.get(application.pk), mode)
        once_only.require(application.pk, opinion.items)
        if opinion.outcome == Outcome.PASS:
            _require_passable(application, opinion, application.pk in proven, barred.get(application.person_id))

    return check


def moved_on(application: ExamApplication, step: Step) -> WrongState:
    """What somebody is told whose opinion in ``step`` comes after the application has left it."""
    state = ApplicationState(application.state)
    taken = step.own and state == ApplicationState.TAKEN_OVER
    return WrongState(
        f"“{application}”当前状态为“{state.label}”，不在{step.stage.label}环节。",
        advice=taken_over.CITY_READS if taken else "该事项可能已由他人处理，请刷新后查看。",
    )


def _require_passable(application: ExamApplication, opinion: Opinion, proven: bool, bar) -> None:
    if bar is not None:
        raise bars.refusal(bar, application.person, "不能通过", advice="请作出不通过的意见。")
    if needs_hours_proof(application, proven) and not (opinion.conditional or opinion.hours_may_follow):
        raise Refusal(
            f"“{application.person}”尚未提交学时证明，只能附条件通过。",
            code="hours_missing",
            clause="方案三（二）2",
            advice="请勾选“附条件通过”，学时证明应在开考前1个工作日提供。",
        )


def proven_ids(applications: Iterable[ExamApplication]) -> set[int]:
    """Whose hours proof is on file, among those who could do without for a while."""
    return obligations.with_hours_proof([row for row in applications if is_renewal(row)])


def needs_hours_proof(application: ExamApplication, proven: bool) -> bool:
    """Whether the hours proof is still to come; INITIAL applications cannot be submitted without it."""
    return is_renewal(application) and not proven and application.hours_confirmed_at is None


def _obstacles_to(step: Step, opinions: Mapping[int, Opinion], applications, *, now) -> dict[int, Refusal]:
    """What stands in the way of the transitions that the opinions lead to: application id → refusal."""
    found: dict[int, Refusal] = {}
    for name, rows in _by_transition(step, opinions, applications).items():
        found.update(moving.obstacles_to(name, rows, now=now))
    return found


def _by_transition(
    step: Step, opinions: Mapping[int, Opinion], applications: Iterable[ExamApplication]
) -> dict[str, list[ExamApplication]]:
    groups: dict[str, list[ExamApplication]] = defaultdict(list)
    for application in applications:
        groups[transition_for(step, opinions[application.pk].outcome, application)].append(application)
    return groups


def _late_ids(step: Step, applications: Sequence[ExamApplication], now) -> set[int]:
    """Whose own due date has passed; asked before the opinion meets the deadline. Provisional dates are never late."""
    rules = {obligations.review_rule(row, step.state) for row in applications} - {""}
    found = [deadline for rule in rules for deadline in ledger.find_all(rule, applications).values()]
    return {d.subject_id for d in found if d.met_at is None and d.is_late_at(now)}


def _conditional(opinions: Mapping[int, Opinion], made: Iterable[ExamApplication], proven: set[int]) -> set[int]:
    passed = [row for row in made if opinions[row.pk].outcome == Outcome.PASS]
    return {
        row.pk
        for row in passed
        if needs_hours_proof(row, row.pk in proven) or (opinions[row.pk].conditional and is_renewal(row))
    }


def write(
    applications: Sequence[ExamApplication],
    stage: Stage,
    opinions: Mapping[int, Opinion],
    *,
    actor,
    now,
    late: Container[int] = (),
    conditional: Container[int] = (),
) -> list[Review]:
    """The opinions as reviews of ``stage``, in one statement; ``late`` and ``conditional`` are applications' ids."""
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
            on_behalf_of=actor.acting_for,
            organisation_id=actor.organisation_id,
            at=now,
        )
        for application in applications
        for opinion in [opinions[application.pk]]
    ]
    return bulk_create_with_history(reviews, Review, default_user=actor, default_date=now) if reviews else []


def judged(application: ExamApplication, check: Check) -> Result:
    """The result of asking ``check`` of an application that nothing moves yet."""
    try:
        check(application)
    except Refusal as refusal:
        return Result(application, refusal, application.state)
    return Result(application, None, application.state)
