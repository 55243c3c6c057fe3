"""Pictures made fit to keep: without what a camera writes beside them (place, owner, device), upright, in bounds.

Everything here takes content that ``content.require_type`` has passed. What is written beside a picture, and
whatever hangs behind its end, is not copied: neither a place nor another file travels along.
"""

import io
import struct
from dataclasses import dataclass

from PIL import Image, ImageOps

from certification.records.content import JPEG, decoding

_ORIENTATION = 0x0112
# JPEG: what a decoder needs. APP2 only as a colour profile, everything else beside the picture goes.
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_APP0, _APP2, _APP14, _APP15, _COMMENT = 0xE0, 0xE2, 0xEE, 0xEF, 0xFE
_START_OF_SCAN, _END = 0xDA, 0xD9
_PROFILE = b"ICC_PROFILE\x00"
# PNG: chunks that belong to the picture itself.
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs"}
)
_QUALITIES = (92, 88, 84, 80, 74, 68, 60, 50, 40, 30)


@dataclass(frozen=True)
class Frame:
    """Which part of a picture is kept, in pixels of it turned clockwise by ``turned`` degrees (0, 90, 180, 270)."""

    left: int
    top: int
    width: int
    height: int
    turned: int = 0


def clean(content: bytes, media_type: str) -> bytes:
    """The same picture, upright, with nothing beside it. Untouched pixels where no turning was needed."""
    with decoding(), Image.open(io.BytesIO(content)) as image:
        turned = image.getexif().get(_ORIENTATION, 1) not in (0, 1)
        if turned:
            upright = ImageOps.exif_transpose(image)
            return _encoded(upright, media_type)
    stripped = _bare_jpeg(content) if media_type == JPEG else _bare_png(content)
    if stripped is not None:
        return stripped
    with decoding(), Image.open(io.BytesIO(content)) as image:
        return _encoded(image, media_type)


def framed(content: bytes, frame: Frame, *, size: tuple[int, int] | None = None, max_bytes: int) -> bytes:
    """The part of the picture in ``frame`` as a JPG of at most ``max_bytes``, scaled to ``size`` where one is named.

    Raises ValueError where the frame leaves the picture or no quality is small enough.
    """
    with decoding(), Image.open(io.BytesIO(content)) as image:
        picture = _opaque(image.rotate(-frame.turned, expand=True) if frame.turned else image)
    box = (frame.left, frame.top, frame.left + frame.width, frame.top + frame.height)
    if min(frame.left, frame.top) < 0 or min(frame.width, frame.height) < 1:
        raise ValueError("frame outside the picture")
    if box[2] > picture.width or box[3] > picture.height:
        raise ValueError("frame outside the picture")
    picture = picture.crop(box)
    if size:
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    return _within(picture, max_bytes)


def bounded(content: bytes, *, longest: int, max_bytes: int) -> bytes:
    """The picture as a JPG whose longer side has at most ``longest`` pixels, of at most ``max_bytes``."""
    with decoding(), Image.open(io.BytesIO(content)) as image:
        picture = _opaque(image)
    if max(picture.size) > longest:
        picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return _within(picture, max_bytes)


def turned_size(size: tuple[int, int], turned: int) -> tuple[int, int]:
    """Width and height of a picture of ``size`` after turning."""
    return (size[1], size[0]) if turned in (90, 270) else size


def largest_frame(size: tuple[int, int], wanted: tuple[int, int], *, turned: int = 0) -> Frame:
    """The largest frame of the proportions of ``wanted`` within a picture: middle, a little above the centre."""
    width, height = turned_size(size, turned)
    if width * wanted[1] > height * wanted[0]:
        inner = (height * wanted[0] // wanted[1], height)
    else:
        inner = (width, width * wanted[1] // wanted[0])
    return Frame((width - inner[0]) // 2, (height - inner[1]) // 3, max(inner[0], 1), max(inner[1], 1), turned)


def _within(picture: Image.Image, max_bytes: int) -> bytes:
    for quality in _QUALITIES:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= max_bytes:
            return out.getvalue()
    raise ValueError("no quality is small enough")


def _encoded(image: Image.Image, media_type: str) -> bytes:
    out = io.BytesIO()
    if media_type == JPEG:
        _opaque(image).save(out, "JPEG", quality=92, optimize=True)
    else:
        bare = image.copy()
        bare.info = {name: value for name, value in image.info.items() if name == "transparency"}
        bare.save(out, "PNG", optimize=True)
    return out.getvalue()


def _opaque(image: Image.Image) -> Image.Image:
    """In the three colours of a JPG, on white, with nothing beside the picture."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    plain = image.convert("RGB")
    plain.info = {}
    return plain


def _bare_jpeg(content: bytes) -> bytes | None:
    """The picture's own segments up to its end; None where they cannot be followed."""
    kept, place = [content[:2]], 2
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            return None
        marker = content[place + 1]
        if marker == 0xFF:  # filling
            place += 1
            continue
        if marker == _END:
            return b"".join([*kept, b"\xff\xd9"])
        end = place + 2 if marker in _ALONE else place + 2 + struct.unpack(">H", content[place + 2 : place + 4])[0]
        if marker == _START_OF_SCAN:
            end = _end_of_scan(content, end)
        if end > len(content):
            return None
        if _belongs(marker, content[place + 4 : place + 4 + len(_PROFILE)]):
            kept.append(content[place:end])
        place = end
    # Some cameras leave the end mark out; the two bytes at the very end are not enough for another segment.
    return b"".join([*kept, b"\xff\xd9"]) if content[place : place + 2] == b"\xff\xd9" else None


def _belongs(marker: int, start: bytes) -> bool:
    if marker == _APP2:
        return start == _PROFILE
    return marker in (_APP0, _APP14) or not (_APP0 <= marker <= _APP15 or marker == _COMMENT)


def _end_of_scan(content: bytes, start: int) -> int:
    """Where the compressed data from ``start`` ends: at the next mark that is neither filling nor a restart."""
    place = start
    while (place := content.find(b"\xff", place)) != -1 and place + 1 < len(content):
        if content[place + 1] != 0 and not 0xD0 <= content[place + 1] <= 0xD7:
            return place
        place += 2
    return len(content) + 1


def _bare_png(content: bytes) -> bytes | None:
    """The picture's own chunks up to its end; None where they cannot be followed."""
    kept, place = [content[:8]], 8
    while place + 12 <= len(content):
        length = struct.unpack(">I", content[place : place + 4])[0]
        name, end = content[place + 4 : place + 8], place + 12 + length
        if end > len(content):
            return None
        if name in _PNG_KEPT:
            kept.append(content[place:end])
        if name == b"IEND":
            return b"".join(kept)
        place = end
    return None
