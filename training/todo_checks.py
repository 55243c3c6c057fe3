"""What spot checks put on the home page: of the institution that has to remedy, of those who judge its answers."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from certification.deadlines.models import Deadline
from certification.inspections.states import CheckState
from certification.organisations.models import User
from certification.portal.todo import Kind, Todo, by_right
from training.models import SpotCheck
from training.spot_checks.recording import ANSWER_CHECK, INSPECT

SHOWN = 20


def _to_remedy(user: User, now: datetime) -> Iterator[Todo]:
    checks = SpotCheck.objects.visible_to(user).to_remedy().filter(plan__institution=user.organisation_id)
    checks = list(checks.select_related("plan__institution", "plan__job_type").order_by("pk")[:SHOWN])
    deadlines = {row.subject_id: row for row in Deadline.objects.open().for_display().of(None, checks)}
    for check in checks:
        url = reverse("training:check", args=[check.pk])
        yield Todo("整改培训检查发现的问题", url, str(check), deadline=deadlines.get(check.pk))


def _to_judge(user: User, now: datetime) -> Iterator[Todo]:
    own = SpotCheck.objects.visible_to(user).filter(organisation=user.organisation_id)
    counts = dict(own.order_by().values_list("state").annotate(count=Count("pk")))
    if count := counts.get(CheckState.ANSWERED):
        yield Todo("复核培训检查的整改情况", _list(CheckState.ANSWERED), count=count)
    if count := counts.get(CheckState.REMEDY, 0) + counts.get(CheckState.RETURNED, 0):
        yield Todo("培训机构正在整改的检查", _list("open"), kind=Kind.WAITING, count=count)


def _list(state: str) -> str:
    return f"{reverse('training:check_list')}?{urlencode({'state': state})}"


lines = by_right({ANSWER_CHECK: (_to_remedy,), INSPECT: (_to_judge,)})
