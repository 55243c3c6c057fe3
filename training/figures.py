"""The numbers of training on the home page of those who oversee; each opens the rows behind it."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from certification import clock
from certification.organisations.models import User
from certification.portal.todo import Kind, Todo, overseen
from training import access
from training.forms.filters import RosterFilter
from training.models import TrainingPlan
from training.states import Phase


def _classes(user: User, now: datetime) -> Iterator[Todo]:
    today = clock.day_of(now)
    plans = TrainingPlan.objects.visible_to(user)
    for phase in (Phase.UPCOMING, Phase.RUNNING):
        url = f"{reverse('training:plan_list')}?{urlencode({'phase': phase})}"
        count = plans.in_phase(phase, today).count()
        yield Todo(f"{phase.label}的班级", url, kind=Kind.FIGURE, count=count)


def _rosters(user: User, now: datetime) -> Iterator[Todo]:
    missing = Count("pk", filter=Q(rosters__isnull=True))
    count = TrainingPlan.objects.visible_to(user).standing().order_by().aggregate(count=missing)["count"]
    url = f"{reverse('training:roster_list')}?{urlencode({'roster': RosterFilter.MISSING})}"
    yield Todo("未报学员名单的班级", url, kind=Kind.FIGURE, count=count)


lines = overseen({access.VIEW: (_classes, _rosters)})
