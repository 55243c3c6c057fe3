"""A message as it leaves the house."""

from dataclasses import dataclass
from urllib.parse import urljoin

from django.conf import settings


@dataclass(frozen=True)
class Outgoing:
    """Title and text, with the full address of the page to open ("" for none)."""

    title: str
    body: str
    link: str

    @property
    def text(self) -> str:
        """The body with the link below it."""
        return "\n\n".join(part for part in (self.body, self.link) if part)


def absolute(path: str) -> str:
    """A path of this site as people reach it from outside."""
    return urljoin(settings.SITE_URL, path) if path else ""
