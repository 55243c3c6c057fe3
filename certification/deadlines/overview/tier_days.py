"""In which month which tier used which working days of the late cases (rules 2.11), by grouped queries.

Counted as ``usage`` counts one case: the day of receipt is not counted, a day belongs to who held the case when it
began. A late case is followed from its first logged step until what was late was done, or until now. The database
groups equal stretches; only their working days are counted here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Least, TruncDate

from certification.clock import SHANGHAI
from certification.deadlines import cases
from certification.deadlines.cases import CaseKind
from certification.deadlines.holders import Tier, resolved, tier_in
from certification.deadlines.overview import standing
from certification.deadlines.overview.filters import following
from certification.organisations.models import OrganisationKind
from certification.records.models import TransitionLog
from certification.workdays.counting import Calendar

SHOWN = (Tier.INSTITUTION, Tier.CITY, Tier.PROVINCE, Tier.NOBODY)


@dataclass
class TierDays:
    """Working days by month (its first day) and tier, of ``cases`` late cases."""

    cases: int
    months: dict[date, Counter] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def total(self) -> Counter:
        """The days of each tier over all months."""
        return sum(self.months.values(), Counter())

    @property
    def tiers(self) -> list[Tier]:
        """The tiers that used any, in their order."""
        used = self.total
        return [tier for tier in SHOWN if used[tier]]

    def lines(self) -> list[tuple[date, list[int], int]]:
        """Each month with the days of every tier of ``tiers`` and their sum, in order."""
        tiers = self.tiers
        return [
            (month, [days[tier] for tier in tiers], sum(days.values())) for month, days in sorted(self.months.items())
        ]

    def totals(self) -> tuple[list[int], int]:
        """The days of every tier of ``tiers``, and their sum."""
        used = self.total
        return [used[tier] for tier in self.tiers], sum(used.values())


def of_late(rows: QuerySet, *, now: datetime, calendar: Calendar) -> TierDays:
    """Who used the working days of the cases of the late deadlines among ``rows``. One query for each kind of case,
    and one."""
    late = rows.filter(standing.is_late(now)).select_related(None)
    found = TierDays(late.order_by().values("subject_type", "subject_id").distinct().count())
    for kind in cases.kinds():
        for tier, first, last, times in _stretches(kind, late, now):
            for month, days in _by_month(first, last, calendar):
                found.months[month][tier] += days * times
    return found


def _stretches(kind: CaseKind, late: QuerySet, now: datetime) -> Iterator[tuple[Tier, date, date, int]]:
    """Tier, first and last day, and how many times, of the stretches in which late cases of ``kind`` were held."""
    own = late.filter(subject_type=kind.content_type)
    by_province = kind.model._base_manager.filter(
        pk=OuterRef("subject_id"), **{f"{kind.organiser}__kind": OrganisationKind.PROVINCIAL_CENTRE}
    )
    steps = (
        TransitionLog.objects.filter(subject_type=kind.content_type, subject_id__in=own.order_by().values("subject_id"))
        .exclude(to_state="")
        .annotate(done=_last_done(own, now), next=_next_step())
        .filter(at__lt=F("done"))
        .annotate(
            by_province=Exists(by_province),
            first=TruncDate("at", tzinfo=SHANGHAI),
            last=TruncDate(Least("done", Coalesce("next", "done")), tzinfo=SHANGHAI),
        )
        .filter(last__gt=F("first"))
    )
    grouped = steps.order_by().values("to_state", "by_province", "first", "last").annotate(times=Count("pk"))
    for row in grouped:
        tier = resolved(tier_in(kind.label, row["to_state"]), by_province=row["by_province"])
        yield tier, row["first"], row["last"], row["times"]


def _last_done(own: QuerySet, now: datetime) -> Subquery:
    """When the last of what was late about the case was done."""
    of_case = own.filter(subject_id=OuterRef("subject_id")).order_by().values("subject_id")
    return Subquery(of_case.annotate(done=Max(standing.done_at(now))).values("done"))


def _next_step() -> Subquery:
    """When the case moved on from the step."""
    later = Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk"))
    own = TransitionLog.objects.filter(subject_type=OuterRef("subject_type"), subject_id=OuterRef("subject_id"))
    return Subquery(own.filter(later).exclude(to_state="").order_by("at", "pk").values("at")[:1])


def _by_month(first: date, last: date, calendar: Calendar) -> Iterator[tuple[date, int]]:
    """The working days after ``first`` up to ``last``, by month."""
    start = first
    while start < last:
        month = (start + timedelta(days=1)).replace(day=1)
        end = min(last, following(month) - timedelta(days=1))
        if days := calendar.between(start, end):
            yield month, days
        start = end
