"""Preparing opinions and handing them over (拟定意见、移交).

A reviewer prepares opinions one by one or in bulk, with every check that an opinion has to pass; nothing moves and
nobody is told. By handing over they take effect, after the same checks once more: clocks switch, the receivers get
theirs with one Handover (移交单) each, and until then whoever works at the same tier may take an opinion back.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from approvals.cases import take
from approvals.models import Handover, Outcome, PreparedOpinion, Stage
from approvals.reviews import prepared, recording, reviewing
from approvals.reviews.opinions import Opinion
from approvals.reviews.reviewing import Check, judged
from approvals.reviews.stages import FIRST_STAGES, PREPARED, RECORD, Step
from certification.notices.sending import notify
from certification.notices.subjects import Cases
from certification.organisations import access
from certification.organisations.models import Organisation, OrganisationKind
from certification.records.models.numbers import next_numbers
from certification.refusals import Refusal, WrongState
from certification.workflow import Result, activity, lock, log
from exams.models import ExamApplication

SERIES, PREFIX = "handover", "YJ"
RECEIPT_SERIES, RECEIPT_PREFIX = "handover_receipt", "JS"
TAKEN_BACK, REPLACED = "撤回", "重新拟定"


@dataclass(frozen=True)
class Handed:
    """What came of handing over: a result per application, and the hand-overs that were made."""

    results: list[Result]
    handovers: list[Handover]


@dataclass(frozen=True)
class Basket:
    """What one reviewer has prepared and not handed over: label and number of each outcome, and the latest opinion."""

    counts: list[tuple[str, int]]
    latest: PreparedOpinion

    @property
    def summary(self) -> str:
        """How many of each, in words: 37 通过 · 2 退回补正."""
        return summary_of(self.counts)


@activity
def prepare(
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
    """Prepare one opinion on each application; returns a result per application, in their order.

    Arguments, checks and refusals are those of ``reviewing.review``, and for what the province says of a city's report
    those of ``recording``. The reviewer's own prepared opinion is replaced;
    over somebody else's nobody prepares (code "prepared").
    """
    step, opinion = reviewing.asked(actor, stage, outcome, reason, items, conditional, hours_may_follow, PREPARED)
    applications = take(ExamApplication.objects.select_related("person", "job_type"), actor, application_ids)
    standing = prepared.standing_on(row.pk for row in applications)
    check = _preparable(step, opinion, applications, standing, actor=actor, now=now)
    results = [judged(application, check) for application in applications]
    changed = [row.row for row in results if row.ok and not _says(standing.get(row.row.pk), step, opinion, actor)]
    _replace(changed, step, standing, actor=actor, now=now)
    _write(changed, step, opinion, actor=actor, now=now)
    said = f"{step.stage.label}拟{opinion.outcome.label}"
    log(changed, "prepare_opinion", actor=actor, now=now, reason=opinion.text, detail={"said": said})
    return results


@activity
def take_back(*, actor, now, application_ids: Iterable[int]) -> list[Result]:
    """Take prepared opinions back before they are handed over: one's own, or a colleague's of the same tier, who is
    told. A result per application."""
    applications = take(ExamApplication.objects.select_related("person", "job_type"), actor, application_ids)
    standing = prepared.standing_on(row.pk for row in applications)

    def check(application: ExamApplication) -> None:
        opinion = standing.get(application.pk)
        if opinion is None:
            raise _nothing_prepared(application)
        access.require(actor, PREPARED[Stage(opinion.stage)].action)
        access.require_own(actor, opinion.organisation_id)

    results = [judged(application, check) for application in applications]
    made = [result.row for result in results if result.ok]
    ended = [standing[row.pk] for row in made]
    prepared.end(ended, actor=actor, now=now, reason=TAKEN_BACK)
    log(made, "take_back_opinion", actor=actor, now=now)
    _tell_colleagues(ended, made, actor=actor, now=now)
    return results


@activity
def hand_over(*, actor, now, application_ids: Iterable[int] | None = None) -> Handed:
    """Let the actor's prepared opinions take effect, all of them or those on ``application_ids``.

    Every check is made again; what was refused stays prepared, except where the application has left the review: then
    the opinion can never take effect and ends. Raises WrongState (code "nothing_prepared") where there is nothing at
    all to hand over, and what ``review`` raises.
    """
    rows = ExamApplication.objects.select_related("person", "job_type")
    applications = _locked_all_of(rows, actor) if application_ids is None else take(rows, actor, application_ids)
    if not applications:
        raise WrongState("没有拟定而未移交的意见。", code="nothing_prepared", advice="可能已经移交，请查看移交单。")
    # Read after the applications are locked: whoever came first has handed over, and nothing is left to do twice.
    standing = prepared.standing_on(row.pk for row in applications)
    mine = {pk: opinion for pk, opinion in standing.items() if opinion.is_of(actor)}
    results = {row.pk: Result(row, _nothing_prepared(row, standing.get(row.pk)), row.state) for row in applications}
    for stage, rows in _by_stage(applications, mine).items():
        step = PREPARED[stage]
        access.require(actor, step.action)
        opinions = {row.pk: opinion_of(mine[row.pk]) for row in rows}
        given = _way(step).give(step, opinions, rows, actor=actor, now=now)
        results.update((result.row.pk, result) for result in given)
        _end_stale(step, given, mine, actor=actor, now=now)
    handed = [results[row.pk] for row in applications]
    return Handed(handed, _hand_over([one for one in handed if one.ok], mine, actor=actor, now=now))


def mine_to_hand_over(user):
    """The opinions that ``user`` has prepared and not handed over, as their hand-over shows them."""
    return (
        PreparedOpinion.objects.standing()
        .filter(reviewer=user, on_behalf_of=user.acting_for)
        .order_by("stage", "at", "pk")
    )


def basket_of(user) -> Basket | None:
    """What ``user`` has prepared and not handed over, in numbers, and the latest of it; None for nothing. One query
    for the numbers, one for the latest."""
    mine = mine_to_hand_over(user).order_by()
    counted = dict(mine.values_list("outcome").annotate(number=Count("pk")))
    if not counted:
        return None
    latest = mine.select_related("application__person").order_by("-at", "-pk").first()
    return Basket([(outcome.label, counted[outcome]) for outcome in Outcome if outcome in counted], latest)


def counts_of(opinions: Iterable[PreparedOpinion]) -> dict[str, int]:
    """How many of each outcome, in the order of Outcome: outcome → number."""
    counted = Counter(opinion.outcome for opinion in opinions)
    return {outcome.value: counted[outcome] for outcome in Outcome if counted[outcome]}


def summary_of(counts: Iterable[tuple[str, int]]) -> str:
    """Labels and numbers in words: 37 通过 · 2 退回补正 · 1 不通过."""
    return " · ".join(f"{number} {label}" for label, number in counts)


def opinion_of(row: PreparedOpinion) -> Opinion:
    """What was prepared, as the activities take it."""
    return Opinion.of(row.outcome, row.reason, row.items, row.conditional, row.hours_may_follow)


def _preparable(step: Step, opinion: Opinion, applications, standing, *, actor, now) -> Check:
    opinions = {row.pk: opinion for row in applications}
    check = _way(step).preparable(step, opinions, applications, actor=actor, now=now)

    def preparable(application: ExamApplication) -> None:
        there = standing.get(application.pk)
        refusal = prepared.in_the_way(application, step, there)
        if refusal and not there.is_of(actor):
            raise refusal
        check(application)

    return preparable


def _way(step: Step):
    """The module by which opinions of the step take effect."""
    return recording if step is RECORD else reviewing


def _says(standing: PreparedOpinion | None, step: Step, opinion: Opinion, actor) -> bool:
    """Whether exactly this stands prepared already, by the same reviewer: a second click changes nothing."""
    if standing is None or standing.stage != step.stage or not standing.is_of(actor):
        return False
    return opinion_of(standing) == opinion


def _replace(applications, step: Step, standing: Mapping[int, PreparedOpinion], *, actor, now) -> None:
    before = [standing[row.pk] for row in applications if row.pk in standing]
    prepared.end([one for one in before if one.stage == step.stage], actor=actor, now=now, reason=REPLACED)
    left = [one for one in before if one.stage != step.stage]
    prepared.end(left, actor=actor, now=now, reason=prepared.MOVED_ON)


def _write(applications, step: Step, opinion: Opinion, *, actor, now) -> None:
    rows = [
        PreparedOpinion(
            application=application,
            stage=step.stage,
            outcome=opinion.outcome,
            reason=opinion.reason,
            items=[item.as_json() for item in opinion.items],
            conditional=opinion.conditional,
            hours_may_follow=opinion.hours_may_follow,
            reviewer=actor,
            on_behalf_of=actor.acting_for,
            organisation_id=actor.organisation_id,
            at=now,
        )
        for application in applications
    ]
    PreparedOpinion.objects.bulk_create(rows)


def _nothing_prepared(application: ExamApplication, standing: PreparedOpinion | None = None) -> Refusal:
    if standing is not None:
        return WrongState(
            f"“{application}”的意见由{standing.reviewer_name}拟定。",
            code="not_mine",
            advice="由拟定人移交，或者先撤回。",
        )
    return WrongState(
        f"“{application}”没有拟定而未移交的意见。",
        code="nothing_prepared",
        advice="可能已经移交或者撤回，请刷新后查看。",
    )


def _locked_all_of(rows, actor) -> list[ExamApplication]:
    mine = mine_to_hand_over(actor).order_by().values("application")
    return lock(rows.visible_to(actor).filter(pk__in=mine))


def _by_stage(applications, mine: Mapping[int, PreparedOpinion]) -> dict[Stage, list[ExamApplication]]:
    groups: dict[Stage, list[ExamApplication]] = defaultdict(list)
    for application in applications:
        if application.pk in mine:
            groups[Stage(mine[application.pk].stage)].append(application)
    return groups


def _end_stale(step: Step, given: Iterable[Result], mine: Mapping[int, PreparedOpinion], *, actor, now) -> None:
    stale = [mine[one.row.pk] for one in given if not one.ok and one.row.state != step.state]
    prepared.end(stale, actor=actor, now=now, reason=prepared.MOVED_ON)


def _hand_over(made: Sequence[Result], mine: Mapping[int, PreparedOpinion], *, actor, now) -> list[Handover]:
    """One hand-over for each review and receiver, numbered without gaps; each opinion keeps what it went with."""
    if not made:
        return []
    receivers = _receivers(mine, made)
    groups: dict[tuple[str, int], list[Result]] = defaultdict(list)
    for result in made:
        groups[mine[result.row.pk].stage, receivers[result.row.pk].pk].append(result)
    handovers = [
        Handover(
            stage=stage,
            sender=actor.organisation,
            receiver=receivers[results[0].row.pk],
            counts=counts_of(mine[result.row.pk] for result in results),
            handed_by=actor,
            at=now,
        )
        for (stage, _receiver_id), results in groups.items()
    ]
    _number(handovers, now)
    Handover.objects.bulk_create(handovers)
    for handover, results in zip(handovers, groups.values(), strict=True):
        for result in results:
            result.detail["handover"] = handover
            opinion = mine[result.row.pk]
            opinion.review, opinion.handover = result.detail["review"], handover
    rows = [mine[result.row.pk] for result in made]
    PreparedOpinion.objects.bulk_update(rows, ["review", "handover"])
    return handovers


def _receivers(mine: Mapping[int, PreparedOpinion], made: Iterable[Result]) -> dict[int, Organisation]:
    """Who gets it, by application: what goes back for correction, the institution; what the city says, or the province
    in its place, the province; what the province says of it, the city; what the province reviews directly, the
    institution (rules 3.1)."""
    wanted = {result.row.pk: _receiver_id(mine[result.row.pk], result.row) for result in made}
    is_centre = Q(kind=OrganisationKind.PROVINCIAL_CENTRE)
    found = list(Organisation.objects.filter(Q(pk__in=set(wanted.values()) - {None}) | is_centre))
    by_id = {one.pk: one for one in found}
    centre = next(one for one in found if one.kind == OrganisationKind.PROVINCIAL_CENTRE)
    return {pk: by_id[receiver_id] if receiver_id else centre for pk, receiver_id in wanted.items()}


def _receiver_id(opinion: PreparedOpinion, application: ExamApplication) -> int | None:
    """None for the province."""
    if opinion.outcome == Outcome.RETURN or opinion.stage == Stage.DIRECT:
        return application.institution_id
    return None if opinion.stage in FIRST_STAGES else application.organiser_id


def _number(handovers: Sequence[Handover], now) -> None:
    for handover, number in zip(handovers, next_numbers(SERIES, now.year, len(handovers)), strict=True):
        handover.number = f"{PREFIX}-{now.year}-{number:05d}"
    offices = [one for one in handovers if one.receiver.kind != OrganisationKind.TRAINING_INSTITUTION]
    if not offices:
        return
    for handover, number in zip(offices, next_numbers(RECEIPT_SERIES, now.year, len(offices)), strict=True):
        handover.receipt_number = f"{RECEIPT_PREFIX}-{now.year}-{number:05d}"


def _tell_colleagues(ended: Sequence[PreparedOpinion], applications, *, actor, now) -> None:
    people = {row.pk: row.person.name for row in applications}
    by_reviewer: dict[object, list[PreparedOpinion]] = defaultdict(list)
    for opinion in ended:
        if opinion.reviewer_id != actor.pk:
            by_reviewer[opinion.reviewer].append(opinion)
    for reviewer, opinions in by_reviewer.items():
        names = "、".join(people[one.application_id] for one in opinions[:5])
        notify(
            [reviewer],
            title=f"您拟定的意见被撤回：{len(opinions)}人",
            body=f"{actor}撤回了您对{names}{'等' if len(opinions) > 5 else ''}拟定的意见，尚未移交。",
            about=Cases(ExamApplication, [one.application_id for one in opinions]),
            now=now,
        )
