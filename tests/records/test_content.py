import io
import zlib

import pypdf
import pytest
from PIL import Image, ImageFile
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from certification.records import content as judging
from certification.records import pdfs
from certification.records.content import judge, require_type
from certification.refusals import Incomplete
from tests.effort import at_most
from tests.spreadsheets import corpus


def picture(image_format: str, size=(295, 413)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (200, 180, 160)).save(buffer, image_format)
    return buffer.getvalue()


def pdf(change=None, **options) -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(595, 842)
    if change:
        change(writer)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def with_script(writer: pypdf.PdfWriter) -> None:
    entries = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(entries)


def raw_pdf(body: bytes) -> bytes:
    return b"%PDF-1.7\n" + body + b"\nstartxref\n9\n%%EOF\n"


def in_object_stream(objects: bytes) -> bytes:
    packed = zlib.compress(objects)
    return raw_pdf(
        b"5 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj"
        % (len(packed), packed)
    )


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (pdf(), judging.PDF),
        (picture("JPEG"), judging.JPEG),
        (picture("PNG"), judging.PNG),
        (corpus.plain(), judging.XLSX),
        (corpus.csv_text().encode("gb18030"), judging.CSV),
        ("一段文字。".encode(), judging.TEXT),
        (b"\xef\xbb\xbf <html><script>", judging.HTML),
        (b"<?xml version='1.0'?><svg onload='x()'/>", judging.HTML),
        (b"PK\x03\x04broken", judging.UNKNOWN),
        (b"MZ\x00\x01", judging.UNKNOWN),
        (b"GIF89a\x00\x00", judging.UNKNOWN),
    ],
)
def test_type_by_content(content, media_type):
    assert judge(content) == media_type


def refused(content: bytes, *allowed: str) -> str:
    with pytest.raises(Incomplete) as refusal:
        require_type(content, allowed or (judging.PDF, judging.JPEG, judging.PNG, judging.XLSX), "photo")
    (problem,) = refusal.value.problems
    assert problem.field == "photo"
    assert problem.advice
    return problem.code


@pytest.mark.parametrize("content", [pdf(), picture("JPEG"), picture("PNG"), corpus.plain()])
def test_sound_files_pass(content):
    allowed = (judging.PDF, judging.JPEG, judging.PNG, judging.XLSX)
    assert require_type(content, allowed, "photo") == judge(content)


def test_wrong_or_unknown_type_empty_and_too_large(settings):
    assert refused(pdf(), judging.JPEG) == "wrong_type"
    assert refused(b"<html>", judging.PDF) == "wrong_type"
    assert refused(b"") == "empty"
    settings.UPLOAD_MAX_BYTES = 10
    assert refused(pdf()) == "too_large"


def test_pictures_cut_off_or_too_many_pixels(monkeypatch):
    # As WeasyPrint leaves it, once a document has been rendered in the same process.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    assert refused(picture("JPEG")[:-200]) == "damaged"
    assert refused(picture("PNG")[:100]) == "damaged"
    monkeypatch.setattr(judging, "MAX_PIXELS", 100)
    assert refused(picture("PNG")) == "too_many_pixels"


def test_a_picture_that_claims_to_be_huge_is_never_decoded():
    content = bytearray(picture("PNG"))
    head = content[12:16] + (60_000).to_bytes(4, "big") * 2 + content[24:29]
    content[12:29] = head
    content[29:33] = zlib.crc32(head).to_bytes(4, "big")
    assert refused(bytes(content)) == "too_many_pixels"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (pdf()[:-60], "damaged"),
        (pdf(lambda writer: writer.encrypt("secret")), "password"),
        (pdf(with_script), "active_content"),
        (pdf(lambda writer: writer.add_attachment("x.exe", b"MZ")), "embedded_files"),
        (raw_pdf(b"1 0 obj <</S /Launch /F (cmd.exe)>> endobj"), "active_content"),
        (raw_pdf(b"1 0 obj <</S /Java#53cript /JS (x)>> endobj"), "active_content"),
        (raw_pdf(b"1 0 obj <</OpenAction <</S /URI /URI (http://x)>> >> endobj"), "active_content"),
        (raw_pdf(b"1 0 obj <</OpenAction 7 0 R>> endobj 7 0 obj <</S /URI>> endobj"), "active_content"),
        (in_object_stream(b"1 0 <</S /JavaScript /JS (app.alert(1))>>"), "active_content"),
        (in_object_stream(b"1 0 <</EmbeddedFiles 3 0 R>>"), "embedded_files"),
        (in_object_stream(b"1 0 <</S /JavaScript>>").replace(b"/ObjStm", b"/Obj#53tm"), "active_content"),
        (pdf() + b"PK\x03\x04 a second file", "trailing_data"),
        (pdf() + b"\n<html><script>alert(1)</script>\n", "trailing_data"),
        (raw_pdf(b"5 0 obj <</Type/ObjStm/Filter/ASCIIHexDecode>>\nstream\n4a4b\nendstream endobj"), "damaged"),
    ],
)
def test_pdfs_that_are_more_than_paper(content, code):
    assert refused(content) == code


def test_an_object_stream_that_inflates_without_end_is_refused():
    assert refused(in_object_stream(bytes(100 * 1024 * 1024))) == "damaged"


@pytest.mark.parametrize(
    "body",
    [
        b"1 0 obj <</OpenAction [3 0 R /FitH 800]>> endobj",
        b"1 0 obj <</OpenAction <</S /GoTo /D [3 0 R /Fit]>> >> endobj",
        b"1 0 obj <</OpenAction 7 0 R>> endobj 7 0 obj [3 0 R /Fit] endobj",
        b"1 0 obj <</A <</S /URI /URI (https://www.mem.gov.cn)>> >> endobj",
    ],
)
def test_opening_at_a_page_and_links_are_harmless(body):
    assert require_type(raw_pdf(body), [judging.PDF], "file") == judging.PDF


def test_workbooks_are_looked_into():
    assert refused(corpus.with_part("xl/vbaProject.bin", b"x")) == "macro"
    assert refused(corpus.honest_bomb()) == "bomb"


def test_image_size():
    assert judging.image_size(picture("JPEG")) == (295, 413)


def test_a_hundred_thousand_streams_take_no_longer_than_they_must():
    packed = zlib.compress(b"1 0 <<>>")
    one = b"<</Type/ObjStm/N 1/First 4>>\nstream\n" + packed + b"\nendstream\n"
    with at_most(100):
        assert require_type(raw_pdf(one * 20_000), [judging.PDF], "file") == judging.PDF


def three_pages(writer: pypdf.PdfWriter) -> None:
    writer.add_blank_page(595, 842)
    writer.add_blank_page(595, 842)


def test_pages_are_counted_wherever_they_stand():
    assert pdfs.pages(pdf()) == 1
    assert pdfs.pages(pdf(three_pages)) == 3
    assert (
        pdfs.pages(in_object_stream(b"4 0 7 20 9 40 <</Type /Page/A 1>>  <</Type/Page /B 22>><</Type /Pages>>  ")) == 2
    )
    saved_again = pdf().replace(b"%%EOF", b"4 0 obj<</Type/Page>>endobj 4 0 obj<</Type /Page>>endobj startxref 1 %%EOF")
    assert pdfs.pages(saved_again) in (1, 2)
