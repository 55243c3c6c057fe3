"""A file made fit to be a paper: typed by content, scanned, bare and upright, within the edition's bounds (rules 12).

What is only too large is brought into bounds here. A photo of other proportions has to be cut by somebody who looks
at it: NeedsCrop.
"""

import hashlib
from dataclasses import dataclass

from django.db import models

from certification.records import pdfs, pictures, scanning
from certification.records.content import JPEG, PDF, PNG, image_size, require_type
from certification.records.models import Scan, StoredFile
from certification.refusals import Refusal
from exams.materials import paper_standards
from exams.materials.paper_standards import PhotoStandard, ScanStandard
from exams.models import ClassMaterialKind, MaterialKind

PICTURES = (JPEG, PNG)
TYPES = (JPEG, PNG, PDF)
ENDINGS = {JPEG: "jpg", PNG: "png", PDF: "pdf"}
# Two sides are of the same proportions where they differ by no more than one part in so many.
_ONE_IN = 100


class WrongFile(Refusal):
    """A file that cannot be this paper: wrong type by content, too large, too small to read, too many pages."""

    code = "wrong_file"


class NeedsCrop(WrongFile):
    """A sound picture of which a part has to be chosen before it can be the photo."""

    code = "photo_pixels"


@dataclass(frozen=True)
class Sound:
    """A file of a kind that may be kept at all: scanned, and where it is a picture bare and upright. ``sha256`` is of
    the file as it came."""

    content: bytes
    media_type: str
    sha256: str
    scan: Scan


def sound(content: bytes, name: str) -> Sound:
    """Judge, scan and clean a file, whichever paper it is; raises Incomplete, Infected, ScannerUnavailable."""
    media_type = require_type(content, TYPES, "file")
    found = scanning.scan(content, name=name)
    cleaned = pictures.clean(content, media_type) if media_type in PICTURES else content
    return Sound(cleaned, media_type, hashlib.sha256(content).hexdigest(), found)


def keep(content: bytes, name: str, owner: models.Model, *, actor, now) -> StoredFile:
    """Store a file under ``owner`` as it came, once it is ``sound``; raises what that does."""
    file = sound(content, name)
    given = {"media_type": file.media_type, "scan": file.scan}
    return StoredFile.store(file.content, name=name, owner=owner, actor=actor, now=now, **given)


def fitted(file: Sound, kind: str, name: str, edition) -> Sound:
    """The file within the bounds of ``edition`` for a paper of ``kind``; raises WrongFile, NeedsCrop."""
    if kind == MaterialKind.PHOTO:
        return _photo(file, name, paper_standards.photo_standard(edition))
    label = MaterialKind(kind).label if kind in MaterialKind.values else ClassMaterialKind(kind).label
    return _scan(file, label, name, paper_standards.scan_standard(kind, edition))


def photo_within(file: Sound, frame: pictures.Frame, edition) -> Sound:
    """The part of a picture that somebody chose as the photo, of the size that ``edition`` asks for."""
    standard = paper_standards.photo_standard(edition)
    try:
        content = pictures.framed(
            file.content, frame, size=(standard.width, standard.height), max_bytes=standard.max_kilobytes * 1024
        )
    except ValueError:
        raise WrongFile("裁剪框超出了图片范围。", code="frame", advice="请调整裁剪框后重试。") from None
    return Sound(content, JPEG, file.sha256, file.scan)


def wanted_photo(standard: PhotoStandard) -> str:
    """What a photo must be like, in a sentence."""
    return f"照片应为 {standard.width}×{standard.height} 像素的 JPG，不超过 {standard.max_kilobytes} KB。"


def _photo(file: Sound, name: str, standard: PhotoStandard) -> Sound:
    wanted = wanted_photo(standard)
    if file.media_type not in PICTURES:
        raise WrongFile(f"“{name}”不是图片，不符合照片要求。", code="photo_type", advice=wanted)
    size = (standard.width, standard.height)
    width, height = image_size(file.content)
    exact = (width, height) == size and file.media_type in standard.media_types
    if exact and len(file.content) <= standard.max_kilobytes * 1024:
        return file
    if width < standard.width or height < standard.height:
        raise WrongFile(
            f"“{name}”为 {width}×{height} 像素，小于照片要求的 {standard.width}×{standard.height} 像素。",
            code="photo_small",
            advice=f"{wanted}请重新拍摄，不要放大旧照片。",
        )
    if not _same_proportions((width, height), size):
        raise NeedsCrop(f"“{name}”为 {width}×{height} 像素，比例不符合照片要求。", advice=f"{wanted}请裁剪出头像部分。")
    whole = pictures.Frame(0, 0, width, height)
    content = pictures.framed(file.content, whole, size=size, max_bytes=standard.max_kilobytes * 1024)
    return Sound(content, JPEG, file.sha256, file.scan)


def _same_proportions(found: tuple[int, int], wanted: tuple[int, int]) -> bool:
    across, along = found[0] * wanted[1], found[1] * wanted[0]
    return abs(across - along) * _ONE_IN <= max(across, along)


def _scan(file: Sound, label: str, name: str, standard: ScanStandard) -> Sound:
    if file.media_type not in standard.media_types:
        wanted = "、".join(ENDINGS[one].upper() for one in standard.media_types)
        raise WrongFile(f"“{name}”的类型不能作为{label}，应为{wanted}。", code="wrong_type")
    if file.media_type == PDF:
        return _pages_within(file, label, name, standard)
    short, long = sorted(image_size(file.content))
    if short < standard.min_short_side:
        raise WrongFile(
            f"“{name}”短边只有 {short} 像素，看不清{label}，应不少于 {standard.min_short_side} 像素。",
            code="too_small",
            advice="请重新扫描或拍摄。",
        )
    largest = standard.max_kilobytes * 1024
    if long <= standard.max_long_side and len(file.content) <= largest:
        return file
    try:
        content = pictures.bounded(file.content, longest=standard.max_long_side, max_bytes=largest)
    except ValueError:
        raise _too_large(file, label, name, standard) from None
    return Sound(content, JPEG, file.sha256, file.scan)


def _pages_within(file: Sound, label: str, name: str, standard: ScanStandard) -> Sound:
    pages = pdfs.pages(file.content)
    if not pages:
        raise WrongFile(f"“{name}”中没有页面。", code="no_pages", advice="请重新扫描后上传。")
    if pages > standard.max_pages:
        raise WrongFile(
            f"“{name}”有 {pages} 页，{label}不超过 {standard.max_pages} 页。",
            code="too_many_pages",
            advice="请只上传该材料本身。",
        )
    if len(file.content) > standard.max_kilobytes * 1024:
        raise _too_large(file, label, name, standard)
    return file


def _too_large(file: Sound, label: str, name: str, standard: ScanStandard) -> WrongFile:
    return WrongFile(
        f"“{name}”有 {len(file.content) // 1024} KB，{label}不超过 {standard.max_kilobytes} KB。",
        code="too_large",
        advice="请降低扫描分辨率后上传。",
    )
