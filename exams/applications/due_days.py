"""The day by which an application is to be reviewed, kept beside the application (``ExamApplication.due_on``).

Deadlines are the truth (``Deadline``); the copy is there because a queue is read in the order of that day, for one
state and often one organiser, and only an index over all three gives a page deep in it at the price of the first.
``follow`` writes it, and nothing else does: the ledger calls it for whatever deadlines it wrote, ``reviewing`` and
``applying`` after a change of state.
"""

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Case, DateField, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from certification.deadlines import followers
from certification.deadlines.models import Deadline
from exams.applications import obligations
from exams.models import NO_DATE, ExamApplication
from exams.states import UNDER_REVIEW
from exams.states import ApplicationState as A

# Whose day counts in each state. What the province returned to the city in time is answered by the province's own day
# (rules 2.8), so that the city follows that one once its own is met.
RULES: dict[str, tuple[str, ...]] = {
    A.PRELIMINARY_REVIEW: (obligations.PRELIMINARY_REVIEW, obligations.FINAL_REVIEW),
    A.CITY_REVIEW: (obligations.CITY_REVIEW_REPORT,),
    # The city's own day ended with the take-over; for a later session the province takes the city's place.
    A.TAKEN_OVER: (obligations.CITY_REVIEW_REPORT, obligations.FINAL_REVIEW),
    A.FINAL_REVIEW: (obligations.FINAL_REVIEW,),
    A.DIRECT_REVIEW: (obligations.DIRECT_REVIEW,),
}


def register() -> None:
    """Follow the deadlines; called when the app is ready."""
    rules = frozenset(rule for codes in RULES.values() for rule in codes)
    followers.register(followers.Follower("exams.ExamApplication", rules, follow, follow_all, hold_all))


def follow(application_ids: Iterable[int]) -> None:
    """Count the day of these applications again. One statement; the caller holds them locked."""
    ExamApplication.objects.filter(pk__in=list(application_ids)).update(due_on=day())


def follow_all() -> int:
    """The same for whatever waits for a review; returns how many days differed."""
    return ExamApplication.objects.filter(state__in=UNDER_REVIEW).exclude(due_on=day()).update(due_on=day())


def hold_all() -> None:
    """Wait for whoever is changing an application and let nobody else begin until the transaction ends: taken before
    all deadlines are, in the order in which everybody locks them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(ExamApplication._meta.db_table)
            cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")


def day() -> Case:
    """The first day by which a deadline wants the review of the state, NO_DATE where none is open."""
    unmet = Deadline.objects.unmet().filter(
        subject_type=ContentType.objects.get_for_model(ExamApplication), subject_id=OuterRef("pk")
    )
    return Case(
        *(
            When(
                state=state,
                then=Coalesce(
                    Subquery(unmet.filter(rule__code__in=codes).order_by("due_on").values("due_on")[:1]),
                    Value(NO_DATE),
                    output_field=DateField(),
                ),
            )
            for state, codes in RULES.items()
        ),
        default=Value(NO_DATE),
        output_field=DateField(),
    )
