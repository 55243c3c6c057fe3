"""成绩文件: the workbook to fill in, the clerk's upload, the checker's second reading of the same part."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from certification.imports import purposes, receiving
from certification.imports.views.acts import content_of
from certification.records.content import XLSX
from certification.refusals import Refusal
from exams.models import SessionPart
from exams.scores import columns, importing
from exams.views.sessions import own_session


@require_GET
def results_template(request, pk: int, part: str):
    """The workbook to fill in for one part."""
    place = _place(request, pk, part)
    content = columns.score_template(place, importing.standard_of(place))
    name = f"{place.get_part_display()}成绩-{place.session.number}.xlsx"
    header = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": header})


@require_http_methods(["GET", "POST"])
def results_upload(request, pk: int, part: str):
    """Scores from a file; what was found in it is on the import's own page."""
    return _upload(request, _place(request, pk, part), importing.ENTRY)


@require_http_methods(["GET", "POST"])
def results_read(request, pk: int, part: str):
    """The checker's own file of the same part, to be compared with what was entered."""
    return _upload(request, _place(request, pk, part), importing.READING)


def _upload(request, place: SessionPart, code: str):
    refusal, name = None, ""
    if request.method == "POST":
        try:
            name, content = content_of(request.FILES.get("file"))
            import_ = receiving.receive(
                actor=request.user, purpose=purposes.get(code), content=content, name=name, subject=place
            )
        except Refusal as found:
            refusal = found
        else:
            receiving.go_on(import_)
            return redirect("imports:detail", import_.uuid)
    context = {
        "place": place,
        "session": place.session,
        "reading": code == importing.READING,
        "title": f"{'核对' if code == importing.READING else '导入'}{place.get_part_display()}成绩",
        "kept": importing.kept(request.user, place, code),
        "standard": importing.standard_of(place),
        "refusal": refusal,
        "file_name": name,
    }
    return render(request, "exams/results_upload.html", context, status=422 if refusal else 200)


def _place(request, pk: int, part: str) -> SessionPart:
    session = own_session(request, pk)
    return get_object_or_404(SessionPart.objects.select_related("session"), session=session, part=part.upper())
