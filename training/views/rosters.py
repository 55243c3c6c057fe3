"""Rosters: the list of classes, one class's roster, its template, upload and preview."""

from django.conf import settings
from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certification import clock
from certification.deadlines import ledger
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.records.content import CSV, XLSX
from certification.records.models import StoredFile
from certification.refusals import Incomplete, Refusal, TooLate
from certification.spreadsheets.columns import Parsed, parse, wanted_names
from certification.spreadsheets.reading import read_table
from certification.spreadsheets.unreadable import UnreadableFile
from training import roster_columns, rosters
from training.filing import ROSTER
from training.forms.filters import RosterFilter, visible_plans
from training.models import Roster, TrainingPlan
from training.roster_checks import RosterCheck, check_roster
from training.states import TraineeState

MEDIA_TYPES = {"xlsx": XLSX, "csv": CSV}


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
    plan = _own_plan(request, pk)
    content = roster_columns.roster_template(plan, clock.today())
    name = f"学员名单模板-{plan.job_type}-{plan.class_start:%Y%m%d}.xlsx"
    header = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": header})


@require_POST
def roster_upload(request, pk: int):
    """Read and check an upload; everything wrong comes back as a table, what is right goes on to the preview."""
    plan = _own_plan(request, pk)
    upload = request.FILES.get("file")
    if upload is None:
        return _show(request, plan, refusal=Refusal("没有选择文件。", advice="请选择填写好的名单文件。"))
    try:
        content = _content(upload)
        kind, parsed = _read(content, upload.name, plan)
        check = check_roster(plan, parsed.records, today=clock.today())
        if check.problems:
            return _show(request, plan, check=check, file_name=upload.name)
        stored = rosters.keep_upload(
            actor=request.user, plan_id=plan.pk, content=content, name=upload.name, media_type=MEDIA_TYPES[kind]
        )
    except rosters.NothingChanged as nothing:
        messages.info(request, str(nothing))
        return redirect("training:roster", plan.pk)
    except Refusal as refusal:
        return _show(request, plan, refusal=refusal, file_name=upload.name)
    return redirect("training:roster_preview", plan.pk, stored.uuid)


@require_http_methods(["GET", "POST"])
def roster_preview(request, pk: int, uuid):
    """What the kept upload comes to; then submitting it."""
    plan = _own_plan(request, pk)
    stored = _stored(plan, uuid)
    with stored.file.open("rb") as kept:
        _kind, parsed = _read(kept.read(), stored.name, plan)
    refusal = None
    if request.method == "POST":
        try:
            submitted = rosters.submit_roster(actor=request.user, plan_id=plan.pk, records=parsed.records, file=stored)
            messages.success(request, _submitted(submitted))
            return redirect("training:roster", plan.pk)
        except rosters.NothingChanged as nothing:
            messages.info(request, str(nothing))
            return redirect("training:roster", plan.pk)
        except Incomplete:
            pass
        except Refusal as refused:
            refusal = refused
    check = check_roster(plan, parsed.records, today=clock.today())
    if check.problems:
        return _show(request, plan, check=check, file_name=stored.name)
    closed = _closed(plan)
    context = {
        "plan": plan,
        "check": check,
        "closed": closed is not None,
        "rows": [(record.row, record.values) for record in parsed.records],
        "stored": stored,
        "refusal": refusal or closed,
        "version": _next_version(plan),
    }
    return render(request, "training/roster_preview.html", context, status=422 if refusal else 200)


def _plan(request, pk: int) -> TrainingPlan:
    plans = visible_plans(request.user).filter(filed_at__isnull=False)
    return get_object_or_404(plans.select_related("job_type__group"), pk=pk)


def _own_plan(request, pk: int) -> TrainingPlan:
    plan = _plan(request, pk)
    if plan.institution_id != request.user.organisation_id:
        raise Http404
    return plan


def _content(upload) -> bytes:
    if upload.size > settings.UPLOAD_MAX_BYTES:
        raise UnreadableFile(
            f"文件“{upload.name}”有 {upload.size / 1024 / 1024:.1f} MB，"
            f"超过 {settings.UPLOAD_MAX_BYTES // 1024 // 1024} MB 的上限。",
            code="too_large",
            advice="请删除图片和多余的工作表后重新上传。",
        )
    return upload.read()


def _read(content: bytes, name: str, plan: TrainingPlan) -> tuple[str, Parsed]:
    columns = roster_columns.roster_columns(clock.today(), plan.job_type.name)
    table = read_table(content, name, wanted_names(columns))
    return table.kind, parse(table, columns)


def _stored(plan: TrainingPlan, uuid) -> StoredFile:
    stored = get_object_or_404(StoredFile.objects.select_related("owner_type"), uuid=uuid, owner_id=plan.pk)
    if stored.owner_type.model_class() is not TrainingPlan:
        raise Http404
    return stored


def _submitted(submitted: Roster) -> str:
    numbers = "、".join(submitted.receipts.order_by("pk").values_list("number", flat=True))
    done = f"名单第 {submitted.version} 版已报送，共 {submitted.headcount} 人，回执编号 {numbers}。"
    return f"{done}下一步：在“考试申报”中为学员申报考试。"


def _next_version(plan: TrainingPlan) -> int:
    latest = rosters.current_roster(plan)
    return latest.version + 1 if latest else 1


def _show(
    request,
    plan: TrainingPlan,
    *,
    check: RosterCheck | None = None,
    refusal: Refusal | None = None,
    file_name: str = "",
):
    closed = _closed(plan)
    versions = plan.rosters.select_related("file", "submitted_by__person").prefetch_related("receipts__recipient")
    context = {
        "plan": plan,
        "check": check,
        "refusal": refusal,
        "file_name": file_name,
        "closed": closed,
        "late": isinstance(closed, TooLate) and closed.subject is not None,
        "kept": rosters.kept_upload(plan),
        "deadline": ledger.find(ROSTER, plan),
        "versions": list(versions.order_by("-version")),
        "trainees": plan.trainees.filter(state=TraineeState.ENROLLED).select_related("person").order_by("pk"),
        "files_here": may(request.user, rosters.SUBMIT) and plan.institution_id == request.user.organisation_id,
    }
    return render(request, "training/roster.html", context, status=422 if check or refusal else 200)


def _closed(plan: TrainingPlan) -> Refusal | None:
    try:
        rosters.require_open(plan, now=clock.now())
    except Refusal as refusal:
        return refusal
    return None
