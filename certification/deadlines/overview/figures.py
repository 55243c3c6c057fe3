"""Monthly figures of deadlines (时限统计): due, met in time, met late, still open late; by month, tier, city,
institution or rule (rules 2.11).

Counted by the database in grouped queries over the same conditions as the board, so that every number is the number
of rows behind it. Only working days are counted here, from grouped pairs of days. Internal targets are counted apart:
they are no breach of the plan. A deadline belongs to the month of its last day.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Count, F, QuerySet
from django.db.models.functions import TruncDate, TruncMonth

from certification.clock import SHANGHAI
from certification.deadlines.overview import idle, standing
from certification.deadlines.overview.filters import NO_CITY, NO_INSTITUTION, NONE, TIER_CHOICES, rule_titles
from certification.deadlines.overview.standing import LATE, Standing
from certification.organisations.models import Organisation, Territory
from certification.workdays.counting import Calendar


class Grouping(StrEnum):
    """By what the lines of the table are made; the value stands in the address."""

    MONTH = "month"
    TIER = "tier"
    CITY = "city"
    INSTITUTION = "institution"
    RULE = "rule"


GROUPING_LABELS = {
    Grouping.MONTH: "截止月份",
    Grouping.TIER: "责任层级",
    Grouping.CITY: "设区市",
    Grouping.INSTITUTION: "培训机构",
    Grouping.RULE: "事项",
}
_KEYS = {
    Grouping.MONTH: TruncMonth("due_on"),
    Grouping.TIER: F("responsible__kind"),
    Grouping.CITY: F("city"),
    Grouping.INSTITUTION: F("institution"),
    Grouping.RULE: F("rule__code"),
}


@dataclass
class Line:
    """One line of figures. ``query`` is what narrows the board to it. ``used_days`` and ``late_days``: working days
    over all deadlines that were met, and over all that are late."""

    label: str
    query: dict[str, str]
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Standing.values, 0))
    used_days: int = 0
    late_days: int = 0

    @property
    def due(self) -> int:
        """All deadlines of the line."""
        return sum(self.counts.values())

    @property
    def met(self) -> int:
        return self.counts[Standing.MET] + self.counts[Standing.MET_LATE]

    @property
    def late(self) -> int:
        """Overdue, met late and ended late together."""
        return sum(self.counts[standing] for standing in LATE)

    @property
    def in_time_rate(self) -> float | None:
        """Per cent met in time of those whose outcome is known; None where there is none."""
        known = self.due - self.counts[Standing.OPEN]
        return round(100 * self.counts[Standing.MET] / known, 1) if known else None

    @property
    def average_used(self) -> float | None:
        """Working days from the day on which the obligation arose (not counted) to the day on which it was met, without
        those on which nobody had to act."""
        return round(self.used_days / self.met, 1) if self.met else None

    @property
    def average_late(self) -> float | None:
        """Working days after the last day, over all late ones."""
        return round(self.late_days / self.late, 1) if self.late else None

    def add(self, other: "Line") -> None:
        """Count ``other`` in."""
        for name, number in other.counts.items():
            self.counts[name] += number
        self.used_days += other.used_days
        self.late_days += other.late_days


@dataclass(frozen=True)
class Figures:
    """The lines of one table and their sum."""

    grouping: Grouping
    lines: list[Line]
    total: Line


def figures(rows: QuerySet, grouping: Grouping, *, now: datetime, calendar: Calendar) -> Figures:
    """The figures of ``rows`` (``standing.with_case`` of what counts). Three grouped queries, one for the names,
    and a few for the deadlines whose clock stood still."""
    lines = _counted(rows, grouping, now)
    for key, days in _days_used(rows, grouping, calendar).items():
        lines[key].used_days = days
    for key, days in _days_late(rows, grouping, now, calendar).items():
        lines[key].late_days = days
    total = Line("合计", {})
    for line in lines.values():
        total.add(line)
    return Figures(grouping, list(lines.values()), total)


def _counted(rows: QuerySet, grouping: Grouping, now: datetime) -> dict:
    grouped = _grouped(rows, grouping).annotate(**standing.counts(now))
    found = {row["key"]: {each.value: row[each.name] for each in Standing} for row in grouped}
    names = _names(grouping, found)
    return {key: Line(names[key], _query(grouping, key), found[key]) for key in names}


def _grouped(rows: QuerySet, grouping: Grouping, **more) -> QuerySet:
    """``rows`` grouped by the key of ``grouping`` and by ``more`` expressions."""
    return rows.select_related(None).order_by().annotate(key=_KEYS[grouping], **more).values("key", *more)


def _days_used(rows: QuerySet, grouping: Grouping, calendar: Calendar) -> dict:
    """Working days from receipt to the day on which it was met, summed over the met ones of each group; days on which
    the clock stood still, or on which what had been met was with somebody else, are none of them."""
    met = rows.filter(met_at__isnull=False)
    pairs = _grouped(
        met,
        grouping,
        first=TruncDate("opened_at", tzinfo=SHANGHAI),
        last=TruncDate("met_at", tzinfo=SHANGHAI),
    )
    found = _summed(pairs, calendar)
    apart = idle.with_idle_days(met.select_related(None).annotate(key=_KEYS[grouping]))
    days = idle.idle_days(apart, calendar)
    for row in apart:
        found[row.key] -= days[row.pk]
    return found


def _days_late(rows: QuerySet, grouping: Grouping, now: datetime, calendar: Calendar) -> dict:
    """Working days after the last day in time, summed over the late ones of each group."""
    late = rows.filter(standing.is_late(now))
    return _summed(_grouped(late, grouping, first=F("due_on"), last=standing.done_on(now)), calendar)


def _summed(pairs: QuerySet, calendar: Calendar) -> dict:
    found: dict = defaultdict(int)
    for row in pairs.annotate(times=Count("pk")):
        found[row["key"]] += row["times"] * max(calendar.between(row["first"], row["last"]), 0)
    return found


def _names(grouping: Grouping, found: dict) -> dict:
    """Key → name, in the order in which the lines stand."""
    if grouping == Grouping.MONTH:
        return {month: f"{month.year}年{month.month}月" for month in sorted(found)}
    if grouping == Grouping.TIER:
        return {tier: label for tier, label in TIER_CHOICES if tier in found} | {
            key: str(key) for key in found if key not in dict(TIER_CHOICES)
        }
    if grouping == Grouping.RULE:
        titles = rule_titles()
        return {code: title for code, title in titles.items() if code in found}
    if grouping == Grouping.CITY:
        names = dict(Territory.objects.filter(pk__in=found).order_by("code").values_list("pk", "name"))
        return names | ({None: NO_CITY} if None in found else {})
    rows = Organisation.objects.filter(pk__in=found).order_by("territory__code", "name")
    names = dict(rows.values_list("pk", "short_name"))
    return names | ({None: NO_INSTITUTION} if None in found else {})


def _query(grouping: Grouping, key) -> dict[str, str]:
    """What narrows the board to the group."""
    if grouping == Grouping.MONTH:
        month: date = key
        return {"since": f"{month:%Y-%m}", "until": f"{month:%Y-%m}"}
    return {grouping.value: NONE if key is None else str(key)}
