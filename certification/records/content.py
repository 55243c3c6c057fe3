"""What an uploaded file is, judged by its content alone, and whether it is safe to keep and to show.

Names and declared types are the uploader's word and are not asked.
"""

import io
import warnings
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import Lock

from django.conf import settings
from PIL import Image, ImageFile, UnidentifiedImageError

from certification.records import pdfs
from certification.refusals import Incomplete, Problem
from certification.spreadsheets import delimited
from certification.spreadsheets.archive import open_archive
from certification.spreadsheets.unreadable import UnreadableFile

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
TEXT = "text/plain"
HTML = "text/html"
ZIP = "application/zip"
UNKNOWN = "application/octet-stream"

# What a browser may show in place; everything else is downloaded.
SHOWN_INLINE = frozenset({PDF, JPEG, PNG})
LABELS = {
    PDF: "PDF",
    JPEG: "JPG 图片",
    PNG: "PNG 图片",
    XLSX: "Excel 工作簿（xlsx）",
    CSV: "csv 表格",
    TEXT: "文本",
    HTML: "网页",
    ZIP: "压缩包",
}
MAX_PIXELS = 50_000_000

_one_at_a_time = Lock()
_FORMATS = {JPEG: "JPEG", PNG: "PNG"}
_MAGIC = ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))


def judge(content: bytes) -> str:
    """The media type that ``content`` shows by itself; ``application/octet-stream`` where it is none we know."""
    for magic, media_type in _MAGIC:
        if content.startswith(magic):
            return media_type
    if content.startswith(b"PK\x03\x04"):
        return _judge_archive(content)
    return _judge_text(content)


def require_type(content: bytes, allowed: Collection[str], field: str, *, max_bytes: int | None = None) -> str:
    """The media type of ``content``, which must be one of ``allowed`` and sound; raises Incomplete at ``field``.

    Problem codes: empty, too_large, wrong_type, damaged, too_many_pixels, password, active_content,
    embedded_files, trailing_data, or those of UnreadableFile.
    """
    _require_size(content, field, max_bytes or settings.UPLOAD_MAX_BYTES)
    media_type = judge(content)
    if media_type not in allowed:
        wanted = "、".join(LABELS.get(each, each) for each in allowed)
        found = LABELS.get(media_type, "无法识别的类型")
        raise _problem(f"文件内容是{found}，应为{wanted}。", "wrong_type", field, f"请上传{wanted}。")
    if media_type in _FORMATS:
        _require_sound_image(content, _FORMATS[media_type], field)
    elif media_type == PDF:
        _require_safe_pdf(content, field)
    elif media_type == XLSX:
        _require_plain_workbook(content, field)
    return media_type


def image_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels of an image that ``require_type`` has passed."""
    with Image.open(io.BytesIO(content), formats=list(_FORMATS.values())) as image:
        return image.size


def _judge_archive(content: bytes) -> str:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
        return UNKNOWN
    return XLSX if "xl/workbook.xml" in names else ZIP


def _judge_text(content: bytes) -> str:
    try:
        text = delimited.decode(content)
    except UnreadableFile:
        return UNKNOWN
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        return HTML
    return CSV if len(lines) > 1 and all("," in line or "\t" in line for line in lines) else TEXT


def _require_size(content: bytes, field: str, limit: int) -> None:
    if not content:
        raise _problem("文件是空的。", "empty", field, "请重新选择文件。")
    if len(content) > limit:
        shown = f"{limit // 1024 // 1024} MB" if limit >= 1024 * 1024 else f"{limit // 1024} KB"
        raise _problem(
            f"文件有 {len(content) / 1024 / 1024:.1f} MB，超过 {shown} 的上限。", "too_large", field, "请压缩后上传。"
        )


def _require_sound_image(content: bytes, image_format: str, field: str) -> None:
    try:
        with decoding(), Image.open(io.BytesIO(content), formats=[image_format]) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise Image.DecompressionBombError
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _problem("图片的像素过多。", "too_many_pixels", field, "请缩小图片后上传。") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise _problem("图片不完整或已损坏。", "damaged", field, "请重新拍摄或导出图片后上传。") from error


@contextmanager
def decoding() -> Iterator[None]:
    """Within the block pictures are decoded one at a time, and one that is cut off is an error; WeasyPrint makes
    Pillow tolerant everywhere."""
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        tolerant, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = tolerant


def _require_safe_pdf(content: bytes, field: str) -> None:
    flaw = pdfs.flaw(content)
    if flaw:
        raise _problem(flaw.message, flaw.code, field, "请用“打印为 PDF”另存后上传。")


def _require_plain_workbook(content: bytes, field: str) -> None:
    try:
        open_archive(content)
    except UnreadableFile as refusal:
        raise _problem(refusal.message, refusal.code, field, refusal.advice) from refusal


def _problem(message: str, code: str, field: str, advice: str) -> Incomplete:
    return Incomplete([Problem(message, code=code, field=field, advice=advice)], clause="文件接收要求")
