"""The review lists: what waits for whom, the nearest due date first, and what cities reported.

One definition of a list's rows (``waiting``, ``reported``) serves page, counts, search, export and the next case; a
filter narrows it, ``for_list`` reads what a line shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery, Value
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThanOrEqual, TupleLessThan
from django.db.models.functions import Coalesce, JSONObject

from approvals.models import Assignment, Outcome, PreparedOpinion
from approvals.reviews.prepared import not_prepared
from approvals.reviews.stages import RECORD, STEPS, Step
from certification.catalogue.models import Category
from certification.deadlines.models import Deadline
from certification.organisations.access import may
from certification.organisations.models import OrganisationKind
from exams.applications import due_days
from exams.models import NO_DATE, Candidate, ExamApplication
from exams.states import EXAMINED, IN_SESSION, ApplicationState

ORDER = ("due_on", "pk")
# What cities reported has no day of its own in the plan: in the order in which it was applied for.
_REPORTED_ORDER = ("pk",)
# What the time-left badge reads of a deadline.
_DEADLINE = ("id", "rule_id", "anchor_on", "due_on", "provisional", "extension_days", "paused_on", "calendar_signature")
_DAYS = ("anchor_on", "due_on", "paused_on")
# What a line of a list reads; everything else of a case stays where it is.
LINE = (
    "number",
    "state",
    "kind",
    "due_on",
    "conditional",
    "resubmitted_at",
    "person__name",
    "person__document_number",
    "job_type__name",
    "institution__short_name",
    "organiser__short_name",
)


@dataclass(frozen=True)
class Line:
    """One row of a list: the application, the deadline that orders it, the day of its exam, who has it in hand, and
    which opinion stands prepared on it ("" for nobody and none)."""

    application: ExamApplication
    deadline: Deadline | None
    exam_on: date | None
    assignee: str
    prepared: str


def steps_of(user) -> list[Step]:
    """The reviews that ``user`` does; for those who only look on, all that they may see anything of, those of their own
    tier first."""
    own = [step for step in STEPS.values() if may(user, step.action)]
    provincial = user.organisation is not None and user.organisation.kind == OrganisationKind.PROVINCIAL_CENTRE
    return own or sorted(STEPS.values(), key=lambda step: step.own and provincial)


def order_of(step: Step) -> tuple[str, ...]:
    """By what the list of ``step`` is ordered."""
    return _REPORTED_ORDER if step is RECORD else ORDER


def waiting(user, step: Step) -> QuerySet[ExamApplication]:
    """Applications that wait for ``step``; reviewers see what is theirs to do, others what they may."""
    if step is RECORD:
        return reported(user)
    rows = ExamApplication.objects.visible_to(user).filter(state=step.state)
    if step.own and may(user, step.action):
        rows = rows.filter(organiser=user.organisation_id)
    return rows


def reported(user) -> QuerySet[ExamApplication]:
    """What cities passed and reported, and the province has not put its own review on record for yet."""
    return ExamApplication.objects.visible_to(user).filter(
        state=ApplicationState.CLEARED, category=Category.TWO, awaits_record=True
    )


def for_list(rows: QuerySet[ExamApplication]) -> QuerySet[ExamApplication]:
    """``rows`` with everything that a line of the list shows, and nothing else of the case."""
    return (
        rows.select_related("person", "job_type", "institution", "organiser")
        .only(*LINE)
        .prefetch_related(
            Prefetch(
                "candidates",
                Candidate.objects.filter(state__in=IN_SESSION)
                .select_related("session")
                .only("application", "session__number", "session__starts_on"),
                to_attr="places",
            )
        )
    )


def for_lines(rows: QuerySet[ExamApplication], step: Step) -> QuerySet[ExamApplication]:
    """``rows`` with all that ``line_of`` reads, in one query: what hangs on an application comes as subqueries, which
    the database asks for the rows of the page alone."""
    # What cities reported waits on when the exam is over.
    states = (*IN_SESSION, *EXAMINED) if step is RECORD else IN_SESSION
    place = Candidate.objects.filter(application=OuterRef("pk"), state__in=states).order_by("-pk")
    in_hand = Assignment.objects.open().filter(application=OuterRef("pk"))
    prepared = PreparedOpinion.objects.standing().filter(application=OuterRef("pk"))
    rows = rows.select_related("person", "job_type", "institution", "organiser").only(*LINE)
    rows = rows.annotate(
        exam_on=Subquery(place.values("session__starts_on")[:1]),
        assignee=Coalesce(Subquery(in_hand.values("assignee__person__name")[:1]), Value("")),
        said=Coalesce(Subquery(prepared.values("outcome")[:1]), Value("")),
    )
    if step is RECORD:
        return rows
    unmet = Deadline.objects.unmet().filter(
        subject_type=ContentType.objects.get_for_model(ExamApplication),
        subject_id=OuterRef("pk"),
        rule__code__in=due_days.RULES[step.state],
    )
    facts = JSONObject(**{name: name for name in _DEADLINE})
    return rows.annotate(deadline_facts=Subquery(unmet.order_by("due_on", "pk").values(facts=facts)[:1]))


def line_of(application: ExamApplication) -> Line:
    """The line of a row of ``for_lines``."""
    facts = getattr(application, "deadline_facts", None)
    deadline = Deadline(**{name: _read(name, facts[name]) for name in _DEADLINE}) if facts else None
    outcome = Outcome(application.said).label if application.said else ""
    return Line(application, deadline, application.exam_on, application.assignee, outcome)


def _read(name: str, value):
    return date.fromisoformat(value) if value and name in _DAYS else value


def deadlines_of(step: Step, rows: Sequence[ExamApplication]) -> dict[int, Deadline]:
    """The deadline that each of ``rows`` is ordered by: application id → deadline, in one query."""
    codes = due_days.RULES.get(step.state, ())
    found = Deadline.objects.unmet().of(None, list(rows)).filter(rule__code__in=codes)
    return {row.subject_id: row for row in found.order_by("-due_on", "-pk")}


def first_deadline(step: Step, rows: QuerySet[ExamApplication]) -> Deadline | None:
    """The nearest deadline among ``rows``, which wait for ``step``; None where none of them has one."""
    first = rows.exclude(due_on=NO_DATE).order_by(*ORDER).first()
    return deadlines_of(step, [first]).get(first.pk) if first else None


def around(
    rows: QuerySet[ExamApplication], application: ExamApplication, before: int, behind: int, order: tuple[str, ...]
) -> tuple[list[ExamApplication], list[ExamApplication]]:
    """Up to so many rows of the list on both sides of ``application``; it stands first among those behind where it is
    in the list itself."""
    columns = Tuple(*(F(name) for name in order))
    here = tuple(getattr(application, name) for name in order)
    back = rows.filter(TupleLessThan(columns, here)).order_by(*(f"-{name}" for name in order))[:before]
    ahead = rows.filter(TupleGreaterThanOrEqual(columns, here)).order_by(*order)[: behind + 1]
    return list(back)[::-1], list(ahead)


def next_after(user, application: ExamApplication, step: Step, rows: QuerySet | None = None) -> ExamApplication | None:
    """The case that follows ``application`` (as it stood in the queue of ``step``), from the top again after the last,
    among those on which no opinion stands prepared.

    ``rows``: the filtered list that it was opened from (``views.panes``), by default the whole queue of ``step``.
    """
    rows = not_prepared(waiting(user, step) if rows is None else rows).exclude(pk=application.pk)
    _before, ahead = around(rows, application, 0, 0, order_of(step))
    return ahead[0] if ahead else rows.order_by(*order_of(step)).first()
