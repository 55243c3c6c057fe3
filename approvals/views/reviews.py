"""The review queue, what was reviewed, and what cities reported."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals import queue
from approvals.forms.reviews import QueueFilter, ReviewedFilter
from approvals.models import Outcome, Review, Stage
from approvals.reviewing import record_provincial_review, review
from approvals.stages import STEPS
from approvals.views.selection import run_bulk
from certification.organisations.access import may
from certification.paging import keyset_page


@require_safe
def reviews(request):
    """What waits for this person's review, the nearest due date first."""
    steps = queue.steps_of(request.user)
    form = QueueFilter(request.GET or None, steps=steps)
    step = form.step
    rows = form.apply(queue.waiting(request.user, step)) if form.is_bound else queue.waiting(request.user, step)
    page = keyset_page(request, queue.for_list(rows), queue.ORDER)
    deadlines = queue.deadlines_of(step, page.rows)
    counts = queue.counts(request.user, steps)
    context = {
        "form": form,
        "step": step,
        "tabs": [(one.stage, counts[one.stage.value]) for one in steps],
        "page": page,
        "rows": [(row, row.places[0].session if row.places else None, deadlines.get(row.pk)) for row in page],
        "may_act": may(request.user, step.action),
        "city_renewals": step.stage == Stage.CITY_REVIEW,
        "reports": queue.reported(request.user).count() if may(request.user, "approvals.review_province") else None,
    }
    return render(request, "approvals/reviews/queue.html", context)


@require_POST
def bulk(request):
    """Pass everything that was ticked, with a result per row."""
    stage = request.POST.get("stage", "")
    back = f"{reverse('approvals:reviews')}?stage={stage if stage in STEPS else ''}"
    if stage not in STEPS:
        return redirect(back)
    return run_bulk(
        request,
        lambda ids: review(
            actor=request.user,
            application_ids=ids,
            stage=stage,
            outcome=Outcome.PASS,
            hours_may_follow="hours_may_follow" in request.POST,
        ),
        title=f"批量通过（{Stage(stage).label}）",
        back=back,
        done="已通过",
    )


@require_safe
def reviewed(request):
    """Opinions given and results fed back, the newest first: the city sees the province's here [三(二)1]."""
    form = ReviewedFilter(request.GET or None)
    rows = Review.objects.visible_to(request.user).select_related(
        "application__person", "application__job_type", "organisation", "reviewer__person"
    )
    if form.is_bound and form.is_valid():
        for name in ("stage", "outcome"):
            if form.cleaned_data[name]:
                rows = rows.filter(**{name: form.cleaned_data[name]})
        if form.cleaned_data["mine"]:
            rows = rows.filter(reviewer=request.user)
    page = keyset_page(request, rows, ("-at", "-pk"))
    return render(request, "approvals/reviews/reviewed.html", {"form": form, "page": page})


@require_safe
def reports(request):
    """What cities passed for renewals: the province objects before the exam, or puts its own review on record."""
    page = keyset_page(request, queue.for_list(queue.reported(request.user)), ("pk",))
    opinions = _city_opinions(page.rows)
    context = {
        "page": page,
        "rows": [(row, row.places[0].session if row.places else None, opinions.get(row.pk)) for row in page],
    }
    return render(request, "approvals/reviews/reports.html", context)


@require_POST
def record(request):
    """Put a passing provincial review on record for everyone who was ticked."""
    return run_bulk(
        request,
        lambda ids: record_provincial_review(actor=request.user, application_ids=ids),
        title="省级审核记录",
        back=reverse("approvals:reports"),
        done="已记录通过",
    )


def _city_opinions(applications) -> dict[int, Review]:
    rows = Review.objects.filter(application__in=[row.pk for row in applications], stage=Stage.CITY_REVIEW)
    return {row.application_id: row for row in rows.select_related("reviewer__person").order_by("at", "pk")}
