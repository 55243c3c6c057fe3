"""Rosters: the list of classes, one class's roster, its versions, its template and upload."""

from django.contrib import messages
from django.db.models import OuterRef, Q, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from certification import clock
from certification.deadlines import ledger
from certification.imports import receiving
from certification.imports.undecided import keeps_until
from certification.imports.views.acts import content_of
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.records import accesses
from certification.records.content import XLSX
from certification.refusals import Refusal, TooLate
from training.forms.filters import RosterFilter, visible_plans
from training.models import Roster, TrainingPlan
from training.plans.filing import ROSTER
from training.rosters import roster_columns, roster_copies, submitting
from training.states import TraineeState

PAGE_SIZE = 100


@require_safe
def roster_list(request):
    """The standing classes with their rosters, those that begin last on top."""
    form = RosterFilter(request.GET)
    latest = Roster.objects.filter(plan=OuterRef("pk")).order_by("-version")
    plans = form.apply(visible_plans(request.user).standing()).annotate(
        roster_version=Subquery(latest.values("version")[:1]),
        roster_headcount=Subquery(latest.values("headcount")[:1]),
        roster_at=Subquery(latest.values("submitted_at")[:1]),
    )
    page = keyset_page(request, plans, ("-class_start", "-pk"))
    deadlines = ledger.find_all(ROSTER, page.rows)
    rows = [(plan, deadlines.get(plan.pk)) for plan in page]
    return render(request, "training/roster_list.html", {"form": form, "page": page, "rows": rows})


@require_safe
def roster(request, pk: int):
    """One class's roster: who is on it, its versions, and for its institution the upload."""
    return _show(request, _plan(request, pk))


@require_safe
def roster_template(request, pk: int):
    """The workbook to fill in, made for this class."""
    plan = own_plan(request, pk)
    content = roster_columns.roster_template(plan, clock.today())
    name = f"学员名单模板-{plan.job_type}-{plan.class_start:%Y%m%d}.xlsx"
    header = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": header})


@require_POST
def roster_upload(request, pk: int):
    """Keep an upload and have it checked; what was found is on the import's own page."""
    plan = own_plan(request, pk)
    name = ""
    try:
        name, content = content_of(request.FILES.get("file"))
        import_ = submitting.upload(actor=request.user, plan_id=plan.pk, content=content, name=name)
    except submitting.NothingChanged as nothing:
        messages.info(request, str(nothing))
        return redirect("training:roster", plan.pk)
    except Refusal as refusal:
        return _show(request, plan, refusal=refusal, file_name=name)
    receiving.go_on(import_)
    return redirect("imports:detail", import_.uuid)


@require_safe
def roster_version(request, pk: int):
    """One version of a roster: whom it names, what it changed against the one before, its files as received."""
    rosters_seen = (
        Roster.objects.visible_to(request.user)
        .select_related("plan__institution", "plan__job_type", "upload", "file", "submitted_by__person")
        .prefetch_related("upload__files__file")
    )
    version = get_object_or_404(rosters_seen, pk=pk)
    changed = version.plan.trainees.filter(pk__in=list(version.changes)).select_related("person").order_by("pk")
    first = version.version == 1
    context = {
        "version": version,
        "plan": version.plan,
        "first": first,
        "joined": [] if first else list(version.joined().select_related("person").order_by("pk")),
        "left": [] if first else list(version.left().select_related("person").order_by("pk")),
        "changed": [(trainee, version.changes[str(trainee.pk)]) for trainee in changed],
        "page": keyset_page(request, version.members().select_related("person"), ("pk",), size=PAGE_SIZE),
        "files": version.received(),
        "own": version.plan.institution_id == request.user.organisation_id,
        "receipts": version.receipts.select_related("recipient").order_by("pk"),
    }
    return render(request, "training/roster_version.html", context)


@require_safe
def roster_masked(request, pk: int):
    """What was received for a version, with the numbers masked."""
    seen = Roster.objects.visible_to(request.user).filter(Q(file__isnull=False) | Q(upload__isnull=False))
    version = get_object_or_404(
        seen.select_related("plan__job_type", "upload__organisation", "file").prefetch_related("upload__files__file"),
        pk=pk,
    )
    received = version.received()
    held_back = next((file for file in received if not file.fetchable), None)
    if held_back is not None:
        return render(request, "portal/quarantine.html", {"stored": held_back}, status=409)
    content = roster_copies.masked_copy(version)
    for file in received:
        accesses.fetch_masked(file, version.plan, actor=request.user, now=clock.now())
    header = content_disposition_header(as_attachment=True, filename=roster_copies.copy_name(version))
    headers = {"Content-Disposition": header, "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=XLSX, headers=headers)


def _plan(request, pk: int) -> TrainingPlan:
    plans = visible_plans(request.user).filter(filed_at__isnull=False)
    return get_object_or_404(plans.select_related("job_type__group"), pk=pk)


def own_plan(request, pk: int) -> TrainingPlan:
    """The filed plan of the person's own institution; 404 for any other."""
    plan = _plan(request, pk)
    if plan.institution_id != request.user.organisation_id:
        raise Http404
    return plan


def _show(request, plan: TrainingPlan, *, refusal: Refusal | None = None, file_name: str = ""):
    closed = submitting.closed(plan, now=clock.now())
    versions = plan.rosters.select_related("submitted_by__person").prefetch_related("receipts__recipient")
    trainees = plan.trainees.filter(state=TraineeState.ENROLLED).select_related("person")
    files_here = may(request.user, submitting.SUBMIT) and plan.institution_id == request.user.organisation_id
    kept = submitting.open_upload(plan) if files_here else None
    versions = list(versions.order_by("-version"))
    context = {
        "plan": plan,
        "refusal": refusal,
        "file_name": file_name,
        "closed": closed,
        "late": isinstance(closed, TooLate) and closed.subject is not None,
        "kept": kept,
        "kept_until": keeps_until(kept) if kept else None,
        "deadline": ledger.find(ROSTER, plan),
        "versions": versions,
        "unscheduled": bool(files_here and versions and plan.is_standing) and not plan.lessons.standing().exists(),
        "count": trainees.count(),
        "page": keyset_page(request, trainees, ("pk",), size=PAGE_SIZE),
        "files_here": files_here,
    }
    return render(request, "training/roster.html", context, status=422 if refusal else 200)
