"""The review queue, what was reviewed, and what cities reported: as pages and as files."""

from urllib.parse import urlencode

from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from approvals.forms.lists import ListFilter, ReviewedFilter
from approvals.lists import counts as list_counts
from approvals.lists import export as list_export
from approvals.lists import queue, saved_views
from approvals.models import Outcome, Place, Review, SavedView, Stage
from approvals.reviews import stale
from approvals.reviews.preparing import prepare
from approvals.reviews.stages import RECORD, STEPS, Step
from approvals.takeovers import taking_over
from approvals.views.selection import run_bulk
from certification import clock
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.spreadsheets.exporting import FORMS, export


@require_safe
def reviews(request):
    """What waits for this person's review, the nearest due date first."""
    views = saved_views.of(request.user, Place.REVIEWS)
    if opened := _opened_with(request, "approvals:reviews", views):
        return opened
    steps = queue.steps_of(request.user)
    form = asked(request.GET, request.user, steps)
    step = form.step
    rows = queue.for_lines(form.narrow(queue.waiting(request.user, step)), step)
    page = keyset_page(request, rows, queue.ORDER)
    counts, standing = list_counts.of_page(request.user, steps, step, form, form.today)
    context = {
        "form": form,
        "step": step,
        "tabs": [(one.stage, counts[one.stage.value]) for one in steps],
        "reports": counts.get(list_counts.REPORTED),
        "standing": standing,
        "page": page,
        "lines": [queue.line_of(row) for row in page],
        "may_act": may(request.user, step.action),
        "may_assign": may(request.user, "approvals.assign_cases"),
        "city_renewals": step.stage == Stage.CITY_REVIEW,
        "refuses": [outcome for outcome in step.outcomes if outcome != "PASS"],
        "may_take_over": may(request.user, taking_over.ACTION),
        "as_of": clock.now().isoformat(),
        "query": form.query,
        **_of_views(views, Place.REVIEWS, form.query),
        "exports": _exports("approvals:reviews_export", form.query),
    }
    return render(request, "approvals/reviews/queue.html", context)


@require_safe
def reviews_export(request, form: str):
    """Every row of the list, on all its pages, as xlsx or csv."""
    if form not in FORMS:
        raise Http404
    wanted = asked(request.GET, request.user, queue.steps_of(request.user))
    rows = wanted.narrow(queue.waiting(request.user, wanted.step))
    name = f"{wanted.step.stage.label}-{clock.now():%Y%m%d}"
    return export(form, list_export.COLUMNS, list_export.exported(rows, wanted.step), name=name)


@require_safe
def reviewed(request):
    """Opinions given and results fed back, the newest first: the city sees the province's here [三(二)1]."""
    views = saved_views.of(request.user, Place.REVIEWED)
    if opened := _opened_with(request, "approvals:reviewed", views):
        return opened
    form = ReviewedFilter(request.GET, user=request.user)
    rows = Review.objects.visible_to(request.user).select_related(
        "application__person", "application__job_type", "organisation", "reviewer__person", "on_behalf_of__person"
    )
    page = keyset_page(request, form.narrow(rows), ("-at", "-pk"))
    context = {"form": form, "page": page, **_of_views(views, Place.REVIEWED, form.query)}
    return render(request, "approvals/reviews/reviewed.html", context)


@require_safe
def reports(request):
    """What cities passed for renewals: the province objects before the exam, or puts its own review on record."""
    views = saved_views.of(request.user, Place.REPORTS)
    if opened := _opened_with(request, "approvals:reports", views):
        return opened
    form = asked_of_reports(request)
    rows = queue.for_lines(form.narrow(queue.reported(request.user)), RECORD)
    page = keyset_page(request, rows, queue.order_of(RECORD))
    opinions = _city_opinions(page.rows)
    context = {
        "form": form,
        "page": page,
        "rows": [(queue.line_of(row), opinions.get(row.pk)) for row in page],
        "as_of": clock.now().isoformat(),
        "query": form.query,
        **_of_views(views, Place.REPORTS, form.query),
        "exports": _exports("approvals:reports_export", form.query),
    }
    return render(request, "approvals/reviews/reports.html", context)


@require_safe
def reports_export(request, form: str):
    """Every row of what cities reported, as xlsx or csv."""
    if form not in FORMS:
        raise Http404
    rows = list_export.exported(asked_of_reports(request).narrow(queue.reported(request.user)), RECORD)
    return export(form, list_export.COLUMNS, rows, name=f"市级审核报告-{clock.now():%Y%m%d}")


@require_POST
def record(request):
    """Prepare a passing provincial review for everyone who was ticked; it stands on record once handed over."""
    said = {"actor": request.user, "stage": RECORD.stage, "outcome": Outcome.PASS}
    seen_at = parse_datetime(request.POST.get("as_of", ""))
    return run_bulk(
        request,
        lambda ids: stale.unless_changed(
            ids, seen_at, request.user, lambda fresh: prepare(application_ids=fresh, **said)
        ),
        title="省级审核记录",
        back=list_address(RECORD.stage, request.POST.get("list", "")),
        done="已拟定通过",
        following=("核对并移交", reverse("approvals:hand_over")),
    )


def asked_of_reports(request) -> ListFilter:
    """The filter that an address asks for, of what cities reported."""
    return ListFilter(request.GET, user=request.user, step=RECORD, today=clock.today())


def asked(data: QueryDict, user, steps: list[Step]) -> ListFilter:
    """The filter that an address asks for, of the review that it names; the first one's where it names none."""
    step = next((step for step in steps if step.stage == data.get("stage")), steps[0])
    return ListFilter(data, user=user, step=step, today=clock.today())


def list_address(stage: str, query: str) -> str:
    """The address of the list of ``stage`` filtered by ``query``, or unfiltered."""
    if stage == RECORD.stage:
        return f"{reverse('approvals:reports')}?{query}"
    query = query or urlencode({"stage": stage if stage in STEPS else ""})
    return f"{reverse('approvals:reviews')}?{query}"


def _opened_with(request, url_name: str, views: list[SavedView]):
    """The default view, where the address asks for nothing at all."""
    default = next((view for view in views if view.is_default), None)
    if default is None or request.GET or not default.query:
        return None
    return redirect(f"{reverse(url_name)}?{default.query}")


def _of_views(views: list[SavedView], place: Place, query: str) -> dict:
    return {"views": views, "place": place, "view_query": query}


def _exports(url_name: str, query: str) -> list[tuple[str, str]]:
    return [(form, f"{reverse(url_name, args=[form])}?{query}") for form in FORMS]


def _city_opinions(applications) -> dict[int, Review]:
    rows = Review.objects.filter(application__in=[row.pk for row in applications], stage=Stage.CITY_REVIEW)
    rows = rows.select_related("reviewer__person", "on_behalf_of__person")
    return {row.application_id: row for row in rows.order_by("at", "pk")}
