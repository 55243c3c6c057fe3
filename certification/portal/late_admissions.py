"""逾期特批 on the home page: what the provincial head has to decide, what was granted and waits to be used."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min, Q
from django.urls import reverse

from certification.deadlines.late_admissions.admissions import ASK, DECIDE
from certification.deadlines.late_admissions.states import AdmissionState
from certification.deadlines.models import LateAdmission
from certification.organisations.models import User
from certification.portal import timeline, tones
from certification.portal.todo import Kind, Todo, by_right
from certification.portal.todo import register as register_todo
from certification.portal.tones import Tone

SHOWN = 20


def register() -> None:
    """Fill the registries of the portal."""
    register_todo(lines)
    timeline.register(LateAdmission._meta.label, {"ask": "申请逾期特批", "admit": "准予特批", "use": "凭特批办理"})
    tones.register(
        LateAdmission._meta.label,
        {
            AdmissionState.REQUESTED: Tone.UNDERWAY,
            AdmissionState.GRANTED: Tone.DONE,
            AdmissionState.REFUSED: Tone.REFUSED,
            AdmissionState.WITHDRAWN: Tone.WAITING,
        },
    )


def _to_decide(user: User, now: datetime) -> Iterator[Todo]:
    asked = LateAdmission.objects.visible_to(user).filter(state=AdmissionState.REQUESTED)
    figures = asked.aggregate(count=Count("pk"), first=Min("event_on", filter=Q(event_on__gt=now.date())))
    if figures["count"]:
        url = f"{reverse('deadlines:admission_list')}?state={AdmissionState.REQUESTED}"
        # Nothing is late for the head; the class or exam that is still to come soonest says how long it can wait.
        yield Todo("决定逾期特批申请", url, due_on=figures["first"], count=figures["count"])


def _to_use(user: User, now: datetime) -> Iterator[Todo]:
    granted = LateAdmission.objects.visible_to(user).in_force(now.date()).filter(used_at__isnull=True)
    for row in granted.filter(organisation=user.organisation_id).order_by("valid_until", "pk")[:SHOWN]:
        url = reverse("deadlines:admission", args=[row.pk])
        yield Todo("凭逾期特批办理", url, row.title, due_on=row.valid_until, binding=True)


def _waiting(user: User, now: datetime) -> Iterator[Todo]:
    asked = LateAdmission.objects.visible_to(user).filter(
        state=AdmissionState.REQUESTED, organisation=user.organisation_id
    )
    count = asked.count()
    if count:
        url = f"{reverse('deadlines:admission_list')}?state={AdmissionState.REQUESTED}"
        yield Todo("已申请、等待决定的逾期特批", url, kind=Kind.WAITING, count=count)


lines = by_right({DECIDE: (_to_decide,), ASK: (_to_use, _waiting)})
