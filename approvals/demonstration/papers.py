"""Specimen papers of the demonstration: a drawn photo of the right size, and scans that say what they stand for."""

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from certification.documents import typefaces
from exams.models import MaterialKind

PHOTO_SIZE = (295, 413)
SCAN_SIZE = (640, 404)
_GROUNDS = ("#dfe9f5", "#f0f0f0", "#e6f0e6")
_COATS = ("#33506f", "#5a4a42", "#3f5d4a", "#4b4b63")
_INK = "#3a3a3a"


def paper(kind: MaterialKind, place: int) -> tuple[str, bytes]:
    """File name and content of a paper of ``kind`` for the applicant at ``place`` of a class."""
    if kind == MaterialKind.PHOTO:
        return "照片.jpg", photo(place % (len(_GROUNDS) * len(_COATS)))
    return f"{kind.label}.jpg", scan(kind.label)


@cache
def photo(number: int) -> bytes:
    """A drawn portrait of nobody, 295 × 413 pixels."""
    image = Image.new("RGB", PHOTO_SIZE, _GROUNDS[number % len(_GROUNDS)])
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 270, 255, 520), fill=_COATS[number % len(_COATS)])
    draw.ellipse((85, 80, 210, 260), fill="#e2c4a8")
    draw.pieslice((80, 62, 215, 230), 180, 360, fill=_INK)
    return _jpeg(image)


@cache
def scan(title: str) -> bytes:
    """A card that bears its name and says that it is a specimen."""
    image = Image.new("RGB", SCAN_SIZE, "#f7f5ef")
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((16, 16, SCAN_SIZE[0] - 16, SCAN_SIZE[1] - 16), radius=18, outline=_INK, width=3)
    draw.text((SCAN_SIZE[0] / 2, 150), title, fill=_INK, anchor="mm", font=_font(52))
    draw.text((SCAN_SIZE[0] / 2, 250), "演示样张", fill="#8a8a8a", anchor="mm", font=_font(32))
    return _jpeg(image)


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(typefaces.files()[typefaces.SANS], size)


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
