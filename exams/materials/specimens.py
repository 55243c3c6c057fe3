"""Drawn papers that belong to nobody: a portrait of the right size, and scans that say that they are specimens.

For the demonstration province and for the sample files; the same input gives the same bytes.
"""

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from certification.documents import typefaces

PHOTO_SIZE = (295, 413)
SCAN_SIZE = (640, 404)
SNAPSHOT_SIZE = (960, 720)
MARK = "演示样张"
_GROUNDS = ("#dfe9f5", "#f0f0f0", "#e6f0e6")
_COATS = ("#33506f", "#5a4a42", "#3f5d4a", "#4b4b63")
_INK, _PALE = "#3a3a3a", "#8a8a8a"
# So many portraits look different.
PORTRAITS = len(_GROUNDS) * len(_COATS)


@cache
def photo(number: int) -> bytes:
    """A drawn portrait of nobody, 295 × 413 pixels; ``number`` chooses ground and coat."""
    image = Image.new("RGB", PHOTO_SIZE, _GROUNDS[number % len(_GROUNDS)])
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 270, 255, 520), fill=_COATS[number % len(_COATS)])
    draw.ellipse((85, 80, 210, 260), fill="#e2c4a8")
    draw.pieslice((80, 62, 215, 230), 180, 360, fill=_INK)
    return _jpeg(image)


@cache
def snapshot(number: int) -> bytes:
    """A drawn portrait in the middle of a wide picture, as a phone takes it: a part has to be chosen."""
    image = Image.new("RGB", SNAPSHOT_SIZE, _GROUNDS[number % len(_GROUNDS)])
    with Image.open(BytesIO(photo(number))) as portrait:
        height = SNAPSHOT_SIZE[1] - 60
        enlarged = portrait.resize((height * PHOTO_SIZE[0] // PHOTO_SIZE[1], height))
    image.paste(enlarged, ((SNAPSHOT_SIZE[0] - enlarged.width) // 2, 60))
    return _jpeg(image)


@cache
def scan(title: str, *lines: str) -> bytes:
    """A card that bears its title and ``lines`` (at most three) and says that it is a specimen."""
    image = Image.new("RGB", SCAN_SIZE, "#f7f5ef")
    draw = ImageDraw.Draw(image)
    middle = SCAN_SIZE[0] / 2
    draw.rounded_rectangle((16, 16, SCAN_SIZE[0] - 16, SCAN_SIZE[1] - 16), radius=18, outline=_INK, width=3)
    draw.text((middle, 110 if lines else 150), title, fill=_INK, anchor="mm", font=_font(52))
    for place, line in enumerate(lines):
        draw.text((middle, 190 + 44 * place), line, fill=_INK, anchor="mm", font=_font(28))
    draw.text((middle, 340 if lines else 250), MARK, fill=_PALE, anchor="mm", font=_font(32))
    return _jpeg(image)


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(typefaces.files()[typefaces.SANS], size)


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
