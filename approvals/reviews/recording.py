"""What the province says of what a city passed (rules 3.1, reading): its objection, until exam start, and its own
review per person on record, without which nobody reaches the decision (省厅统一审核).

Both are prepared, taken back and handed over like every other opinion (``preparing``); the activities here let one take
effect at once.
"""

from collections.abc import Iterable, Mapping, Sequence

from approvals.cases import take
from approvals.models import Outcome, Stage
from approvals.reviews import feedback, prepared
from approvals.reviews.opinions import Opinion
from approvals.reviews.reviewing import Check, judged, provincial_opinions, write
from approvals.reviews.stages import RECORD, Step, needs_provincial_record
from approvals.takeovers import taken_over
from certification.organisations import access, separation
from certification.people import bars
from certification.refusals import Refusal, WrongState, raise_if
from certification.workflow import Result, activity, log
from exams.applications.reviewing import move, on_record
from exams.models import Candidate, ExamApplication
from exams.states import IN_SESSION, ApplicationState


@activity
def object_to(*, actor, now, application_ids: Iterable[int], reason: str) -> list[Result]:
    """The province objects to what the city passed, until exam start: it goes back to the city's review.

    A result per application. Raises NotPermitted, Incomplete without a reason, DoesNotExist.
    """
    return _at_once(Opinion.of(Outcome.OBJECT, reason), application_ids, actor=actor, now=now)


@activity
def record_provincial_review(
    *, actor, now, application_ids: Iterable[int], outcome: str = Outcome.PASS, reason: str = ""
) -> list[Result]:
    """Put the province's own review of what the city passed on record, person by person (省厅统一审核).

    ``outcome`` is PASS, or REFUSE with a reason, which the decision maker then weighs; it moves nobody out of an exam.
    A result per application. Raises as ``object_to`` does, and WrongState for another outcome.
    """
    opinion = Opinion.of(outcome, reason)
    if opinion.outcome not in (Outcome.PASS, Outcome.REFUSE):
        raise WrongState("省级审核记录只有通过和不通过两种意见。")
    return _at_once(opinion, application_ids, actor=actor, now=now)


def give(
    step: Step,
    opinions: Mapping[int, Opinion],
    applications: Sequence[ExamApplication],
    *,
    actor,
    now,
    also: Check | None = None,
) -> list[Result]:
    """As ``reviewing.give``, for the step RECORD."""
    check = preparable(step, opinions, applications, actor=actor, now=now)

    def all_checks(application: ExamApplication) -> None:
        if also:
            also(application)
        check(application)

    objected = [row for row in applications if opinions[row.pk].outcome == Outcome.OBJECT]
    recorded = [row for row in applications if opinions[row.pk].outcome != Outcome.OBJECT]
    moved = _object(objected, opinions, all_checks, actor=actor, now=now) if objected else []
    results = {result.row.pk: result for result in moved}
    results |= {row.pk: judged(row, all_checks) for row in recorded}
    made = [row for row in recorded if results[row.pk].ok]
    on_record(made)
    log(made, "record_provincial_review", actor=actor, now=now, reason=lambda row: opinions[row.pk].reason)
    reviews = write(made, Stage.PROVINCIAL_RECORD, opinions, actor=actor, now=now)
    made = [row for row in objected if results[row.pk].ok]
    reviews += write(made, Stage.OBJECTION, opinions, actor=actor, now=now)
    for review in reviews:
        results[review.application_id].detail["review"] = review
    return [results[row.pk] for row in applications]


def preparable(step: Step, opinions: Mapping[int, Opinion], applications, *, actor, now) -> Check:
    """Everything that may stand in the way of the opinions; as ``reviewing.preparable``."""
    applications = list(applications)
    breaches = separation.breaches(actor, step.capacity, applications)
    objected = [row for row in applications if opinions[row.pk].outcome == Outcome.OBJECT]
    kept = taken_over.kept_from_city(objected)
    begun = started(objected, now)
    passed = [row for row in applications if opinions[row.pk].outcome == Outcome.PASS]
    barred = bars.in_force((row.person_id for row in passed), now.date())
    recorded = _standing_records(applications)

    def check(application: ExamApplication) -> None:
        outcome = opinions[application.pk].outcome
        _require_city_passed(application)
        raise_if(kept.get(application.pk))
        if application.pk in begun:
            raise _exam_started()
        if recorded.get(application.pk) == outcome:
            raise WrongState("省级审核记录已经作出。", advice="该事项可能已由他人处理，请刷新后查看。")
        if outcome == Outcome.PASS and (bar := barred.get(application.person_id)):
            raise bars.refusal(bar, application.person, "不能记录为通过", advice="请作出不通过的意见。")
        raise_if(breaches.get(application.pk))

    return check


def _at_once(opinion: Opinion, application_ids: Iterable[int], *, actor, now) -> list[Result]:
    access.require(actor, RECORD.action)
    applications = take(ExamApplication.objects.select_related("person", "job_type"), actor, application_ids)
    standing = prepared.standing_on(row.pk for row in applications)

    def check(application: ExamApplication) -> None:
        raise_if(prepared.in_the_way(application, RECORD, standing.get(application.pk)))

    return give(RECORD, {row.pk: opinion for row in applications}, applications, actor=actor, now=now, also=check)


def _object(rows, opinions: Mapping[int, Opinion], check: Check, *, actor, now) -> list[Result]:
    results = move("object", rows, actor=actor, now=now, reason=lambda row: opinions[row.pk].reason, check=check)
    feedback.tell_objection(opinions, [result.row for result in results if result.ok], now=now)
    return results


def _standing_records(applications: Sequence[ExamApplication]) -> dict[int, str]:
    """The outcome of the provincial record that still stands: the province's last word, if it is a record."""
    opinions = provincial_opinions(row.pk for row in applications)
    return {pk: review.outcome for pk, review in opinions.items() if review.stage == Stage.PROVINCIAL_RECORD}


def started(applications: Sequence[ExamApplication], now) -> set[int]:
    """Of which the exam has begun or been taken, so that nobody objects any more: 开考 is the day of the earliest
    part. Ids; one query."""
    rows = Candidate.objects.filter(application__in=[row.pk for row in applications]).exclude(
        state__in=("MOVED", "WITHDRAWN")
    )
    begun = rows.filter(session__starts_on__lte=now.date()) | rows.exclude(state__in=IN_SESSION)
    return set(begun.values_list("application_id", flat=True))


def _exam_started() -> Refusal:
    return Refusal(
        "考试已经开始，不能再提出异议。",
        code="exam_started",
        clause="规则 3.1",
        advice="请在省级审核记录中写明不通过的意见，供作出许可决定时使用。",
    )


def _require_city_passed(application: ExamApplication) -> None:
    if not needs_provincial_record(application):
        raise WrongState("只有第二类复审、换证由市级审核后报省厅，需要省级审核记录。", clause="规则 3.1")
    if application.state != ApplicationState.CLEARED:
        state = ApplicationState(application.state).label
        raise WrongState(f"“{application}”当前状态为“{state}”，市级审核尚未通过。")
