"""Whether a reminder still says something to do when it leaves the house: looked at again at the moment of sending
(rules 2.6)."""

from collections.abc import Collection

from django.db.models import F, Q, QuerySet

from certification.deadlines import acting
from certification.deadlines.models import Reminder
from certification.deadlines.reminding.recipients import acts_for
from certification.deadlines.reminding.stages import ESCALATION
from certification.deadlines.stages import BREACH
from certification.organisations.models import Organisation

DONE = "事项已经办结或者终止"
CHANGED = "截止日期已经变更或者中止计算"
PASSED_ON = "事项已转由其他单位办理"

_BATCH = 500
_AFTER = Q(stage__in=[BREACH, ESCALATION])
_UNMET = Q(deadline__met_at__isnull=True, deadline__closed_at__isnull=True)
# A breach stays worth telling to the tier above even where its consequence has closed the deadline.
_MISSED = Q(deadline__met_at__isnull=True, deadline__breached_at__isnull=False)
_AS_IT_WAS = Q(due_version=F("deadline__version"), deadline__paused_on__isnull=True)


def overtaken(notice_ids: Collection[int]) -> dict[int, str]:
    """Of these notices, the reminders that nobody needs any more, each with its reason: all that they tell of is done
    or closed, has another day, or is with somebody else by now (see notices.relevance)."""
    told = Reminder.objects.filter(notice__in=list(notice_ids), state=Reminder.State.SENT)
    reminders = set(told.order_by().values_list("notice", flat=True).distinct())
    if not reminders:
        return {}
    undone = told.filter(_UNMET | _AFTER & _MISSED)
    standing = undone.filter(_AS_IT_WAS)
    wanted = _wanted(standing, reminders)
    found = {}
    for reason, rows in ((PASSED_ON, standing), (CHANGED, undone), (DONE, told)):
        for notice in set(rows.order_by().values_list("notice", flat=True).distinct()) - wanted:
            found.setdefault(notice, reason)
    return found


def _wanted(standing: QuerySet, notices: Collection[int]) -> set[int]:
    """The notices of which at least one reminder reaches somebody whose turn it is. Looks at no more rows of a notice
    than it takes to find one."""
    centre_id = Organisation.objects.provincial_centre().pk
    waiting, wanted, after = set(notices), set(), 0
    while rows := _next(standing, waiting, after):
        after = rows[-1].pk
        turns = acting.turns(row.deadline for row in rows)
        for row in rows:
            turn = turns.get(row.deadline_id)
            told_after = row.stage in (BREACH, ESCALATION)
            if told_after or acts_for(row.deadline, turn, centre_id) == row.recipient.organisation_id:
                wanted.add(row.notice_id)
        waiting -= wanted
    return wanted


def _next(standing: QuerySet, notices: Collection[int], after: int) -> list[Reminder]:
    rows = standing.filter(notice__in=list(notices), pk__gt=after).select_related("deadline", "recipient")
    return list(rows.order_by("pk")[:_BATCH])
