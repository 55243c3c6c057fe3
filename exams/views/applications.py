"""One exam application and the list of all: papers, review, places in sessions, due dates."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from certification import clock
from certification.deadlines.models import Deadline
from certification.documents.responses import pdf_response
from certification.notices import told
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal import timeline
from certification.records import accesses
from certification.refusals import Refusal
from exams.applications import answers, applying
from exams.applications.opinions import opinions_of
from exams.forms.materials import ExemptionForm, MaterialUpload
from exams.materials import declarations, matrix, paper_standards, uploads
from exams.materials.attaching import OPEN_TO_FILER, OPEN_TO_LATE_PAPERS, completeness
from exams.materials.hours import late_hours
from exams.materials.papers import NeedsCrop
from exams.models import Candidate, DeclarationText, ExamApplication, Material, Result
from exams.scores import rechecks
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
    file, text = form.cleaned_data["file"], form.cleaned_data.get("text")
    content = file.read()
    given = {"actor": request.user, "application_id": application.pk, "content": content, "name": file.name}
    try:
        try:
            material = applying.attach_material(
                kind=form.cleaned_data["kind"], text_id=text.pk if text else None, **given
            )
        except NeedsCrop:
            return redirect("exams:upload_crop", uploads.put_forward(**given).pk)
    except Refusal as refusal:
        return _page(request, application, form=form, refusal=refusal)
    done = f"已上传{material.name}。" if material.is_new else f"{material.name}与现有文件相同，未作更改。"
    messages.success(request, done)
    return redirect("exams:application_detail", pk=application.pk)


@require_POST
def application_exempt(request, pk: int):
    """Say on which ground the applicant needs no training."""
    application = _application(request, pk)
    form = _exemption_form(application, request.POST)
    if form is None or not form.is_valid():
        return _page(request, application, refusal=Refusal("请选择列出的免培训依据。", code="no_exemption"))
    try:
        applying.claim_exemption(actor=request.user, application_id=application.pk, basis=form.cleaned_data["basis"])
    except Refusal as refusal:
        return _page(request, application, refusal=refusal)
    messages.success(request, "已更改免培训依据，应交材料随之变化。")
    return redirect("exams:application_detail", pk=application.pk)


@require_GET
def application_declarations(request, pk: int):
    """The texts that the applicant signs, filled in, to print."""
    application = _application(request, pk)
    content = declarations.forms_pdf([application], clock.today())
    accesses.take_out(application, actor=request.user, now=clock.now(), what="承诺书和同意书", persons=1)
    return pdf_response(content, f"declarations-{application.pk}.pdf")


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
    kinds = _kinds_open(application, papers)
    texts = DeclarationText.objects.filter(kind__in=kinds, in_force_from__lte=clock.today())
    document_type = application.person.document_type
    return MaterialUpload(*data, kinds=kinds, document_type=document_type, texts=texts.order_by("kind", "-version"))


def _exemption_form(application: ExamApplication, data=None) -> ExemptionForm | None:
    """None where there is no ground to choose."""
    code, edition = application.job_type.code, application.rule_edition
    exemptions = paper_standards.exemptions(application.kind, code, edition)
    if not exemptions:
        return None
    return ExemptionForm(data, exemptions=exemptions, initial={"basis": application.exempt_basis})


def _kinds_open(application: ExamApplication, papers) -> tuple:
    if application.state in OPEN_TO_FILER:
        return papers.offered
    if application.state in OPEN_TO_LATE_PAPERS and application.hours_confirmed_at is None:
        return papers.standard.later
    return ()


def _material_rows(application: ExamApplication, papers) -> list[tuple]:
    """What is asked for, and what stands in for it where that is there: its name, current paper, how it stands."""
    rows = []
    for kind in papers.offered:
        material, standing = papers.held.get(kind), papers.standing(kind)
        if material or standing != "none":
            rows.append((kind.named(application.person.document_type), material, standing))
    return rows


def _scores(candidates: list[Candidate], filer: bool) -> list[tuple]:
    """Released results with the session they were sat in, the request to re-check each, and whether one can be made."""
    rows = Result.objects.filter(candidate__in=candidates, released_at__isnull=False, carried_from__isnull=True)
    rows = rows.select_related("candidate__session", "candidate__application__rule_edition")
    rows = rows.prefetch_related("rechecks").order_by("candidate__listed_at", "pk")
    today = clock.today()
    return [(row, row.rechecks.all(), filer and rechecks.not_open(row, today) is None) for row in rows]


def _page(request, application: ExamApplication, *, form=None, refusal=None):
    papers = completeness([application])[application.pk]
    filer = may(request.user, "exams.application.file") and application.institution_id == request.user.organisation_id
    candidates = list(
        Candidate.objects.filter(application=application).select_related("session__site").order_by("listed_at", "pk")
    )
    deadlines = Deadline.objects.visible_to(request.user).for_display().of(None, [application])
    replaced = Material.objects.filter(application=application, replaced_at__isnull=False)
    replaced = replaced.select_related("file", "text")
    kinds = _kinds_open(application, papers)
    may_change = filer and application.state in OPEN_TO_FILER
    context = {
        "application": application,
        "papers": papers,
        "material_rows": _material_rows(application, papers),
        "late_hours": late_hours([application]).get(application.pk),
        "exemption": paper_standards.exemption_of(application),
        "exemption_form": _exemption_form(application) if may_change else None,
        "rule": paper_standards.materials_rule(application.kind, application.rule_edition),
        "class_rows": matrix.class_rows(application.plan, application.rule_edition),
        "replaced": replaced.order_by("submitted_at", "pk"),
        "candidates": candidates,
        "scores": _scores(candidates, filer),
        "in_session": any(row.state in IN_SESSION for row in candidates),
        "deadlines": deadlines.order_by("due_on", "pk"),
        "opinions": opinions_of(application, request.user),
        "entries": timeline.entries(application, *candidates, inside=not filer),
        "told": told.of(request.user, application),
        "filer": filer,
        "form": form or (_upload_form(application, papers) if filer and kinds else None),
        "refusal": refusal,
        "returned": application.state == ApplicationState.RETURNED,
        "asked": answers.open_notices([application]).get(application.pk),
    }
    failed = refusal is not None or (form is not None and bool(form.errors))
    return render(request, "exams/application_detail.html", context, status=422 if failed else 200)
