"""What may be taken over and what was (提级审核): asked by lists, cases and the reviews. The act is ``taking_over``."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from approvals.models import TakeOver
from certification import clock
from certification.deadlines.models import Deadline
from certification.refusals import Refusal, WrongState
from certification.workdays.wording import plain_day
from exams.applications import obligations
from exams.models import NO_DATE, ExamApplication
from exams.states import WITH_CITY

CLAUSE = "规则 2.5"
CITY_READS = "该事项已由省厅考试中心提级审核，设区市只能查看，理由见事项页面。"


def missed(applications: Sequence[ExamApplication], now: datetime) -> dict[int, Deadline]:
    """The city's own deadline that each application is overdue by: application id → deadline. One query.

    The last one counts: what the city missed stays missed in the pool, and a new session gives it a new day.
    """
    rows = Deadline.objects.of(None, list(applications)).filter(rule__code__in=obligations.BY_CITY)
    last = {row.subject_id: row for row in rows.for_display().order_by("pk")}
    return {pk: row for pk, row in last.items() if _is_missed(row, now)}


def may_be_taken(user, now: datetime) -> QuerySet[ExamApplication]:
    """What cities have not reviewed by their day, of what ``user`` sees; ``missed_on`` is that day."""
    of_row = Deadline.objects.filter(
        subject_type=ContentType.objects.get_for_model(ExamApplication),
        subject_id=OuterRef("pk"),
        rule__code__in=obligations.BY_CITY,
    ).order_by("-pk")
    # Behind its day, or in the pool without one; whoever is in time needs no second look.
    behind = Q(due_on__lt=clock.day_of(now)) | Q(due_on=NO_DATE)
    rows = ExamApplication.objects.visible_to(user).filter(behind, state__in=WITH_CITY)
    rows = rows.annotate(
        last_deadline=Subquery(of_row.values("pk")[:1]), missed_on=Subquery(of_row.values("due_on")[:1])
    )
    return rows.filter(last_deadline__in=Deadline.objects.filter(_missed_at(now)).values("pk"))


def kept_from_city(applications: Iterable[ExamApplication]) -> dict[int, Refusal]:
    """What was taken over never goes back to the city: application id → refusal. One query."""
    taken = TakeOver.objects.filter(application__in=[row.pk for row in applications]).select_related("application")
    return {
        row.application_id: WrongState(
            f"“{row.application}”已于{plain_day(clock.day_of(row.at))}提级审核，不再退回设区市。",
            code="taken_over",
            clause=CLAUSE,
            advice="请直接作出通过、退回补正或者不通过的意见。",
        )
        for row in taken
    }


def of(application: ExamApplication) -> TakeOver | None:
    """The take-over of the application, with what its page shows of it."""
    rows = TakeOver.objects.select_related(
        "deadline__rule", "taken_by__person", "taken_by__organisation", "on_behalf_of__person", "organisation"
    )
    return rows.filter(application=application).first()


def _is_missed(row: Deadline, now: datetime) -> bool:
    if row.met_at is not None or row.provisional or row.paused_on is not None:
        return False
    return row.is_late_at(row.closed_at or now)


def _missed_at(now: datetime) -> Q:
    """The same as ``_is_missed`` for the database."""
    open_still = Q(closed_at__isnull=True, due_on__lt=clock.day_of(now))
    return Q(met_at__isnull=True, provisional=False, paused_on__isnull=True) & (
        open_still | Q(closed_at__date__gt=F("due_on"))
    )
