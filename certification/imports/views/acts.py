"""What is done with an import: corrections, rows taken out, saving, giving up."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from certification.imports import purposes, receiving
from certification.imports.states import ImportState
from certification.imports.views.pages import found, show_checked
from certification.refusals import Refusal
from certification.selection import ticked
from certification.spreadsheets.unreadable import UnreadableFile


@require_POST
def correct(request, uuid):
    """A file with corrected rows."""
    import_ = found(request, uuid)
    try:
        name, content = content_of(request.FILES.get("file"))
        import_ = receiving.correct(actor=request.user, import_uuid=uuid, content=content, name=name)
    except Refusal as refusal:
        return _refused(request, import_, refusal)
    receiving.go_on(import_)
    return redirect("imports:detail", uuid)


@require_POST
def drop(request, uuid):
    """Rows that are not to be saved."""
    import_ = found(request, uuid)
    rows = ticked(request.POST, "row")
    try:
        if not rows:
            raise Refusal("没有选择任何行。", advice="请先勾选不需要的行。")
        import_ = receiving.drop_rows(actor=request.user, import_uuid=uuid, rows=rows)
    except Refusal as refusal:
        return _refused(request, import_, refusal)
    receiving.go_on(import_)
    return redirect("imports:detail", uuid)


@require_POST
def save(request, uuid):
    """Save what was checked; a short import is saved when this answers, and goes on where its purpose says."""
    import_ = found(request, uuid)
    try:
        import_ = receiving.ask_to_save(actor=request.user, import_uuid=uuid)
    except Refusal as refusal:
        return _refused(request, import_, refusal)
    receiving.go_on(import_)
    import_.refresh_from_db()
    if import_.state == ImportState.SAVED:
        messages.success(request, import_.result["sentence"])
        return redirect(import_.result["url"] or purposes.of(import_).url(import_))
    return redirect("imports:detail", uuid)


@require_POST
def discard(request, uuid):
    """Give the upload up."""
    import_ = found(request, uuid)
    try:
        receiving.discard(actor=request.user, import_uuid=uuid)
        messages.info(request, "已放弃这份上传，没有保存任何内容。")
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    return redirect(purposes.of(import_).url(import_))


def content_of(upload) -> tuple[str, bytes]:
    """Name and content of an uploaded file; raises Refusal where there is none, UnreadableFile where it is too big to
    be looked at."""
    if upload is None:
        raise Refusal("没有选择文件。", advice="请选择填写好的文件。")
    limit = settings.UPLOAD_MAX_BYTES
    if upload.size > limit:
        raise UnreadableFile(
            f"文件“{upload.name}”有 {upload.size / 1024 / 1024:.1f} MB，超过 {limit // 1024 // 1024} MB 的上限。",
            code="too_large",
            advice="请删除图片和多余的工作表后重新上传。",
        )
    return upload.name, upload.read()


def _refused(request, import_, refusal: Refusal):
    if import_.state == ImportState.CHECKED:
        return show_checked(request, import_, refusal=refusal)
    messages.warning(request, str(refusal))
    return redirect("imports:detail", import_.uuid)
