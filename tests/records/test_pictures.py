"""Pictures are kept without place, device and hidden files, upright, and in the frame that was asked for."""

import io
import zipfile

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from certification.records import pictures
from certification.records.content import JPEG, PNG, judge, require_type

ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F


def photographed(*, orientation: int = 1, size=(400, 300), tail: bytes = b"") -> bytes:
    """As a phone writes it: place, maker, a comment; the left half red, the right half blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[MAKE] = "PhoneMaker"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (26.0, 35.0, 1.0)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90, exif=exif, comment=b"<script>alert(1)</script>")
    return out.getvalue() + tail


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("evil.exe", b"MZ")
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def test_what_the_camera_wrote_is_gone_and_the_pixels_are_the_same():
    before = photographed()
    after = pictures.clean(before, JPEG)
    assert b"PhoneMaker" in before
    assert not [word for word in (b"PhoneMaker", b"Exif", b"script") if word in after]
    assert dict(opened(after).getexif()) == {}
    assert opened(after).tobytes() == opened(before).tobytes()
    assert pictures.clean(after, JPEG) == after


def test_a_picture_taken_sideways_is_put_upright():
    upright = opened(pictures.clean(photographed(orientation=6), JPEG))
    assert upright.size == (300, 400)
    assert upright.getpixel((150, 30))[0] > 200  # what was left is now on top
    assert upright.getpixel((150, 370))[2] > 200
    assert dict(upright.getexif()) == {}


@pytest.mark.parametrize("tail", [archive(), b"<html><script>alert(1)</script>", b"%PDF-1.7 %%EOF"])
def test_a_second_file_behind_the_picture_does_not_travel_along(tail):
    content = photographed(tail=tail)
    assert require_type(content, [JPEG], "file") == JPEG
    after = pictures.clean(content, JPEG)
    assert tail not in after
    assert not zipfile.is_zipfile(io.BytesIO(after))
    assert opened(after).size == (400, 300)


def test_progressive_and_grey_pictures_are_followed_too():
    for mode, options in (("RGB", {"progressive": True}), ("L", {}), ("CMYK", {})):
        out = io.BytesIO()
        Image.effect_noise((90, 120), 60).convert(mode).save(out, "JPEG", **options)
        after = pictures.clean(out.getvalue(), JPEG)
        assert opened(after).tobytes() == opened(out.getvalue()).tobytes()


def test_text_in_a_png_is_gone():
    told = PngInfo()
    told.add_text("Location", "26.58,106.71")
    told.add_itxt("XML:com.adobe.xmp", "<x/>")
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "green").save(out, "PNG", pnginfo=told)
    after = pictures.clean(out.getvalue() + archive(), PNG)
    assert judge(after) == PNG
    assert not [word for word in (b"Location", b"xmp", b"PK\x03\x04") if word in after]
    assert opened(after).size == (60, 40)


def test_a_frame_is_cut_turned_scaled_and_small_enough():
    noisy = io.BytesIO()
    Image.effect_noise((1600, 1200), 80).convert("RGB").save(noisy, "JPEG", quality=95)
    frame = pictures.largest_frame((1600, 1200), (295, 413), turned=90)
    assert (frame.width, frame.height) == (1142, 1600)
    made = pictures.framed(noisy.getvalue(), frame, size=(295, 413), max_bytes=40 * 1024)
    assert opened(made).size == (295, 413)
    assert len(made) <= 40 * 1024
    with pytest.raises(ValueError):
        pictures.framed(noisy.getvalue(), pictures.Frame(0, 0, 1601, 10), max_bytes=10**6)


def test_the_frame_keeps_what_it_frames():
    left = pictures.framed(photographed(), pictures.Frame(0, 0, 200, 300), max_bytes=10**6)
    assert opened(left).getpixel((100, 100))[0] > 200
    turned = pictures.framed(photographed(), pictures.Frame(0, 0, 300, 200, 90), max_bytes=10**6)
    assert opened(turned).getpixel((150, 100))[0] > 200


def test_large_pictures_are_brought_into_bounds():
    large = io.BytesIO()
    Image.effect_noise((4000, 3000), 60).save(large, "PNG")
    made = pictures.bounded(large.getvalue(), longest=2000, max_bytes=1024 * 1024)
    assert opened(made).size == (2000, 1500)
    assert len(made) <= 1024 * 1024
