"""What training puts on the home page: of the institution, and of the recipients of its filings."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, Min
from django.urls import reverse

from certification import clock
from certification.deadlines import ledger
from certification.deadlines.due import deadline_rule, due_by
from certification.deadlines.models import Deadline
from certification.organisations.models import User
from certification.portal.todo import Kind, Todo, by_right
from certification.workdays import calendars
from certification.workdays.counting import OutOfRange
from certification.workdays.wording import plain_day
from training.forms.filters import TO_ANSWER
from training.models import PlanReceipt, TrainingPlan
from training.obligations import PLAN_ANSWER
from training.plans.acknowledging import ANSWER
from training.plans.filing import FILE, PLAN_FILING, ROSTER
from training.states import PlanState

SHOWN = 20


def _own_plans(user: User, state: PlanState):
    plans = TrainingPlan.objects.visible_to(user).filter(institution=user.organisation_id, state=state)
    return plans.select_related("job_type").order_by("class_start", "pk")


def _drafts(user: User, now: datetime) -> Iterator[Todo]:
    drafts = list(_own_plans(user, PlanState.DRAFT)[:SHOWN])
    if not drafts:
        return
    rule, calendar = deadline_rule(PLAN_FILING), calendars.current()
    for plan in drafts:
        url = reverse("training:plan_edit", args=[plan.pk])
        due = _due(rule, plan.class_start, calendar)
        due_on, binding = (due.due_on, not due.provisional) if due else (None, False)
        yield Todo("提交培训计划草稿", url, str(plan), due_on=due_on, binding=binding)


def _due(rule, class_start, calendar):
    try:
        return due_by(rule, class_start, calendar) if class_start else None
    except OutOfRange:
        return None


def _returned(user: User, now: datetime) -> Iterator[Todo]:
    plans = list(_own_plans(user, PlanState.RETURNED).filter(class_start__gt=clock.day_of(now))[:SHOWN])
    deadlines = ledger.find_all(PLAN_ANSWER, plans)
    for plan in plans:
        url = reverse("training:plan_detail", args=[plan.pk])
        yield Todo("修改被退回的培训计划，重新报备", url, str(plan), deadline=deadlines.get(plan.pk))


def _rosters(user: User, now: datetime) -> Iterator[Todo]:
    deadlines = list(
        Deadline.objects.visible_to(user)
        .unmet()
        .for_display()
        .filter(rule__code=ROSTER, responsible=user.organisation_id)
        .order_by("due_on", "pk")[:SHOWN]
    )
    plans = TrainingPlan.objects.standing().select_related("job_type").in_bulk([row.subject_id for row in deadlines])
    for deadline in deadlines:
        if plan := plans.get(deadline.subject_id):
            yield Todo("报送学员名单", reverse("training:roster", args=[plan.pk]), str(plan), deadline=deadline)


def _awaiting_answer(user: User, now: datetime) -> Iterator[Todo]:
    filed = _own_plans(user, PlanState.FILED).filter(class_start__gt=clock.day_of(now)).order_by()
    count = filed.aggregate(count=Count("pk"))["count"]
    if count:
        url = f"{reverse('training:plan_list')}?{urlencode({'state': PlanState.FILED})}"
        yield Todo("已报备、等待签收的培训计划", url, kind=Kind.WAITING, count=count)


def _to_answer(user: User, now: datetime) -> Iterator[Todo]:
    receipts = PlanReceipt.objects.visible_to(user).to_answer(user.organisation_id, clock.day_of(now))
    figures = receipts.aggregate(count=Count("pk"), first=Min("plan__class_start"))
    if not figures["count"]:
        return
    url = f"{reverse('training:plan_list')}?{urlencode({'answer': TO_ANSWER})}"
    first = figures["first"]
    subject = f"最早 {plain_day(first)} 开班，开班前可以退回"
    yield Todo("签收培训计划", url, subject, due_on=first - first.resolution, count=figures["count"])


lines = by_right({FILE: (_drafts, _returned, _rosters, _awaiting_answer), ANSWER: (_to_answer,)})
