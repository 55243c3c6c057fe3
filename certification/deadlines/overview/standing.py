"""Where a deadline stands, as conditions for the database: overdue, met late, met, still open (rules 2.11).

Derived from stored facts at the moment of asking, so that a missed run of the sweep changes no number. The standings
exclude each other, and every deadline that counts has exactly one. Provisional and paused dates are never late.
"""

from datetime import datetime

from django.db.models import Case, Count, F, Q, Value, When
from django.db.models.enums import TextChoices
from django.db.models.fields import BooleanField, DateField, DateTimeField
from django.db.models.functions import Coalesce, TruncDate

from certification import clock
from certification.catalogue.models import Category
from certification.clock import SHANGHAI
from certification.deadlines.due import AREA
from certification.deadlines.ledger import MOVED
from certification.deadlines.models import Deadline
from certification.organisations.models import OrganisationKind
from certification.organisations.routing import organised_as
from certification.rulebook.models import Rule


class Standing(TextChoices):
    OVERDUE = "overdue", "逾期未办"
    MET_LATE = "met_late", "逾期办结"
    CLOSED_LATE = "closed_late", "逾期终止"
    MET = "met", "按时办结"
    OPEN = "open", "未到期"


LATE = (Standing.OVERDUE, Standing.MET_LATE, Standing.CLOSED_LATE)
# Whose delay it is follows from the kind of the responsible organisation.
TIERS = (OrganisationKind.TRAINING_INSTITUTION, OrganisationKind.CITY_BUREAU, OrganisationKind.PROVINCIAL_CENTRE)

_MET = Q(met_at__isnull=False)
_UNMET = Q(met_at__isnull=True, closed_at__isnull=True)
# Closed after its last day without having been met; what was closed before that was never due.
_CLOSED_LATE = Q(
    met_at__isnull=True,
    closed_at__isnull=False,
    closed_at__date__gt=F("due_on"),
    provisional=False,
    paused_on__isnull=True,
)


def counted(rows):
    """The deadlines that count: without those closed before they were due, and without those that gave way to
    another event day, which their successors stand for."""
    return rows.exclude(closed_reason=MOVED, closed_at__isnull=False).filter(_MET | _UNMET | _CLOSED_LATE)


def condition(standing: str, now: datetime) -> Q:
    """Of the deadlines that count, those that stand so at ``now``."""
    late = Q(provisional=False, paused_on__isnull=True, due_on__lt=clock.day_of(now))
    return {
        Standing.OVERDUE: _UNMET & late,
        Standing.OPEN: _UNMET & ~late,
        Standing.MET: _MET & Q(met_late=False),
        Standing.MET_LATE: _MET & Q(met_late=True),
        Standing.CLOSED_LATE: _CLOSED_LATE,
    }[Standing(standing)]


def is_late(now: datetime) -> Q:
    """Of the deadlines that count, the late ones."""
    found = Q()
    for standing in LATE:
        found |= condition(standing, now)
    return found


def counts(now: datetime) -> dict[str, Count]:
    """One aggregate for each standing, by its name in capitals, which no column of the table has."""
    return {standing.name: Count("pk", filter=condition(standing, now)) for standing in Standing}


def standing_of(deadline: Deadline, now: datetime) -> Standing:
    """The standing of one row that counts: the same as ``condition`` says."""
    if deadline.met_at is not None:
        return Standing.MET_LATE if deadline.met_late else Standing.MET
    if deadline.closed_at is not None:
        return Standing.CLOSED_LATE
    return Standing.OVERDUE if deadline.is_late_at(now) else Standing.OPEN


def done_at(now: datetime) -> Coalesce:
    """When the obligation was met or ended; ``now`` while it is open."""
    return Coalesce("met_at", "closed_at", Value(now), output_field=DateTimeField())


def done_on(now: datetime) -> Coalesce:
    """The day (Asia/Shanghai) of ``done_at``."""
    today = Value(clock.day_of(now), output_field=DateField())
    return Coalesce(TruncDate("met_at", tzinfo=SHANGHAI), TruncDate("closed_at", tzinfo=SHANGHAI), today)


def with_case(rows):
    """``rows`` with ``city``: the territory of the case (of its institution, else of its organiser; none for what the
    province organises), and ``internal``: whether the day is the office's own target, no day of plan or law."""
    return rows.annotate(
        city=Coalesce("institution__territory", "organiser__territory"),
        internal=Case(When(_internal_targets(), then=True), default=False, output_field=BooleanField()),
    )


def _internal_targets() -> Q:
    """The deadlines under rules, or under rules for one category, that are internal targets. One query."""
    always: list[int] = []
    by_category: dict[str, list[int]] = {category: [] for category in Category}
    for pk, values in Rule.objects.filter(area=AREA).values_list("pk", "values"):
        if values.get("internal_target"):
            always.append(pk)
        else:
            for category in values.get("internal_target_categories", []):
                by_category[category].append(pk)
    found = Q(rule__in=always)
    for category, rules in by_category.items():
        found |= Q(rule__in=rules) & organised_as(category)
    return found
