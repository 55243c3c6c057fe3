"""Numbers per class and batch at each tier, each of which opens its rows (rules 3.2)."""

from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from approvals.reviews import both_tiers, totals
from approvals.reviews.telling import is_office
from certification.deadlines.holders import Tier
from certification.organisations.access import may
from certification.paging import keyset_page
from exams.models import ApplicationBatch, ExamApplication
from training.models import TrainingPlan


@require_safe
def classes(request):
    """The classes that applied for an exam, the newest first, with the numbers of this person's tier."""
    user = request.user
    tier = _own_tier(user)
    rows = ExamApplication.objects.visible_to(user)
    applied = Exists(rows.filter(plan=OuterRef("pk"), first_submitted_at__isnull=False))
    plans = TrainingPlan.objects.visible_to(user).filter(applied).select_related("job_type", "institution", "organiser")
    page = keyset_page(request, plans, ("-class_start", "-pk"))
    found = totals.of_each(rows.filter(plan__in=[plan.pk for plan in page]), "plan", (tier,))
    context = {"page": page, "tier": tier, "lines": [(plan, found[plan.pk][0]) for plan in page]}
    return render(request, "approvals/totals/classes.html", context)


@require_safe
def class_totals(request, plan_id: int):
    """One class: the numbers of each tier and of each batch; ``?tier=&part=`` shows the rows behind one of them."""
    user = request.user
    plan = get_object_or_404(
        TrainingPlan.objects.visible_to(user).select_related("job_type", "institution", "organiser"), pk=plan_id
    )
    everybody = ExamApplication.objects.visible_to(user).filter(plan=plan)
    tiers = totals.tiers_for(user, [plan.category])
    batches = list(ApplicationBatch.objects.visible_to(user).filter(plan=plan).order_by("pk"))
    batch = _asked_batch(request, batches)
    rows = everybody.filter(batch=batch) if batch else everybody
    part, shown = _asked_part(request, rows, tiers)
    by_batch = totals.of_each(everybody.filter(batch__isnull=False), "batch", tiers) if batches else {}
    context = {
        "plan": plan,
        "is_office": is_office(user),
        "tallies": totals.of(rows, tiers),
        "clocks": both_tiers.of_class(rows) if is_office(user) else [],
        "batches": [(one, by_batch[one.pk]) for one in batches if one.pk in by_batch],
        "batch": batch,
        "batch_query": f"&{urlencode({'batch': batch.pk})}" if batch else "",
        "part": part,
        "page": keyset_page(request, shown.select_related("person", "organiser"), ("pk",)) if part else None,
        "opens_cases": may(user, "approvals.view_case"),
    }
    return render(request, "approvals/totals/class.html", context)


def _own_tier(user) -> totals.TierParts:
    if not is_office(user):
        return totals.INSTITUTION
    return totals.CITY if may(user, "approvals.review_city") or _of_a_city(user) else totals.PROVINCE


def _of_a_city(user) -> bool:
    return user.organisation is not None and user.organisation.kind == "CITY_BUREAU"


def _asked_batch(request, batches: list[ApplicationBatch]) -> ApplicationBatch | None:
    asked = request.GET.get("batch", "")
    if not asked:
        return None
    found = next((one for one in batches if str(one.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def _asked_part(request, rows, tiers: tuple[totals.TierParts, ...]):
    """The number whose rows the address asks for, and the rows; nothing where it asks for none."""
    tier, key = request.GET.get("tier", ""), request.GET.get("part", "")
    asked = next((one for one in tiers if one.tier == tier), None)
    part = next((one for one in asked.all if one.key == key), None) if asked else None
    if part is None:
        return None, rows
    return (Tier(tier), part), totals.rows_of(rows, tier, key)
