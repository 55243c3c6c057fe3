"""The numbers of training on the home page of those who oversee; each opens the rows behind it."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Q

from certification import clock
from certification.organisations.models import User
from certification.portal.todo import Todo, figure, overseen
from training import access
from training.forms.checks import CheckFilter
from training.forms.filters import RosterFilter
from training.models import SpotCheck, TrainingPlan
from training.states import Phase


def _classes(user: User, now: datetime) -> Iterator[Todo]:
    today = clock.day_of(now)
    plans = TrainingPlan.objects.visible_to(user)
    for phase in (Phase.UPCOMING, Phase.RUNNING):
        yield figure(f"{phase.label}的班级", "training:plan_list", plans.in_phase(phase, today).count(), phase=phase)


def _rosters(user: User, now: datetime) -> Iterator[Todo]:
    missing = Count("pk", filter=Q(rosters__isnull=True))
    count = TrainingPlan.objects.visible_to(user).standing().order_by().aggregate(count=missing)["count"]
    yield figure("未报学员名单的班级", "training:roster_list", count, roster=RosterFilter.MISSING)


def _checks(user: User, now: datetime) -> Iterator[Todo]:
    count = SpotCheck.objects.visible_to(user).to_remedy().count()
    yield figure("待整改的培训检查", "training:check_list", count, state=CheckFilter.OPEN)


lines = overseen({access.VIEW: (_classes, _rosters, _checks)})
