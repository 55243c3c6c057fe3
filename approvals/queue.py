"""The review queue by route and role: what waits for whom, the nearest due date first."""

from collections.abc import Sequence
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, DateField, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.db.models.functions import Coalesce

from approvals.models import Review, Stage
from approvals.stages import PROVINCIAL_STAGES, STEPS, Step
from certification.catalogue.models import ApplicationKind, Category
from certification.deadlines.models import Deadline
from certification.organisations.access import may
from exams import obligations
from exams.models import Candidate, ExamApplication
from exams.states import IN_SESSION, ApplicationState

# What has no due date (no exam session yet) comes last.
NO_DATE = date(9999, 12, 31)
ORDER = ("due", "pk")
# Whose day counts for each review. What the province returned to the city in time is answered by the province's own
# day (rules 2.8), so that the city's queue follows that one once its own is met.
RULES = {
    Stage.PRELIMINARY: (obligations.PRELIMINARY_REVIEW, obligations.FINAL_REVIEW),
    Stage.CITY_REVIEW: (obligations.CITY_REVIEW_REPORT,),
    Stage.FINAL: (obligations.FINAL_REVIEW,),
    Stage.DIRECT: (obligations.DIRECT_REVIEW,),
}


def steps_of(user) -> list[Step]:
    """The reviews that ``user`` does; for those who only look on, all that they may see anything of."""
    own = [step for step in STEPS.values() if may(user, step.action)]
    return own or list(STEPS.values())


def waiting(user, step: Step) -> QuerySet[ExamApplication]:
    """Applications that wait for ``step``, with ``due``; reviewers see what is theirs to do, others what they may."""
    rows = ExamApplication.objects.visible_to(user).filter(state=step.state)
    if step.own and may(user, step.action):
        rows = rows.filter(organiser=user.organisation_id)
    return with_due(rows, RULES[step.stage])


def with_due(rows: QuerySet[ExamApplication], rule_codes: tuple[str, ...]) -> QuerySet[ExamApplication]:
    """``rows`` with ``due``: the first day by which one of the rules wants them, NO_DATE where none is open."""
    deadlines = Deadline.objects.unmet().filter(
        rule__code__in=rule_codes,
        subject_type=ContentType.objects.get_for_model(ExamApplication),
        subject_id=OuterRef("pk"),
    )
    due = Coalesce(
        Subquery(deadlines.order_by("due_on").values("due_on")[:1]), Value(NO_DATE), output_field=DateField()
    )
    return rows.annotate(due=due)


def deadlines_of(step: Step, rows: Sequence[ExamApplication]) -> dict[int, Deadline]:
    """The deadline that ``with_due`` orders each of ``rows`` by: application id → deadline, in one query."""
    found = Deadline.objects.unmet().for_display().of(None, list(rows)).filter(rule__code__in=RULES[step.stage])
    return {row.subject_id: row for row in found.order_by("-due_on", "-pk")}


def for_list(rows: QuerySet[ExamApplication]) -> QuerySet[ExamApplication]:
    """``rows`` with everything that a line of the list shows."""
    return rows.select_related("person", "job_type__group", "institution", "organiser").prefetch_related(
        Prefetch(
            "candidates",
            Candidate.objects.filter(state__in=IN_SESSION).select_related("session"),
            to_attr="places",
        )
    )


def next_after(user, application: ExamApplication, step: Step) -> ExamApplication | None:
    """The case that follows ``application`` in the queue of ``step``, from the top again after the last."""
    due = with_due(ExamApplication.objects.filter(pk=application.pk), RULES[step.stage]).get().due
    rows = waiting(user, step).exclude(pk=application.pk).order_by(*ORDER)
    beyond = rows.filter(TupleGreaterThan(Tuple(F("due"), F("pk")), (due, application.pk)))
    return beyond.first() or rows.first()


def counts(user, steps: list[Step]) -> dict[str, int]:
    """How many wait for each step: stage → number, in one query."""
    rows = ExamApplication.objects.visible_to(user)
    own = Q(organiser=user.organisation_id)
    return rows.filter(state__in=[step.state for step in steps]).aggregate(
        **{
            step.stage.value: Count(
                "pk", filter=Q(state=step.state) & (own if step.own and may(user, step.action) else Q())
            )
            for step in steps
        }
    )


def reported(user) -> QuerySet[ExamApplication]:
    """What cities passed and reported, and the province has not put its own review on record for yet."""
    last = Review.objects.filter(application=OuterRef("pk"), stage__in=PROVINCIAL_STAGES).order_by("-at", "-pk")
    return (
        ExamApplication.objects.visible_to(user)
        .filter(state=ApplicationState.CLEARED, category=Category.TWO)
        .exclude(kind=ApplicationKind.INITIAL)
        .annotate(last_word=Subquery(last.values("stage")[:1]))
        .filter(Q(last_word__isnull=True) | Q(last_word=Stage.OBJECTION))
    )
