"""One exam application and the list of all: papers, review, places in sessions, due dates."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from certification.deadlines.models import Deadline
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal import timeline
from certification.refusals import Refusal
from exams import applying, standards
from exams.forms.applications import MaterialUpload
from exams.materials import OPEN_TO_FILER, OPEN_TO_LATE_PAPERS, completeness
from exams.models import Candidate, ExamApplication, Material
from exams.opinions import opinions_of
from exams.states import IN_SESSION, ApplicationState


@require_GET
def application_list(request):
    """All applications that the user may see, by state and job type."""
    rows = ExamApplication.objects.visible_to(request.user).with_case()
    state = request.GET.get("state", "")
    name = request.GET.get("name", "").strip()
    if state in ApplicationState.values:
        rows = rows.filter(state=state)
    if name:
        rows = rows.filter(person__name__startswith=name)
    page = keyset_page(request, rows, ("-id",))
    places = Candidate.objects.filter(application__in=[row.pk for row in page.rows], state__in=IN_SESSION)
    session_of = {row.application_id: row.session for row in places.select_related("session")}
    context = {
        "page": page,
        "rows": [(row, session_of.get(row.pk)) for row in page.rows],
        "states": ApplicationState.choices,
        "state": state,
        "name": name,
    }
    return render(request, "exams/application_list.html", context)


@require_GET
def application_detail(request, pk: int):
    """One application."""
    return _page(request, _application(request, pk))


@require_POST
def material_upload(request, pk: int):
    """Attach one paper."""
    application = _application(request, pk)
    form = _upload_form(application, completeness([application])[application.pk], request)
    if not form.is_valid():
        return _page(request, application, form=form)
    file = form.cleaned_data["file"]
    try:
        material = applying.attach_material(
            actor=request.user,
            application_id=application.pk,
            kind=form.cleaned_data["kind"],
            content=file.read(),
            name=file.name,
        )
    except Refusal as refusal:
        return _page(request, application, form=form, refusal=refusal)
    messages.success(request, f"已上传{material.get_kind_display()}。")
    return redirect("exams:application_detail", pk=application.pk)


@require_POST
def application_answer(request, pk: int):
    """Send a returned application back to the tier that returned it."""
    application = _application(request, pk)
    try:
        answered = applying.answer_correction(actor=request.user, application_id=application.pk)
    except Refusal as refusal:
        return _page(request, application, refusal=refusal)
    messages.success(request, f"已补正并重新提交，{answered.get_state_display()}。")
    return redirect("exams:application_detail", pk=application.pk)


def _application(request, pk: int) -> ExamApplication:
    rows = ExamApplication.objects.visible_to(request.user).with_case()
    return get_object_or_404(rows, pk=pk)


def _upload_form(application: ExamApplication, papers, request=None) -> MaterialUpload:
    data = (request.POST, request.FILES) if request else (None, None)
    return MaterialUpload(*data, kinds=_kinds_open(application, papers))


def _kinds_open(application: ExamApplication, papers) -> tuple:
    if application.state in OPEN_TO_FILER:
        return papers.offered
    if application.state in OPEN_TO_LATE_PAPERS and application.hours_confirmed_at is None:
        return standards.materials_for(application.kind, application.rule_edition).later
    return ()


def _page(request, application: ExamApplication, *, form=None, refusal=None):
    papers = completeness([application])[application.pk]
    filer = may(request.user, "exams.application.file") and application.institution_id == request.user.organisation_id
    candidates = list(
        Candidate.objects.filter(application=application).select_related("session__site").order_by("listed_at", "pk")
    )
    deadlines = Deadline.objects.visible_to(request.user).for_display().of(None, [application])
    replaced = Material.objects.filter(application=application, replaced_at__isnull=False).select_related("file")
    kinds = _kinds_open(application, papers)
    context = {
        "application": application,
        "papers": papers,
        "material_rows": [(kind, papers.held.get(kind), papers.standing(kind)) for kind in papers.offered],
        "replaced": replaced.order_by("submitted_at", "pk"),
        "candidates": candidates,
        "in_session": any(row.state in IN_SESSION for row in candidates),
        "deadlines": deadlines.order_by("due_on", "pk"),
        "opinions": opinions_of(application, request.user),
        "entries": timeline.entries(application, *candidates, inside=not filer),
        "filer": filer,
        "form": form or (_upload_form(application, papers) if filer and kinds else None),
        "refusal": refusal,
        "returned": application.state == ApplicationState.RETURNED,
    }
    failed = refusal is not None or (form is not None and bool(form.errors))
    return render(request, "exams/application_detail.html", context, status=422 if failed else 200)
