"""The guide to the electronic certificate: where the holder fetches it. QR codes lead to the official pages only and
are drawn here; the certificate itself is not imitated (方案三（五）)."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from io import BytesIO

import segno
from django.utils.safestring import SafeString, mark_safe

from certification.rulebook import lookup


@dataclass(frozen=True)
class Place:
    """An official page: its name, its address, and the address as a QR code (SVG)."""

    label: str
    address: str
    code: SafeString


@dataclass(frozen=True)
class Guide:
    """The sites, and the name of the WeChat account, which is searched for by name."""

    places: list[Place]
    wechat: str
    clause: str


def guide(day: date) -> Guide:
    """The places of the edition in force on ``day``."""
    values = lookup.values("certificate", "electronic", day)
    pages = values["pages"]
    return Guide(
        [Place(page["label"], page["url"], qr(page["url"])) for page in pages], values["wechat"], "方案三（五）"
    )


@lru_cache(maxsize=16)
def qr(text: str) -> SafeString:
    """``text`` as the SVG of a QR code with its quiet zone, black on white, without a size of its own."""
    stream = BytesIO()
    segno.make(text, error="m", micro=False).save(
        stream, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, dark="#000", light="#fff", svgclass=None
    )
    return mark_safe(stream.getvalue().decode())  # noqa: S308 our own drawing of an address of the rules
