"""HTML to PDF with WeasyPrint: our own typefaces, no network, the same bytes for the same input."""

from collections.abc import Mapping
from typing import Any


def render_pdf(template_name: str, context: Mapping[str, Any]) -> bytes:
    """Render a Django template to PDF."""
    raise NotImplementedError
