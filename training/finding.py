"""What the search box finds in training: plans, receipts, spot checks and proofs of hours by number, trainees by name
or identity number."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from certification.organisations.access import may
from certification.organisations.models import User
from certification.people import documents
from certification.portal.search import Found, Query
from training.models import HoursProof, PlanReceipt, RosterReceipt, SpotCheck, Trainee, TrainingPlan


def find(user: User, query: Query, limit: int) -> Iterator[Found]:
    """Hits among what ``user`` may see; at most ``limit`` of each kind, three queries."""
    if not may(user, "training.view"):
        return
    if query.text.startswith(("PX-", "BB-", "MD-")):
        yield from _plans(user, query.text, limit)
    elif query.text.startswith("JC-"):
        yield from _checks(user, query.text, limit)
    elif query.text.startswith("XS-"):
        yield from _proofs(user, query.text, limit)
    elif query.name or query.identity_prefix:
        yield from _trainees(user, query, limit)


def _plans(user: User, text: str, limit: int) -> Iterator[Found]:
    receipts = PlanReceipt.objects.visible_to(user).filter(number__startswith=text).values("plan")
    of_roster = RosterReceipt.objects.filter(number__startswith=text).values("roster__plan")
    which = Q(number__startswith=text) | Q(pk__in=receipts) | Q(pk__in=of_roster)
    plans = TrainingPlan.objects.visible_to(user).filter(which)
    for plan in plans.select_related("institution", "job_type").order_by("-pk")[:limit]:
        detail = f"{plan.number}，{plan.get_state_display()}"
        yield Found("培训计划", str(plan), reverse("training:plan_detail", args=[plan.pk]), detail)


def _checks(user: User, text: str, limit: int) -> Iterator[Found]:
    found = SpotCheck.objects.visible_to(user).filter(number__startswith=text).for_display()
    for check in found.order_by("-pk")[:limit]:
        detail = f"{check.number}，{check.get_state_display()}"
        yield Found("培训检查", str(check.plan), reverse("training:check", args=[check.pk]), detail)


def _proofs(user: User, text: str, limit: int) -> Iterator[Found]:
    found = HoursProof.objects.visible_to(user).filter(number__startswith=text)
    related = ("trainee__person", "trainee__plan__job_type")
    for proof in found.select_related(*related).order_by("-pk")[:limit]:
        url = reverse("training:attendance", args=[proof.trainee.plan_id])
        detail = f"{proof.number}，{proof.trainee.plan}"
        yield Found("学时证明", proof.trainee.person.name, url, f"{detail}（已替换）" if proof.replaced_at else detail)


def _trainees(user: User, query: Query, limit: int) -> Iterator[Found]:
    who = (
        documents.numbered(query.identity_prefix, "person")
        if query.identity_prefix
        else Q(person__name__startswith=query.name)
    )
    found = Trainee.objects.visible_to(user).filter(who).select_related("person", "plan__institution", "plan__job_type")
    for trainee in found.order_by("-pk")[:limit]:
        detail = f"{trainee.person.masked_number}，{trainee.plan.institution.short_name}，{trainee.plan}"
        yield Found("学员", trainee.person.name, reverse("training:trainee", args=[trainee.pk]), detail)
