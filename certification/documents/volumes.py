"""Long documents: rendered in pieces and bound into one PDF with one tree of bookmarks.

WeasyPrint keeps every box of a document in memory until its last page is drawn; a piece is given back before the next
begins, and bound pages are kept as they were compressed. The same pieces give the same bytes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from itertools import islice
from typing import IO, Any, TypeVar

from django.template.loader import render_to_string
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, create_string_object

from certification.documents.rendering import Rendered, render
from certification.refusals import telling_of_full_disk

Row = TypeVar("Row")


class Volume:
    """One PDF made of many. ``title`` is what readers show at the top of the window."""

    def __init__(self, title: str):
        self._writer = PdfWriter()
        self._writer.metadata = {NameObject("/Title"): create_string_object(title)}
        self._writer.root_object[NameObject("/Lang")] = create_string_object("zh-Hans")
        self._parents: list[tuple[int, Any]] = []

    @property
    def pages(self) -> int:
        return len(self._writer.pages)

    def add(self, template_name: str, context: Mapping[str, Any], *, below: int = 0) -> Rendered:
        """Render a template and bind it in, its headings as bookmarks ``below`` so many levels of what stands already.
        Raises what ``render_pdf`` raises."""
        rendered = render(render_to_string(template_name, dict(context)))
        rendered = replace(rendered, headings=[(level + below, *rest) for level, *rest in rendered.headings])
        # pypdf keeps every reader; closed, its copy of the piece is given back.
        with BytesIO(rendered.content) as stream:
            self.bind(stream, rendered.headings)
        return rendered

    def bind(self, stream: IO[bytes], headings: Iterable[tuple[int, str, int]] = ()) -> None:
        """Bind in a PDF; ``headings`` are (level from 1, text, page from 0 within it)."""
        first = self.pages
        self._writer.append(PdfReader(stream), import_outline=False)
        for level, text, page in headings:
            self.bookmark(text, first + page, level)

    def bookmark(self, text: str, page: int, level: int = 1) -> None:
        """A bookmark below the last one of a higher level."""
        while self._parents and self._parents[-1][0] >= level:
            self._parents.pop()
        parent = self._parents[-1][1] if self._parents else None
        self._parents.append((level, self._writer.add_outline_item(title=text, page_number=page, parent=parent)))

    def write(self, stream: IO[bytes]) -> None:
        """Write the PDF; raises DiskFull."""
        with telling_of_full_disk():
            self._writer.write(stream)

    def content(self) -> bytes:
        """The PDF as bytes, for what is known to be small."""
        stream = BytesIO()
        self.write(stream)
        return stream.getvalue()


def chunks(rows: Sequence[Row] | Iterator[Row], size: int) -> Iterator[list[Row]]:
    """``rows`` in lists of ``size``."""
    source = iter(rows)
    while piece := list(islice(source, size)):
        yield piece
