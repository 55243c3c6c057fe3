"""What stands prepared (拟定意见) on applications: asked by whoever wants to say something about them."""

from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from approvals.models import PreparedOpinion
from approvals.reviews.stages import PREPARED, Step
from certification import clock
from certification.refusals import Refusal, WrongState
from certification.workdays.wording import plain_day
from exams.models import ExamApplication

MOVED_ON = "事项已转入其他环节"


def standing_on(application_ids: Iterable[int]) -> dict[int, PreparedOpinion]:
    """The opinion that stands prepared on each application: application id → opinion. One query."""
    rows = PreparedOpinion.objects.standing().filter(application__in=list(application_ids))
    return {
        row.application_id: row
        for row in rows.select_related("reviewer__person", "on_behalf_of__person", "organisation")
    }


def in_the_way(application: ExamApplication, step: Step, standing: PreparedOpinion | None) -> Refusal | None:
    """Why nothing else may be said in ``step`` while ``standing`` stands. What was prepared for a review that the
    application has left stands in nobody's way."""
    if standing is None or standing.stage != step.stage:
        return None
    return WrongState(
        f"“{application}”已由{standing.reviewer_name}于{plain_day(clock.day_of(standing.at))}拟定"
        f"“{standing.get_outcome_display()}”，尚未移交。",
        code="prepared",
        advice="如需改变意见，请先撤回拟定的意见。",
    )


def end(opinions: Sequence[PreparedOpinion], *, actor, now, reason: str) -> None:
    """Let these opinions stand no longer: taken back, replaced or overtaken. One statement."""
    if opinions:
        rows = PreparedOpinion.objects.filter(pk__in=[opinion.pk for opinion in opinions])
        rows.update(ended_by=actor, ended_at=now, end_reason=reason)


def not_prepared(rows: QuerySet[ExamApplication]) -> QuerySet[ExamApplication]:
    """Those of ``rows`` on which nothing stands prepared for the review that they wait for: what is to be read."""
    return rows.exclude(of_row())


def shown(rows: QuerySet[ExamApplication]) -> QuerySet[ExamApplication]:
    """``rows`` with ``standing_outcome``, what stands prepared on each (None for nothing): no query more."""
    return rows.annotate(standing_outcome=Subquery(_standing().values("outcome")[:1]))


def of_row() -> Exists:
    """Whether something stands prepared on a row of applications for the review that it waits for."""
    return Exists(_standing())


def _standing() -> QuerySet[PreparedOpinion]:
    here = Q()
    for step in PREPARED.values():
        here |= Q(stage=step.stage, application__state=step.state)
    return PreparedOpinion.objects.standing().filter(here, application=OuterRef("pk"))
