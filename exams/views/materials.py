"""批量上传材料: many files of a class at once, what could not be told about them, and cutting photos."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certification.forms import placed
from certification.jobs.waking import wake
from certification.records import pictures
from certification.refusals import Refusal
from certification.selection import is_id, ticked
from exams import tasks
from exams.forms.materials import ClassMaterialUpload, CropForm, ManyMaterialsUpload
from exams.materials import attaching, paper_standards, uploads
from exams.materials.matching import Names, masked
from exams.materials.undecided import keeps_until
from exams.models import FileState, MaterialKind, MaterialUpload, UploadedFile
from exams.models.uploads import TO_DECIDE
from exams.views.classes import class_page, own_plan
from exams.views.outcomes import NOTHING_CHOSEN
from training.models import TrainingPlan

# So many undecided files stand on the page at once; each has everybody of the class to choose from.
SHOWN = 40


@require_http_methods(["GET", "POST"])
def materials_upload(request, plan_id: int):
    """Upload many files; show how far the last upload is and what has to be decided."""
    plan = own_plan(request, plan_id)
    standard = paper_standards.materials_for(plan.kind, plan.rule_edition, group=plan.job_type.group.code)
    proofs = [one.proof for one in paper_standards.exemptions(plan.kind, plan.job_type.code, plan.rule_edition)]
    kinds = tuple(dict.fromkeys((*standard.offered, *proofs)))
    form = ManyMaterialsUpload(request.POST or None, request.FILES or None, kinds=kinds)
    if request.method == "POST" and form.is_valid():
        kind, files = form.cleaned_data["kind"], form.cleaned_data["files"]
        try:
            made = uploads.upload(actor=request.user, plan_id=plan.pk, kind=kind, files=files)
        except Refusal as refusal:
            return _upload_page(request, plan, form, kinds, refusal=placed(form, refusal))
        _take_in(made)
        return redirect(f"{request.path}?upload={made.pk}")
    return _upload_page(request, plan, form, kinds)


@require_POST
def upload_decide(request, plan_id: int):
    """Assign what was chosen for undecided files, or give the ticked ones up."""
    plan = own_plan(request, plan_id)
    here = reverse("exams:materials_upload", args=[plan.pk])
    undecided = UploadedFile.objects.visible_to(request.user).filter(upload__plan=plan, state__in=TO_DECIDE)
    if request.POST.get("act") == "discard":
        ids = undecided.filter(pk__in=ticked(request.POST, "file")).values_list("pk", flat=True)
        number = uploads.discard(actor=request.user, file_ids=list(ids))
        messages.success(request, f"已放弃 {number} 个文件。" if number else NOTHING_CHOSEN.message)
        return redirect(here)
    done, crop = 0, None
    for row in undecided.order_by("pk"):
        application = request.POST.get(f"application-{row.pk}", "")
        kind = request.POST.get(f"kind-{row.pk}", "")
        if not is_id(application) or kind not in MaterialKind.values:
            continue
        try:
            decided = uploads.assign(actor=request.user, file_id=row.pk, application_id=int(application), kind=kind)
        except Refusal as refusal:
            messages.error(request, f"{masked(row.name)}：{refusal}")
            continue
        if decided.state in (FileState.ATTACHED, FileState.SAME):
            done += 1
        elif decided.state == FileState.CROP:
            crop = decided
        else:
            messages.error(request, f"{masked(row.name)}：{decided.why}")
    if done:
        messages.success(request, f"已归入 {done} 个文件。")
    return redirect("exams:upload_crop", crop.pk) if crop else redirect(here)


@require_http_methods(["GET", "POST"])
def upload_crop(request, pk: int):
    """Choose the part of a picture that becomes the photo; a preview first, without a script by numbers."""
    row = _to_crop(request, pk)
    standard = paper_standards.photo_standard(row.application.rule_edition)
    proportions = (standard.width, standard.height)
    _content, size = uploads.picture_of(row)
    form = CropForm(request.POST or None, proportions=proportions)
    frame, refusal = pictures.largest_frame(size, proportions), None
    if request.method == "POST" and form.is_valid():
        frame = _within(form, size, proportions)
        if request.POST.get("act") == "save":
            try:
                uploads.crop(actor=request.user, file_id=row.pk, frame=frame)
            except Refusal as found:
                refusal = found
            else:
                messages.success(request, f"已裁剪并归入{row.application.person}的照片。")
                return _after_crop(request, row)
    width, height = pictures.turned_size(size, frame.turned)
    shown = {"turned": frame.turned, "left": frame.left, "top": frame.top, "width": frame.width}
    query = "&".join(f"{name}={value}" for name, value in shown.items())
    context = {
        "row": row,
        "application": row.application,
        "plan": row.upload.plan,
        "form": form if form.errors else CropForm(initial=shown, proportions=proportions),
        "frame": frame,
        "size": {"width": width, "height": height},
        "own_size": {"width": size[0], "height": size[1]},
        "proportion": f"{standard.width}/{standard.height}",
        "preview_url": f"{reverse('exams:upload_crop_preview', args=[row.pk])}?{query}",
        "standard": standard,
        "refusal": refusal,
    }
    failed = refusal is not None or bool(form.errors)
    return render(request, "exams/upload_crop.html", context, status=422 if failed else 200)


@require_GET
def upload_crop_preview(request, pk: int):
    """The photo as it would be kept; nothing is kept by looking."""
    row = _to_crop(request, pk)
    standard = paper_standards.photo_standard(row.application.rule_edition)
    proportions = (standard.width, standard.height)
    form = CropForm(request.GET, proportions=proportions)
    content, size = uploads.picture_of(row)
    frame = _within(form, size, proportions) if form.is_valid() else pictures.largest_frame(size, proportions)
    photo = pictures.framed(content, frame, size=proportions, max_bytes=standard.max_kilobytes * 1024)
    return HttpResponse(photo, content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


@require_POST
def class_material_upload(request, plan_id: int):
    """Attach a paper that the class hands in once."""
    plan = own_plan(request, plan_id)
    kinds = paper_standards.class_materials(plan.kind, plan.rule_edition).offered
    form = ClassMaterialUpload(request.POST, request.FILES, kinds=kinds)
    if not form.is_valid():
        return class_page(request, plan, class_form=form)
    file = form.cleaned_data["file"]
    try:
        material = attaching.attach_class_material(
            actor=request.user,
            plan_id=plan.pk,
            kind=form.cleaned_data["kind"],
            content=file.read(),
            name=file.name,
        )
    except Refusal as refusal:
        return class_page(request, plan, class_form=form, refusal=placed(form, refusal))
    messages.success(request, f"已上传{material}。" if material.is_new else f"{material}与现有文件相同，未作更改。")
    return redirect("exams:class_applications", plan_id=plan.pk)


def _take_in(made: MaterialUpload) -> None:
    """A few seconds here, the rest in the background; where no worker can be woken, the job of every minute does it."""
    uploads.take_in(made.pk, seconds=uploads.AT_ONCE_SECONDS)
    if uploads.waiting(made.pk):
        wake(tasks.take_in_materials, args=(made.pk,))


def _upload_page(request, plan: TrainingPlan, form, kinds, *, refusal: Refusal | None = None):
    rows = MaterialUpload.objects.visible_to(request.user).filter(plan=plan)
    asked = request.GET.get("upload", "")
    last = (rows.filter(pk=asked) if is_id(asked) else rows.order_by("-pk")).first()
    undecided = _undecided(request, plan)
    context = {
        "plan": plan,
        "form": form,
        "refusal": refusal,
        "last": _result(last) if last else None,
        "undecided": _choices(request, plan, undecided[:SHOWN]),
        "ends": keeps_until(undecided[0].upload) if undecided else None,
        "more": max(len(undecided) - SHOWN, 0),
        "kinds": kinds,
    }
    failed = refusal is not None or bool(form.errors)
    return render(request, "exams/materials_upload.html", context, status=422 if failed else 200)


def _result(made: MaterialUpload) -> dict:
    """How far an upload is, and what became of its files."""
    counts = dict(made.files.order_by().values("state").annotate(number=Count("pk")).values_list("state", "number"))
    refused = made.files.filter(state=FileState.REFUSED).order_by("position")
    total, waiting = sum(counts.values()), counts.get(FileState.WAITING, 0)
    return {
        "upload": made,
        "total": total,
        "waiting": waiting,
        "done": total - waiting,
        "attached": counts.get(FileState.ATTACHED, 0),
        "same": counts.get(FileState.SAME, 0),
        "to_decide": sum(counts.get(state, 0) for state in TO_DECIDE),
        "refused": [(masked(row.name), row.why) for row in refused],
    }


def _undecided(request, plan: TrainingPlan) -> list[UploadedFile]:
    rows = UploadedFile.objects.visible_to(request.user).filter(upload__plan=plan, state__in=TO_DECIDE)
    return list(rows.select_related("file", "upload", "application__person").order_by("pk"))


def _choices(request, plan: TrainingPlan, rows: list[UploadedFile]) -> list[dict]:
    """Each undecided file with the people whom it may concern first, the rest of the class behind them."""
    if not rows:
        return []
    people = list(attaching.of_class(request.user, plan.pk))
    names = Names(people, paper_standards.file_names(plan.rule_edition))
    found = []
    for row in rows:
        match = names.read(row.name, row.upload.kind)
        first = [one for one in dict.fromkeys([row.application, match.application, *match.candidates]) if one]
        found.append(
            {
                "row": row,
                "name": masked(row.name),
                "people": [*first, *(one for one in people if one not in first)],
                "application": row.application_id or (first[0].pk if len(first) == 1 else None),
                "kind": row.kind or (match.kind or ""),
                "crop": row.state == FileState.CROP,
            }
        )
    return found


def _to_crop(request, pk: int) -> UploadedFile:
    rows = UploadedFile.objects.visible_to(request.user).filter(state=FileState.CROP, file__isnull=False)
    related = ("file", "upload__plan__job_type", "application__person", "application__rule_edition")
    return get_object_or_404(rows.select_related(*related), pk=pk)


def _within(form: CropForm, size: tuple[int, int], proportions: tuple[int, int]) -> pictures.Frame:
    """The part that was asked for, moved and made smaller where it leaves the picture; turned anew it begins again with
    the largest."""
    asked = form.frame()
    width, height = pictures.turned_size(size, asked.turned)
    largest = pictures.largest_frame(size, proportions, turned=asked.turned)
    if asked.width > largest.width or asked.height > largest.height:
        return largest
    left, top = min(asked.left, width - asked.width), min(asked.top, height - asked.height)
    return pictures.Frame(left, top, asked.width, asked.height, asked.turned)


def _after_crop(request, row: UploadedFile):
    """To the next picture of the class that has to be cut, back to the class where there is none."""
    rows = UploadedFile.objects.visible_to(request.user).filter(upload__plan=row.upload.plan, state=FileState.CROP)
    following = rows.order_by("pk").first()
    if following:
        return redirect("exams:upload_crop", following.pk)
    return redirect("exams:application_detail", row.application_id)
