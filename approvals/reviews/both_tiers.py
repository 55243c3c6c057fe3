"""What both tiers see of a case or a class: the two clocks with their slack, who used which working days, and by which
hand-overs it passed from one to the other (rules 2.11, 3.1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from approvals.models import Handover
from certification.deadlines.models import Deadline
from certification.deadlines.overview import usage
from certification.deadlines.overview.usage import Share
from certification.workdays import calendars
from exams.applications import obligations
from exams.models import ExamApplication

# In the order in which the tiers act.
CLOCKS = (*obligations.BY_CITY, *obligations.BY_PROVINCE)


@dataclass(frozen=True)
class BothTiers:
    """The clocks of the tiers in order, the working days that each used, the hand-overs from the first to the last."""

    clocks: Sequence[Deadline]
    shares: Sequence[Share]
    handovers: Sequence[Handover]


def of(application: ExamApplication, user, now) -> BothTiers:
    """What ``user`` is shown; hand-overs only where the own organisation sent or received them, or sees all."""
    clocks = last_clocks([application]).get(application.pk, {})
    spells = usage.spells(application, now=now, calendar=calendars.current())
    handovers = Handover.objects.visible_to(user).filter(opinions__application=application)
    return BothTiers(
        [clocks[code] for code in CLOCKS if code in clocks],
        usage.shares(spells),
        list(handovers.select_related("sender", "receiver").order_by("at", "pk")),
    )


def of_class(rows: QuerySet[ExamApplication]) -> list[Deadline]:
    """The nearest day that is still to be met under each clock of a class, in the order of the tiers. One query."""
    open_still = Deadline.objects.unmet().for_display()
    found = open_still.filter(
        subject_type=ContentType.objects.get_for_model(ExamApplication),
        subject_id__in=rows.order_by().values("pk"),
        rule__code__in=CLOCKS,
    )
    first: dict[str, Deadline] = {}
    for row in found.order_by("due_on", "pk"):
        first.setdefault(row.rule.code, row)
    return [first[code] for code in CLOCKS if code in first]


def last_clocks(applications: Iterable[ExamApplication]) -> dict[int, dict[str, Deadline]]:
    """The last deadline of each application under each clock, met, missed or running: application id → code → row."""
    rows = Deadline.objects.of(None, list(applications)).filter(rule__code__in=CLOCKS)
    found: dict[int, dict[str, Deadline]] = {}
    for row in rows.for_display().order_by("pk"):
        found.setdefault(row.subject_id, {})[row.rule.code] = row
    return found
