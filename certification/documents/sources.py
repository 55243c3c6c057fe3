"""What a document may draw on: our own static files and typefaces, and data: addresses. Nothing from a network."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.contrib.staticfiles import finders
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from certification.documents import typefaces

_MEDIA_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}


class Refused(FatalURLFetchingError):
    """A document names an address that it may not draw on. Fatal, or WeasyPrint would only leave the image out."""


class OwnFilesOnly(URLFetcher):
    """Serves ``own:/css/x.css`` from the static files, the typefaces' files, and data: addresses; refuses the rest."""

    def fetch(self, url, headers=None):
        parts = urlsplit(url)
        if parts.scheme == "data":
            return super().fetch(url, headers)
        path = self._path(parts.scheme, unquote(parts.path))
        if path is None:
            raise Refused(f"documents may not fetch {url}")
        media_type = _MEDIA_TYPES.get(path.suffix, "application/octet-stream")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": media_type})

    @staticmethod
    def _path(scheme: str, path: str) -> Path | None:
        if scheme == "file":
            return Path(path) if Path(path) in typefaces.files().values() else None
        found = finders.find(path.lstrip("/")) if scheme == "own" else None
        return Path(found) if found else None
