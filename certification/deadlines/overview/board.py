"""The overdue board (逾期看板): deadlines that are late, were met late, or are soon due; as a list and as a file.

List and file read the same rows by the same filter and scope, so that the one never tells more than the other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from django.db import models
from django.urls import reverse

from certification import clock
from certification.deadlines import cases
from certification.deadlines.holders import Tier, tier_in
from certification.deadlines.models import Deadline
from certification.deadlines.overview import standing
from certification.deadlines.overview.filters import TIER_CHOICES, BoardFilter
from certification.deadlines.overview.standing import LATE, Standing
from certification.organisations.models import Organisation
from certification.rulebook import lookup
from certification.workdays import calendars
from certification.workdays.counting import Calendar

ORDER = ("due_on", "pk")
# What was never submitted is shown to its own institution alone; the others see that a day passed, not whose.
UNSEEN = "尚未提交的事项"
_BATCH = 500
_TIERS = dict(TIER_CHOICES)

COLUMNS = [
    "事项",
    "依据",
    "案件",
    "责任层级",
    "责任单位",
    "培训机构",
    "考试组织单位",
    "设区市",
    "截止日期",
    "情况",
    "办结或者终止日期",
    "逾期工作日",
    "现由谁办理",
    "逾期特批",
    "性质",
]


@dataclass(frozen=True)
class Row:
    """One deadline of the board.

    ``title`` and ``url`` are those of its case, ``usage_url`` shows who used which days of it. ``late_days``:
    working days after the last day up to the day on which it was done, today for what is open; None where it is not
    late. ``holder``: who has to act on the case now, "" where nobody has or it is not theirs to see.
    """

    deadline: Deadline
    standing: Standing
    title: str
    url: str
    usage_url: str
    late_days: int | None
    holder: str
    done_on: date | None

    @property
    def tier(self) -> str:
        """Whose duty it is."""
        return _TIERS.get(self.deadline.responsible.kind, "")

    @property
    def tone(self) -> str:
        """The tone of its standing (look.md): red only for what is still overdue."""
        return {
            Standing.OVERDUE: "refused",
            Standing.MET_LATE: "attention",
            Standing.CLOSED_LATE: "attention",
            Standing.MET: "done",
            Standing.OPEN: "underway",
        }[self.standing]

    @property
    def city(self) -> str:
        """The city of the case."""
        party = self.deadline.institution or self.deadline.organiser
        return party.territory.name if party and party.territory else ""

    def cells(self) -> list:
        """The row of the exported file, in the order of COLUMNS."""
        deadline, rule = self.deadline, lookup.by_id(self.deadline.rule_id)
        return [
            rule.title,
            rule.clause,
            self.title,
            self.tier,
            deadline.responsible.name,
            deadline.institution.name if deadline.institution else "",
            deadline.organiser.name if deadline.organiser else "",
            self.city,
            deadline.due_on,
            self.standing.label,
            self.done_on,
            self.late_days,
            self.holder,
            "是" if deadline.late_admission_id else "",
            "内部控制目标" if deadline.internal else "",
        ]


def deadlines(user) -> models.QuerySet:
    """The deadlines that ``user`` may see and that count, with what a row reads."""
    rows = Deadline.objects.visible_to(user).for_display()
    rows = rows.select_related("institution__territory", "organiser__territory")
    return standing.with_case(standing.counted(rows))


def rows_of(found: Iterable[Deadline], user, now: datetime) -> list[Row]:
    """What the board says of each deadline. As many queries for one as for many: one for each kind of case."""
    found = list(found)
    subjects = cases.visible_subjects(found, user)
    centre = Organisation.objects.provincial_centre() if subjects else None
    calendar = calendars.current()
    return [
        _row(deadline, subjects.get((deadline.subject_type_id, deadline.subject_id)), user, now, centre, calendar)
        for deadline in found
    ]


def exported(form: BoardFilter, user, now: datetime) -> Iterator[list]:
    """The cells of every row that the list shows on all its pages together, in its order."""
    found = form.apply(deadlines(user), now).order_by(*ORDER)
    stream = found.iterator(chunk_size=_BATCH)
    while batch := list(islice(stream, _BATCH)):
        for row in rows_of(batch, user, now):
            yield row.cells()


def late_days(deadline: Deadline, calendar: Calendar, now: datetime) -> int:
    """Working days after the last day in time up to the day on which it was done, today for what is open."""
    done = clock.day_of(deadline.met_at or deadline.closed_at or now)
    return max(calendar.between(deadline.due_on, done), 0)


def _row(deadline: Deadline, case, user, now: datetime, centre, calendar: Calendar) -> Row:
    stands = standing.standing_of(deadline, now)
    done = deadline.met_at or deadline.closed_at
    kind = cases.kind_of(type(case)) if case else None
    return Row(
        deadline=deadline,
        standing=stands,
        title=kind.title(case) if kind else UNSEEN,
        url=kind.url_for(case, user) if kind else "",
        usage_url=reverse("deadlines:usage", args=[kind.slug, case.pk]) if kind else "",
        late_days=late_days(deadline, calendar, now) if stands in LATE else None,
        holder=_holder(deadline, case, centre) if case else "",
        done_on=clock.day_of(done) if done else None,
    )


def _holder(deadline: Deadline, case: models.Model, centre: Organisation | None) -> str:
    organisations = {
        Tier.INSTITUTION: deadline.institution,
        Tier.CITY: deadline.organiser,
        Tier.ORGANISER: deadline.organiser,
        Tier.PROVINCE: centre,
    }
    found = organisations.get(tier_in(case._meta.label, case.state))
    return found.short_name if found else ""
