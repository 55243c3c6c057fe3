"""What pages of training have in common with an uploaded spreadsheet, and with their own classes."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header

from certification.records.content import CSV, XLSX
from certification.spreadsheets.unreadable import UnreadableFile
from training.forms.filters import visible_plans
from training.models import TrainingPlan

MEDIA_TYPES = {"xlsx": XLSX, "csv": CSV}


def content_of(upload) -> bytes:
    """The bytes of an upload; raises UnreadableFile before reading one that is too large."""
    if upload.size > settings.UPLOAD_MAX_BYTES:
        raise UnreadableFile(
            f"文件“{upload.name}”有 {upload.size / 1024 / 1024:.1f} MB，"
            f"超过 {settings.UPLOAD_MAX_BYTES // 1024 // 1024} MB 的上限。",
            code="too_large",
            advice="请删除图片和多余的工作表后重新上传。",
        )
    return upload.read()


def sheet_response(content: bytes, name: str) -> HttpResponse:
    """A workbook as a download."""
    header = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": header})


def filed_class(request, pk: int) -> TrainingPlan:
    """A filed class that the person may see, or 404."""
    plans = visible_plans(request.user).filter(filed_at__isnull=False)
    return get_object_or_404(plans.select_related("job_type__group"), pk=pk)


def own_class(request, pk: int) -> TrainingPlan:
    """A filed class of the person's own institution, or 404."""
    plan = filed_class(request, pk)
    if plan.institution_id != request.user.organisation_id:
        raise Http404
    return plan
