"""HTML to PDF with WeasyPrint: our own typefaces, no network, the same bytes for the same input.

The typefaces are files (``typefaces.py``); the machine's own are kept out, so that a letter looks the same
wherever it is made and a character that no typeface has is an error and not a box.
"""

import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from threading import Lock
from typing import Any

from django.template.loader import render_to_string

from certification.documents import typefaces
from certification.refusals import Outage

# Pango and fontconfig are not made for two renderings at once in one process.
_one_at_a_time = Lock()
_MISSING = re.compile(r"\(U\+([0-9A-F]{4,6})\)")


class MissingGlyphs(Outage):
    """The document holds characters that none of the typefaces has. ``characters`` are these, each once."""

    code = "missing_glyphs"

    def __init__(self, characters: str):
        points = "、".join(f"“{character}”（U+{ord(character):04X}）" for character in characters)
        super().__init__(
            f"文书中有字库缺少的字：{points}。", advice="请系统管理员在设置 DOCUMENT_TYPEFACES 中增加含有该字的字库。"
        )
        self.characters = characters


class RendererMissing(Outage):
    """Pango is not installed on this machine."""

    code = "renderer_missing"

    def __init__(self, reason: object):
        super().__init__(
            f"无法生成 PDF：服务器缺少 Pango 组件（{reason}）。",
            advice="请安装系统软件包 libpango-1.0-0、libpangoft2-1.0-0 和 libharfbuzz-subset0。",
        )


@dataclass(frozen=True)
class Rendered:
    """A document: its bytes, how many pages it has, and its headings in order as (level, text, page from 0)."""

    content: bytes
    pages: int
    headings: list[tuple[int, str, int]]


class ForbiddenSource(Exception):
    """A template names an address that documents may not draw on: a mistake in the template."""


def render_pdf(template_name: str, context: Mapping[str, Any]) -> bytes:
    """Render a Django template to PDF. The same template and context give the same bytes.

    Only our own files and ``data:`` addresses are read, nothing is fetched. Raises MissingGlyphs where a
    character could not be set, TypefaceMissing where a file of the typefaces is not there, and RendererMissing where
    the machine has no Pango.
    """
    return html_to_pdf(render_to_string(template_name, dict(context)))


def html_to_pdf(html: str) -> bytes:
    """``render_pdf`` for HTML that is already there."""
    return render(html).content


def render(html: str) -> Rendered:
    """``html_to_pdf`` with what one needs to bind several documents into one (``volumes``)."""
    weasyprint, sources = _engine()
    with _one_at_a_time, _listening() as missing:
        stylesheets, fonts = _typefaces()
        try:
            document = weasyprint.HTML(string=html, url_fetcher=sources.OwnFilesOnly()).render(
                stylesheets=stylesheets, font_config=fonts
            )
            # Without an identifier of its own, which PDF 1.7 leaves open: for one, every stream is compressed twice.
            content = document.write_pdf()
        except sources.Refused as refused:
            raise ForbiddenSource(str(refused)) from refused
        headings = list(_headings(document.make_bookmark_tree()))
    if missing:
        raise MissingGlyphs("".join(sorted(missing)))
    return Rendered(content, len(document.pages), headings)


def _headings(tree, level: int = 1) -> Iterator[tuple[int, str, int]]:
    for label, (page, _x, _y), children, _state in tree:
        yield level, label, page
        yield from _headings(children, level + 1)


def _engine():
    """WeasyPrint and what we build on it, loaded at first use: importing it fails where Pango is missing."""
    try:
        with typefaces.machine_fonts_hidden(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="No fonts configured")
            return import_module("weasyprint"), import_module("certification.documents.sources")
    except OSError as error:
        raise RendererMissing(error) from error


@cache
def _typefaces():
    """Stylesheets and font configuration, loaded once per process: the typefaces are 20 MB."""
    weasyprint, sources = _engine()
    typefaces.require_files()
    with typefaces.machine_fonts_hidden():
        fonts = import_module("weasyprint.text.fonts").FontConfiguration()
        sheet = weasyprint.CSS(string=typefaces.css(), font_config=fonts, url_fetcher=sources.OwnFilesOnly())
    return [sheet], fonts


def forget_typefaces() -> None:
    """Drop the loaded typefaces: at the end of a process, or where the setting changed."""
    _typefaces.cache_clear()


class _Collector(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.missing: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if "notdef" in message:
            self.missing.update(chr(int(point, 16)) for point in _MISSING.findall(message))


@contextmanager
def _listening() -> Iterator[set[str]]:
    """Missing glyphs are only ever logged by WeasyPrint; within the block they are collected."""
    logger = logging.getLogger("weasyprint")
    collector = _Collector()
    logger.addHandler(collector)
    try:
        yield collector.missing
    finally:
        logger.removeHandler(collector)
