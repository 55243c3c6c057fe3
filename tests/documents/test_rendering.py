import subprocess
import sys
from datetime import date
from io import BytesIO

import pypdf
import pytest

from certification.documents import rendering
from certification.documents.images import data_uri
from certification.documents.rendering import (
    ForbiddenSource,
    MissingGlyphs,
    RendererMissing,
    html_to_pdf,
    render_pdf,
)
from certification.documents.typefaces import TypefaceMissing
from tests.spreadsheets.corpus import png

CONTEXT = {
    "authority": "云岭省应急管理厅",
    "number": "云应急许决〔2026〕12号",
    "title": "不予行政许可决定书",
    "signed_on": date(2026, 11, 23),
}
MM = 72 / 25.4


def pages(content: bytes):
    return pypdf.PdfReader(BytesIO(content)).pages


def text(content: bytes) -> str:
    return "".join(page.extract_text() for page in pages(content))


def letter(body: str) -> bytes:
    return html_to_pdf(
        '<!doctype html><html lang="zh-Hans"><head><title>t</title>'
        f'<link rel="stylesheet" href="own:/documents/letters.css"></head><body>{body}</body></html>'
    )


def test_an_official_letter_names_authority_number_title_and_date():
    content = render_pdf("documents/official.html", CONTEXT)
    (page,) = pages(content)
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
    for words in (CONTEXT["authority"], CONTEXT["number"], CONTEXT["title"], "2026年11月23日", "— 1 —"):
        assert words in text(content)


def test_a_page_of_a_letter_has_22_lines_of_28_characters_within_the_margins():
    found = []

    def visit(piece, _transformation, matrix, _font, _size):
        if "国" in piece:
            found.append((piece.count("国"), matrix[4], matrix[5]))

    assert len(pages(letter("国" * 28 * 22))) == 1
    first, _second = pages(letter("国" * 28 * 24))
    assert first.extract_text(visitor_text=visit).count("国") == 28 * 22
    assert min(x for _, x, _ in found) == pytest.approx(28 * MM * 4 / 3, abs=1)  # in CSS pixels


def test_the_same_input_gives_the_same_bytes_in_this_process_and_in_another():
    content = render_pdf("documents/official.html", CONTEXT)
    assert render_pdf("documents/official.html", CONTEXT) == content
    program = (
        "import sys, django; django.setup()\n"
        "from certification.documents.rendering import render_pdf\n"
        "from tests.documents.test_rendering import CONTEXT\n"
        "sys.stdout.buffer.write(render_pdf('documents/official.html', CONTEXT))"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        env={"DJANGO_SETTINGS_MODULE": "certification.settings.test", "PYTHONHASHSEED": "7", "PATH": "/usr/bin:/bin"},
    )
    assert other.stdout == content


def test_nothing_in_the_file_tells_when_it_was_made():
    assert not {"/CreationDate", "/ModDate"} & set(pypdf.PdfReader(BytesIO(letter("一"))).metadata or {})


@pytest.mark.parametrize("name", ["张䶮", "王㛃", "李𬭚", "赵𠅤", "阿依古丽·买买提", "喆堃犇"])
def test_rare_names_are_set(name):
    for template in ("documents/official.html", "documents/plain.html"):
        assert name in text(render_pdf(template, {**CONTEXT, "title": name}))


def test_a_character_that_no_typeface_has_is_an_error_that_names_it():
    with pytest.raises(MissingGlyphs, match="U\\+235D7") as missing:
        letter("张\U000235d7和\U000235d7")
    assert missing.value.characters == "\U000235d7"
    assert text(letter("下一份照常"))


def test_only_our_typefaces_are_in_the_file():
    content = render_pdf("documents/official.html", CONTEXT)
    fonts = {font["/BaseFont"].split("+")[1] for page in pages(content) for font in _fonts(page)}
    assert fonts <= {"Document-Serif", "Document-Sans"}


def _fonts(page):
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


@pytest.mark.parametrize(
    "source", ["https://example.com/x.png", "http://127.0.0.1/", "file:///etc/passwd", "ftp://x/y", "own:/nothing.css"]
)
def test_nothing_is_fetched(source):
    with pytest.raises(ForbiddenSource):
        letter(f'<img src="{source}">')


def test_pictures_come_along_as_data():
    content = letter(f'<img src="{data_uri(png(), "image/png")}">')
    assert pages(content)[0].images


def test_plain_documents_number_their_pages_and_repeat_the_head_of_tables():
    rows = "<tr><td>张三</td></tr>" * 90
    content = html_to_pdf(
        '<html><head><link rel="stylesheet" href="own:/documents/plain.css"></head><body class="wide"><h1>签到表</h1>'
        f"<table><thead><tr><th>姓名</th></tr></thead><tbody>{rows}</tbody></table></body></html>"
    )
    found = pages(content)
    assert len(found) > 2
    assert found[0].mediabox.width > found[0].mediabox.height
    for number, page in enumerate(found, start=1):
        assert "姓名" in page.extract_text()
        assert f"第 {number} 页，共 {len(found)} 页" in page.extract_text()


@pytest.mark.parametrize("content", [None, b"<html>not a typeface</html>"], ids=["missing", "no typeface"])
def test_a_typeface_that_cannot_be_read_is_an_error_that_names_its_file(content, settings, tmp_path):
    path = tmp_path / "simfang.ttf"
    if content:
        path.write_bytes(content)
    settings.DOCUMENT_TYPEFACES = {"Document FangSong": str(path)}
    rendering.forget_typefaces()
    try:
        with pytest.raises(TypefaceMissing, match="simfang.ttf"):
            letter("一")
    finally:
        settings.DOCUMENT_TYPEFACES = {}
        rendering.forget_typefaces()


def test_without_pango_the_message_says_what_to_install(monkeypatch):
    def fail(name, *args):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args)

    real = rendering.import_module
    monkeypatch.setattr(rendering, "import_module", fail)
    with pytest.raises(RendererMissing, match="libpangoft2"):
        letter("一")
