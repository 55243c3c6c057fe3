"""What lies with each reviewer of a team, for the head: counts, who is away, and how to spread cases evenly."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from approvals.assignments import assigned
from approvals.lists import queue
from approvals.models import Assignment, Ending, Review
from approvals.reviews.stages import Step
from certification import clock
from certification.clock import SHANGHAI
from certification.organisations import separation
from certification.organisations.models import ActingFor, User
from certification.refusals import Refusal
from certification.workdays import calendars
from certification.workdays.wording import plain_day
from exams.models import ExamApplication


@dataclass(frozen=True)
class Load:
    """One person: what is open (of it due today, overdue), what was done this week, and the working days that a case
    was in their hand on average before it was done (None: none was). ``standing`` says why nothing more should come
    to them ("" where nothing does); ``member`` whether anything may."""

    user: User
    open: int
    today: int
    overdue: int
    done: int
    days: float | None
    standing: str
    member: bool


@dataclass(frozen=True)
class Share:
    """To whom a case would go; ``refusal`` where it can go to nobody of those chosen."""

    application: ExamApplication
    assignee: User | None
    held: Assignment | None
    refusal: Refusal | None = None


def of_team(organisation_id: int, step: Step, now: datetime) -> list[Load]:
    """The team of one organisation and stage, and whoever else still has something there. A fixed number of queries."""
    today = clock.day_of(now)
    members = {user.pk: user for user in assigned.team(organisation_id, step.role, today)}
    counts = _open(organisation_id, step, today)
    others = User.objects.filter(pk__in=counts.keys() - members.keys()).select_related("person", "organisation")
    people = [*members.values(), *sorted(others, key=str)]
    monday = datetime.combine(today - timedelta(days=today.weekday()), time.min, tzinfo=SHANGHAI)
    done, days = _done(organisation_id, step, monday), _days(organisation_id, step, monday)
    away = _away(people, today)
    return [
        Load(
            user,
            *counts.get(user.pk, (0, 0, 0)),
            done.get(user.pk, 0),
            days.get(user.pk),
            away.get(user.pk, "") if user.pk in members else _gone(user),
            user.pk in members,
        )
        for user in people
    ]


def spread(user: User, step: Step, application_ids: Sequence[int], people: Sequence[User]) -> list[Share]:
    """How the cases would be spread over ``people`` (平均分派), by due date: each to whoever has least in hand and may
    review it. Nothing is written. Raises nothing: who is not the user's to see is left out."""
    rows = list(
        queue.waiting(user, step).filter(pk__in=application_ids).select_related("person").order_by(*queue.ORDER)
    )
    held = assigned.open_of(rows)
    load = Counter({one.pk: 0 for one in people})
    open_rows = Assignment.objects.open().filter(assignee__in=[one.pk for one in people])
    for assignee_id in open_rows.exclude(application__in=[row.pk for row in rows]).values_list("assignee", flat=True):
        load[assignee_id] += 1
    breaches = {one.pk: separation.breaches(one, step.capacity, rows, said_of=str(one)) for one in people}
    shares = []
    for row in rows:
        able = [one for one in people if row.pk not in breaches[one.pk]]
        if not able:
            refusal = next(iter(breaches.values())).get(row.pk) if people else None
            shares.append(Share(row, None, held.get(row.pk), refusal))
            continue
        least = min(able, key=lambda one: (load[one.pk], people.index(one)))
        load[least.pk] += 1
        shares.append(Share(row, least, held.get(row.pk)))
    return shares


def _open(organisation_id: int, step: Step, today) -> dict[int, tuple[int, int, int]]:
    rows = Assignment.objects.open().filter(organisation=organisation_id, stage=step.stage).order_by()
    counted = rows.values("assignee").annotate(
        open=Count("pk"),
        today=Count("pk", filter=Q(application__due_on=today)),
        overdue=Count("pk", filter=Q(application__due_on__lt=today)),
    )
    return {row["assignee"]: (row["open"], row["today"], row["overdue"]) for row in counted}


def _done(organisation_id: int, step: Step, since: datetime) -> dict[int, int]:
    """Opinions since then, for whoever they were given in the name of."""
    rows = Review.objects.filter(organisation=organisation_id, stage=step.stage, at__gte=since).order_by()
    named = rows.values(whose=Coalesce("on_behalf_of", "reviewer")).annotate(number=Count("pk"))
    return {row["whose"]: row["number"] for row in named}


def _days(organisation_id: int, step: Step, since: datetime) -> dict[int, float]:
    rows = Assignment.objects.filter(
        organisation=organisation_id, stage=step.stage, ended_at__gte=since, ending=Ending.DONE
    )
    calendar = calendars.current()
    used: dict[int, list[int]] = defaultdict(list)
    for assignee_id, begun, ended in rows.values_list("assignee", "assigned_at", "ended_at"):
        used[assignee_id].append(calendar.between(clock.day_of(begun), clock.day_of(ended)))
    return {pk: round(sum(days) / len(days), 1) for pk, days in used.items()}


def _away(people: Sequence[User], today) -> dict[int, str]:
    """Whose work somebody else does for the time being."""
    rows = ActingFor.objects.in_force(today).filter(absent__in=[user.pk for user in people])
    return {
        row.absent_id: f"外出，由{row.deputy}代办至{plain_day(row.valid_until)}"
        for row in rows.select_related("deputy__person")
    }


def _gone(user: User) -> str:
    return "已不是本环节的审核员" if user.is_active else "账号已停用"
